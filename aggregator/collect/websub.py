"""WebSub, the subscriber's side: what to ask of a hub and when, and what to believe of what comes. Pure.

A hub pushes a feed when it changes, so that a source which is pushed may be polled far less often. It earns that: only
a subscription that is verified and under which something has come counts as pushed, and one whose hub keeps quiet
while polling finds news counts no more, until the hub pushes again.
"""

import hmac
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from aggregator.collect import rhythm
from aggregator.collect.budget import domain_of
from aggregator.collect.urls import absolute, host
from aggregator.model import Entry, Hints, Page, PollState, Push, Pushed, PushState

LEASE = timedelta(days=7)
"""What we ask for. The hub decides."""
LONGEST_LEASE = timedelta(days=30)
MISSES = 2
"""So many polls in a row that find what was not pushed, and the hub counts as silent. One may be a race."""
ENDING_TRIES = 4
MOST_WAITING = 10
"""Messages of one source that wait to be read; what is more drops the oldest."""
_FIRST_WAIT = timedelta(minutes=15)
_DAY = timedelta(days=1)
_WEEK = timedelta(days=7)
_SOONEST_RENEWAL = timedelta(minutes=5)
_DOUBLINGS = 7
_LONGEST_URL = 2048
_LONGEST_REASON = 200
_ALGORITHMS = frozenset({"sha1", "sha256", "sha384", "sha512"})
_LINK = re.compile(r"<([^<>]*)>([^<>]*)")
_REL = re.compile(r";\s*rel\s*=\s*(?:\"([^\"]*)\"|([^\s;,\"]+))", re.IGNORECASE)
_SECONDS = re.compile(r"[0-9]{1,10}")
_UNSEEMLY = re.compile(r"[\x00-\x20\x7f-\xa0\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ud800-\udfff]+")


@dataclass(frozen=True, slots=True)
class Offer:
    hub: str
    topic: str


# --- discovery -------------------------------------------------------------------------------------------


def offer(hints: Hints, page: Page) -> Offer | None:
    """Where the feed's changes can be had, and under which name. The answer's Link header goes before the document."""
    hubs, selves = _links(page)
    hub = _best_hub(_usable([*hubs, *hints.hubs], page.final_url))
    topic = _topic(_usable([*selves, hints.self_url], page.final_url), page.final_url)
    return Offer(hub, topic) if hub and topic else None


def _usable(urls: list[str | None], base: str) -> list[str]:
    whole = (absolute(url, base) for url in urls if url)
    return [url for url in whole if url and len(url) <= _LONGEST_URL]


def _links(page: Page) -> tuple[list[str | None], list[str | None]]:
    """Of the Link header: the hubs, and what it calls the feed's own address."""
    found: dict[str, list[str | None]] = {"hub": [], "self": []}
    for address, rest in _LINK.findall(page.headers.get("link", "")):
        rel = _REL.search(rest)
        for name in (rel[1] or rel[2] or "").lower().split() if rel else ():
            if name in found:
                found[name].append(address)
    return found["hub"], found["self"]


def _best_hub(hubs: list[str]) -> str | None:
    """The first that is encrypted, for the secret goes there; else the first."""
    return next((hub for hub in hubs if hub.startswith("https:")), hubs[0] if hubs else None)


def _topic(selves: list[str], final: str) -> str | None:
    """What the feed calls itself, if that is on its own site: no feed has another's news pushed as its own. Else where
    we found it. An address with a user in it is nobody's business.
    """
    topic = next((url for url in selves if url == final or _same_site(url, final)), final)
    return topic if "@" not in urlsplit(topic).netloc and len(topic) <= _LONGEST_URL else None


def _same_site(one: str, other: str) -> bool:
    names = [host(url) for url in (one, other)]
    return len({domain_of(name) for name in names if name is not None}) == 1 and None not in names


# --- asking the hub --------------------------------------------------------------------------------------


def form(push: Push) -> dict[str, str]:
    """What is posted to the hub: to subscribe, to renew (the same), or to unsubscribe."""
    ours = {"hub.topic": push.topic, "hub.callback": push.callback}
    if push.state == "ending":
        return {"hub.mode": "unsubscribe", **ours}
    lease = str(int(LEASE.total_seconds()))
    return {"hub.mode": "subscribe", **ours, "hub.secret": push.secret, "hub.lease_seconds": lease}


def asked(push: Push, now: datetime) -> Push:
    """As it is while the question is under way: as if it had failed, until the hub verifies. So a crash loses nothing,
    and a hub that never answers is asked ever more seldom.
    """
    wait = min(_DAY, _FIRST_WAIT * 2 ** min(push.failures, _DOUBLINGS))
    state: PushState = push.state if push.state in {"verified", "silent", "ending"} else "asked"
    return replace(push, state=state, asked_at=now, due=now + wait, failures=push.failures + 1)


def is_over(push: Push, now: datetime) -> bool:
    """Whether there is nothing to unsubscribe from, or the hub does not listen: its lease runs out by itself."""
    runs = push.lease_until is not None and push.lease_until > now
    return push.state == "ending" and (not runs or push.failures >= ENDING_TRIES)


def ended(push: Push, reason: str, now: datetime) -> Push:
    return replace(push, state="ending", due=now, failures=0, reason=reason)


# --- what the hub says -----------------------------------------------------------------------------------


def wants(push: Push, said: Mapping[str, str]) -> bool:
    """Whether this verification is of what we asked for. A hub may verify again by itself while the lease runs."""
    if said.get("hub.topic") != push.topic or push.asked_at is None:
        return False
    match said.get("hub.mode"):
        case "subscribe":
            return push.state in {"asked", "verified", "silent"} and bool(said.get("hub.challenge"))
        case "unsubscribe":
            return push.state == "ending" and bool(said.get("hub.challenge"))
        case "denied":
            return push.state != "offered"
        case _:
            return False


def verified(push: Push, lease_seconds: str, now: datetime) -> Push:
    """A silent hub stays silent until it pushes: to verify is no proof."""
    lease = lease_of(lease_seconds)
    state: PushState = "silent" if push.state == "silent" else "verified"
    return replace(
        push,
        state=state,
        lease_until=now + lease,
        due=now + max(lease * 2 / 3, _SOONEST_RENEWAL),
        failures=0,
        reason="" if state == "verified" else push.reason,
    )


def lease_of(text: str) -> timedelta:
    """As the hub says, up to a month; what we asked for where it says nothing that makes sense."""
    seconds = int(text) if _SECONDS.fullmatch(text) else 0
    return min(timedelta(seconds=seconds), LONGEST_LEASE) if seconds else LEASE


def denied(push: Push, reason: str, now: datetime) -> Push:
    """Asked again after a week: the hub may have changed its mind, or its owner."""
    said = f"the hub denied it{': ' + reason if reason else ''}"
    return replace(push, state="denied", lease_until=None, due=now + _WEEK, failures=0, reason=said)


def one_line(text: str) -> str:
    """A stranger's words for our journal."""
    return _UNSEEMLY.sub(" ", text).strip()[:_LONGEST_REASON]


# --- what the hub sends ----------------------------------------------------------------------------------


def is_signed(push: Push, signature: str, body: bytes) -> bool:
    """X-Hub-Signature, `algorithm=hex`. SHA-1 is taken too: the hub chooses, the largest one signs with nothing else,
    and as a keyed digest it is not broken.
    """
    algorithm, _, given = signature.strip().partition("=")
    if algorithm.lower() not in _ALGORITHMS:
        return False
    right = hmac.new(push.secret.encode(), body, algorithm.lower()).hexdigest()
    return hmac.compare_digest(right.encode(), given.strip().lower().encode("utf-8", "replace"))


def received(push: Push, now: datetime) -> Push:
    """The hub is at work, whatever we thought of it."""
    state: PushState = "verified" if push.state == "silent" else push.state
    return replace(push, state=state, last_push=now, missed=0, reason="" if state == "verified" else push.reason)


def page(pushed: Pushed) -> Page:
    """As if it had been found at the topic's own address."""
    return Page(
        url=pushed.topic,
        final_url=pushed.topic,
        status=200,
        headers={"content-type": pushed.content_type},
        body=pushed.body,
        received=len(pushed.body),
    )


def brought(state: PollState, entries: Iterable[Entry], now: datetime) -> PollState:
    """A source's state after news came by its hub: it is not quiet, and this is a part of its rhythm."""
    times = [entry.published for entry in entries if entry.published is not None] or [now]
    return replace(state, last_new=now, times=rhythm.with_times(state.times, times, now))


# --- polling beside it -----------------------------------------------------------------------------------


def is_active(push: Push, now: datetime) -> bool:
    """Whether the source may be polled less often: the lease runs, and the hub has shown that it pushes."""
    runs = push.lease_until is not None and push.lease_until > now
    return push.state == "verified" and runs and push.last_push is not None


def polled(push: Push, new: int, now: datetime) -> Push:
    """After a poll that was read and found so many `new` entries: the hub had not pushed those."""
    if not new or push.state != "verified" or push.last_push is None:
        return push
    missed = push.missed + 1
    if missed < MISSES:
        return replace(push, missed=missed)
    reason = f"{missed} polls in a row found what the hub had not pushed"
    return replace(push, missed=missed, state="silent", due=min(push.due, now + _DAY), reason=reason)


def why(push: Push, now: datetime) -> str:
    """The rule by which a pushed source waits longer (`waiting` says how long); "" where it does not."""
    if not is_active(push, now):
        return ""
    return f"pushed by the hub {host(push.hub)}, last {_time(push.last_push)}, lease until {_time(push.lease_until)}"


def _time(moment: datetime | None) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ") if moment else "never"
