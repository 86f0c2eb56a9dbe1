"""One budget for each registrable domain: how fast its feeds are asked, together. Pure, but for the table of a round.

`a.example.co.uk` and `b.example.co.uk` are one site to those who run it, and limit it as one (by the public suffix list,
private suffixes included: two blogs on one host of blogs are two). A bare address or a name inside a network is asked
by itself: there, one address is often a gateway to a hundred others.
"""

import ipaddress
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache, lru_cache
from http import HTTPStatus

from publicsuffixlist import PublicSuffixList

from aggregator.collect import waiting
from aggregator.model import Budget

_FIRST_DELAY = 1.0
_LONGEST_DELAY = 60.0
_DAY = timedelta(days=1)
_BUSY = frozenset({HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE})
_FORGIVEN_AFTER = timedelta(days=7)


@lru_cache(maxsize=65_536)
def domain_of(host: str) -> str:
    """The registrable domain of a host; the host itself where it has none."""
    name = host.rstrip(".").lower()
    if is_bare(name):
        return name
    return _list().privatesuffix(name) or name


def is_bare(host: str) -> bool:
    """An IP address, or a name without a public suffix."""
    try:
        ipaddress.ip_address(host.strip("[]").partition("%")[0])
    except ValueError:
        return _list().publicsuffix(host, accept_unknown=False) is None
    return True


@cache
def _list() -> PublicSuffixList:
    return PublicSuffixList()


class Budgets:
    """What is known of each domain, and what a round has learnt."""

    def __init__(self) -> None:
        self._known: dict[str, Budget] = {}
        self._changed: dict[str, Budget] = {}

    def know(self, budgets: Iterable[Budget]) -> None:
        """What was learnt in other rounds, also by other processes."""
        self._known |= {budget.domain: budget for budget in budgets}

    def of(self, domain: str) -> Budget:
        return self._known.get(domain) or Budget(domain=domain)

    def held(self, domain: str, now: datetime) -> Budget | None:
        """The budget of a domain that asked for a pause which is not over."""
        budget = self._known.get(domain)
        return budget if budget is not None and budget.until is not None and budget.until > now else None

    def learn(
        self, domain: str, status: int, headers: Mapping[str, str], now: datetime, *, longest: timedelta
    ) -> None:  # fmt: skip
        """What an answer says about all the feeds of a domain; a pause of `longest` at most."""
        if status not in _BUSY and domain not in self._known:
            return
        budget = after_answer(self.of(domain), status, headers, now, longest=longest)
        if budget != self._known.get(domain):
            self._known[domain] = self._changed[domain] = budget

    def changes(self) -> tuple[Budget, ...]:
        """What was learnt since this was asked last."""
        changed = tuple(self._changed.values())
        self._changed.clear()
        return changed


def after_answer(
    budget: Budget, status: int, headers: Mapping[str, str], now: datetime, *, longest: timedelta = _DAY
) -> Budget:  # fmt: skip
    """Twice the delay after each "too many"; a pause for all its feeds where it says how long, and is no bare address.

    The delay is forgotten after a week without a complaint.
    """
    if status in _BUSY:
        pause = None if is_bare(budget.domain) else waiting.pause(headers, now)
        if pause is None and status != HTTPStatus.TOO_MANY_REQUESTS:
            return budget
        until = None if pause is None else now + min(pause, longest)
        delay = min(_LONGEST_DELAY, max(_FIRST_DELAY, budget.delay * 2))
        return replace(budget, delay=delay, until=until, reason=f"it answered {status}", since=now)
    if budget.since is not None and now - budget.since > _FORGIVEN_AFTER and budget.delay:
        return replace(budget, delay=0.0, until=None, reason="no complaint for a week", since=now)
    return budget
