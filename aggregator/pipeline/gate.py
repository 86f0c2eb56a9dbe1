"""Whether an edition may be mailed, and as what: the one answer that compose, publish and deliver go by.

    as designed   render -> lint
    plain         where a template fails, or what it makes has an error: ours without style -> lint
    held          where even that has one: its letters wait, and go out once it passes

Pure but for the templates that it reads: the same answer for the same edition, configuration and templates. So what is
published and goes out is what passed, also when an operator mends a template in between.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from email.utils import parseaddr
from pathlib import Path
from typing import Literal

from sqlalchemy import Connection

from aggregator.config import Config
from aggregator.errors import RenderError
from aggregator.model import TOKEN_PLACEHOLDER, Delivery, Edition, Incident
from aggregator.publish.lint import Finding, Letter, Own, errors, lint
from aggregator.publish.sheet import Mail, Sheet, prepare, prepare_plain, put_together
from aggregator.send import message
from aggregator.store import health

_TOLD = 3
"""Errors of one letter in a reason: `aggregator lint` tells all."""


@dataclass(frozen=True, slots=True)
class Passed:
    """`mail` is what everybody gets, `sheet` what a reader's own letter is put together from; both are None where it is
    held. `reason`: why it is not as designed, empty where it is. `findings` are those about what was linted last.
    """

    how: Literal["designed", "plain", "held"]
    mail: Mail | None = None
    sheet: Sheet | None = None
    findings: tuple[Finding, ...] = ()
    reason: str = ""
    hint: str | None = None

    @property
    def outcome(self) -> str:
        """What is out of the ordinary, for the slot's outcome; empty where nothing is."""
        if self.mail is None:
            return f"held: {self.reason}"
        told = [f"in the plain template: {self.reason}"] if self.how == "plain" else []
        if self.mail.left_out:
            told.append(f"{self.mail.left_out} left to the web, for the mail would be too long")
        return "; ".join(told)


@dataclass(frozen=True, slots=True)
class _Tried:
    mail: Mail | None
    sheet: Sheet | None
    findings: tuple[Finding, ...]
    reason: str
    hint: str | None


def gate(edition: Edition, config: Config, folders: tuple[Path, ...]) -> Passed:
    """Render and lint; what is too long is shortened while it is rendered."""
    first = _try(lambda: prepare(edition, config, folders), edition, config)
    if not first.reason:
        return Passed("designed", first.mail, first.sheet, first.findings)
    second = _try(lambda: prepare_plain(edition, config), edition, config)
    if not second.reason:
        return Passed("plain", second.mail, second.sheet, second.findings, first.reason, first.hint)
    reason = first.reason if second.reason == first.reason else f"{first.reason}; and plain: {second.reason}"
    return Passed("held", findings=second.findings, reason=reason, hint=first.hint or second.hint)


def letter(edition: Edition, config: Config, folders: tuple[Path, ...]) -> Mail:
    """What passed. Raises RenderError where nothing did."""
    passed = gate(edition, config, folders)
    if passed.mail is None:
        raise RenderError(f"{edition.newsletter}/{edition.number} cannot be mailed: {passed.reason}", hint=passed.hint)
    return passed.mail


def _try(make: Callable[[], Sheet], edition: Edition, config: Config) -> _Tried:
    try:
        sheet = make()
        mail = put_together(sheet, edition)
        findings = lint(whole(mail, edition, config))
    except RenderError as error:
        return _Tried(None, None, (), error.message, error.hint)
    wrong = errors(findings)
    told = "; ".join(f"{each.said} ({each.part} line {each.line})" for each in wrong[:_TOLD])
    more = f"; and {len(wrong) - _TOLD} more" if len(wrong) > _TOLD else ""
    return _Tried(mail, sheet, findings, told + more, wrong[0].mend if wrong else None)


def whole(mail: Mail, edition: Edition, config: Config) -> Letter:
    """As a reader gets it: with the head that is sent, where letters are sent at all."""
    own = Own(config.site_url, config.public_url)
    newsletter = config.newsletter(edition.newsletter)
    if config.delivery is None or newsletter is None or message.problems(config):
        return Letter(mail.html, mail.text, own=own)
    prepared = message.prepare(config, newsletter, edition, mail.html, mail.text)
    domain = parseaddr(config.delivery.sender)[1].rpartition("@")[2]
    return Letter(mail.html, mail.text, prepared.letter(_sample(edition, domain), TOKEN_PLACEHOLDER), own)


def _sample(edition: Edition, domain: str) -> Delivery:
    """A letter to nobody, for the few lines of the head that differ from reader to reader."""
    return Delivery(
        id=0,
        newsletter=edition.newsletter,
        number=edition.number,
        subscriber=0,
        email="reader@example.org",
        name=None,
        subscription=0,
        state="planned",
        attempts=0,
        token=0,
        message_id=f"<{'0' * 32}@{domain}>",
        updated=edition.composed,
        due=edition.composed,
        created=edition.composed,
    )


# --- what operators hear ---------------------------------------------------------------------------------


def changes(open_: Sequence[Incident], edition: Edition, passed: Passed, now: datetime) -> tuple[Incident, ...]:
    """One that begins with this edition, and those of its newsletter that are over with it. Pure.

    One for each trouble, however many editions have it; an edition older than the one that it began with ends none.
    """
    kind = None if passed.how == "designed" else passed.how
    ended = [each for each in open_ if each.kind != kind and _number(each) <= edition.number]
    over = tuple(replace(each, closed=now) for each in ended)
    if kind is None or len(ended) < len(open_):
        return over
    subject = f"{edition.newsletter}/{edition.number}"
    return (*over, Incident(subject=subject, kind=kind, opened=now, reason=passed.reason))


def remember(conn: Connection, edition: Edition, passed: Passed, now: datetime) -> tuple[Incident, ...]:
    """Write down what begins and what is over."""
    found = changes(health.open_of_newsletter(conn, edition.newsletter), edition, passed, now)
    health.write(conn, found)
    return found


def _number(incident: Incident) -> int:
    return int(incident.subject.rpartition("/")[2])
