"""What the writer may still spend today, and when it pauses: decided from its ledger of calls, so that no restart forgets it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from aggregator.config import Writer
from aggregator.errors import WriterError
from aggregator.model import Prompt, Reply

NEVER = float("inf")
"""Seconds: not again in this run."""
_IN_A_ROW = 3
"""Failures after which it pauses."""
_FIRST_PAUSE, _LONGEST_PAUSE = timedelta(minutes=1), timedelta(hours=1)
_LONGEST_WAIT = timedelta(days=1)
"""The longest Retry-After that is believed."""
_BY_ITSELF = frozenset(("connection", "timeout", "busy", "server"))
"""What may be over in a moment, and is tried again."""
_FOREVER = frozenset(("key", "model", "request", "redirect", "answer"))
"""What somebody must mend: tried again at the longest pause, and by `aggregator write`."""
_BACK_OFF, _LONGEST_BACK_OFF = 1.0, 30.0
"""Seconds between two tries of one question; a server that asks for more is left alone until then."""
_LETTERS_A_TOKEN = 3
_SAID_AROUND = 16
"""Tokens of the protocol's own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A line of the ledger. `outcome`: asked (and no more known), answered, or the problem; `until`: before which the
    server asked not to be asked again.
    """

    at: datetime
    outcome: str
    input: int
    output: int
    cost: float
    until: datetime | None = None
    reason: str = ""
    story: str = ""
    id: int = 0

    @property
    def tokens(self) -> int:
        return self.input + self.output


@dataclass(frozen=True, slots=True)
class Spent:
    """Of a day."""

    calls: int = 0
    tokens: int = 0
    cost: float = 0.0


def cost(settings: Writer, input_: int, output: int) -> float:
    return (input_ * settings.price.input + output * settings.price.output) / 1_000_000


def estimated(text: str) -> int:
    """Tokens of a text, rather too many: a Chinese character may be one and more, letters three in one."""
    wide = sum(sign >= "\u2e80" for sign in text)
    return -(-(len(text) - wide) // _LETTERS_A_TOKEN) + -(-wide * 3 // 2)


def asked(prompt: Prompt) -> tuple[int, int]:
    """Tokens that a question may cost at most: sent, and answered."""
    return estimated(prompt.task) + estimated(prompt.data) + _SAID_AROUND, prompt.most_tokens


def counted(prompt: Prompt, reply: Reply) -> tuple[int, int]:
    """Tokens that an answer cost: as the server counted them, estimated where it did not."""
    input_ = reply.input if reply.input is not None else asked(prompt)[0]
    output = reply.output if reply.output is not None else estimated(f"{reply.text or ''}{reply.refusal or ''}")
    return input_, output


def exhausted(settings: Writer, spent: Spent, prompt: Prompt) -> str | None:
    """Why the question would go beyond what a day may cost."""
    input_, output = asked(prompt)
    if spent.tokens + input_ + output > settings.daily_tokens:
        return f"{spent.tokens:,} of {settings.daily_tokens:,} tokens are spent today, and the next may take {input_ + output:,}"
    if settings.daily_cost is not None and spent.cost + cost(settings, input_, output) > settings.daily_cost:
        return f"{spent.cost:.4f} of {settings.daily_cost:g} are spent today, and the next may cost {cost(settings, input_, output):.4f}"
    return None


def pause(calls: Sequence[Call]) -> tuple[datetime, str] | None:
    """Until when nothing is asked, and why; `calls`: the last ones, the newest first.

    A question of which no more is known was cut off by our own end: it counts as neither.
    """
    known = [call for call in calls if call.outcome != "asked"]
    failed: list[Call] = []
    for call in known:
        if call.outcome == "answered":
            break
        failed.append(call)
    if not failed:
        return None
    last = failed[0]
    ends = [call.until for call in failed if call.until is not None]
    if last.outcome in _FOREVER:
        ends.append(last.at + _LONGEST_PAUSE)
    elif len(failed) >= _IN_A_ROW:
        doubled = _FIRST_PAUSE * 2 ** min(len(failed) - _IN_A_ROW, 10)
        ends.append(last.at + min(doubled, _LONGEST_PAUSE))
    return (max(ends), last.reason) if ends else None


def until(error: WriterError, now: datetime) -> datetime | None:
    """What the server asked for."""
    return now + min(timedelta(seconds=error.wait), _LONGEST_WAIT) if error.wait else None


def again(error: WriterError, tries: int, retries: int) -> float | None:
    """Seconds until the same question is asked again; None: not now."""
    if tries > retries or error.problem not in _BY_ITSELF:
        return None
    wait = max(_BACK_OFF * 2 ** (tries - 1), error.wait or 0.0)
    return wait if wait <= _LONGEST_BACK_OFF else None
