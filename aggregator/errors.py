"""What can go wrong, as one tree.

AggregatorError             has a sentence and, where we know one, a hint how to mend it
├── ConfigError             feeds.yaml or the templates are wrong: every mistake at once
├── UsageError              something was asked for that does not exist or cannot be
├── BusyError               another process is doing this on the same database
├── StoreError              the database cannot be reached, is locked, full, or of another version; a file cannot be written
│   └── FullError           there is no room for a file, nor for the next one
├── FetchError              a source did not give a page     (a value: stored, never fatal)
├── ParseError              a page is no feed                (a value: stored, never fatal)
├── WriterError             a language model did not answer  (a value: stored, never fatal)
├── RenderError             a template failed
├── ModelError              a file holds no learned model of ours
├── LearningError           nothing can be learned: too few examples, or what training needs is not installed
└── SendError               the mail server did not take a letter
    ├── Deferred            not now (4xx, connection lost before the dot): try again later
    ├── Refused             never (5xx): the reason is kept
    └── InDoubt             the connection broke between the dot and the answer
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal


class AggregatorError(Exception):
    def __init__(self, message: str, *, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


@dataclass(frozen=True, slots=True)
class Mistake:
    """One wrong thing in a file: where it is, what is wrong, and how to mend it."""

    file: str
    line: int | None
    key: str
    message: str
    hint: str | None = None

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line is not None else self.file
        where = f"{place}: {self.key}: " if self.key else f"{place}: "
        return f"{where}{self.message}" + (f" ({self.hint})" if self.hint else "")


class ConfigError(AggregatorError):
    def __init__(self, mistakes: Sequence[Mistake]) -> None:
        super().__init__("\n".join(str(mistake) for mistake in mistakes))
        self.mistakes = tuple(mistakes)


class UsageError(AggregatorError):
    pass


class BusyError(AggregatorError):
    pass


class ModelError(AggregatorError):
    pass


class LearningError(AggregatorError):
    pass


class StoreError(AggregatorError):
    pass


class FullError(StoreError):
    pass


class RenderError(AggregatorError):
    """`file` and `line`: where the template is wrong; None where that is not known."""

    def __init__(
        self, message: str, *, hint: str | None = None, file: str | None = None, line: int | None = None
    ) -> None:
        super().__init__(message, hint=hint)
        self.file = file
        self.line = line


FetchProblem = Literal[
    "address",  # not http(s), or a place that we must not connect to
    "name",  # the host name does not resolve
    "connection",
    "tls",
    "timeout",
    "status",  # an HTTP status of 400 and above
    "redirects",  # a loop, or more than five
    "size",  # more than max_bytes, on the wire or inflated
    "coding",  # a Content-Encoding that we cannot undo
    "held",  # not asked: its domain asked for a pause
]


@dataclass(eq=False)
class FetchError(AggregatorError):
    """`headers` are those of the last answer, names in lower case; `status` is None where none came. `until`: when a
    domain that asked for a pause may be asked again ("held").
    """

    problem: FetchProblem
    message: str
    url: str
    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    took: float = 0.0
    until: datetime | None = None
    hint: str | None = None

    def __post_init__(self) -> None:
        super().__init__(self.message, hint=self.hint)


class ParseError(AggregatorError):
    pass


WriterProblem = Literal[
    "connection",  # no connection, or one that broke
    "timeout",
    "key",  # 401 and 403
    "model",  # 404: no such model, or no such address
    "request",  # another 4xx: it does not take what we ask
    "busy",  # 429: too often, or no credit left
    "server",  # 5xx
    "redirect",  # never followed: the key is for one address
    "size",  # more than we read
    "answer",  # no answer of the protocol
]


@dataclass(eq=False)
class WriterError(AggregatorError):
    """`wait`: seconds for which the server asked not to be asked. `paid`: the question may have been worked on, so that
    it counts. Its words never hold the key.
    """

    problem: WriterProblem
    message: str
    status: int | None = None
    wait: float | None = None
    paid: bool = False
    hint: str | None = None

    def __post_init__(self) -> None:
        super().__init__(self.message, hint=self.hint)


class SendError(AggregatorError):
    """`code` is the SMTP reply code, None where no reply came."""

    def __init__(self, message: str, *, code: int | None = None, hint: str | None = None) -> None:
        super().__init__(message, hint=hint)
        self.code = code


class Deferred(SendError):  # noqa: N818  the ledger's own word for this state
    pass


class Refused(SendError):  # noqa: N818  the ledger's own word for this state
    pass


class InDoubt(SendError):  # noqa: N818  the ledger's own word for this state
    pass
