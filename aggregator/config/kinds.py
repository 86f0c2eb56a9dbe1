"""The kinds of value that feeds.yaml knows beside text and numbers, each read from its text and shown as text again."""

import math
import re
from datetime import timedelta
from typing import Annotated, Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    SecretStr,
    WithJsonSchema,
)

from aggregator.slots import Schedule, parse_schedule

SLUG = r"^[a-z0-9]+(-[a-z0-9]+)*$"
_LANGUAGE = r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$"
_DURATION = re.compile(r"^\s*([0-9]+(?:\.[0-9]+)?)\s*(ms|s|m|h|d|w)\s*$")
_SECONDS = {"w": 604800.0, "d": 86400.0, "h": 3600.0, "m": 60.0, "s": 1.0, "ms": 0.001}
_SIZE = re.compile(r"^\s*([0-9]+(?:\.[0-9]+)?)\s*([KMG]?B)\s*$", re.IGNORECASE)
_BYTES = {"gb": 1000**3, "mb": 1000**2, "kb": 1000, "b": 1}
_RATE = re.compile(r"^\s*([0-9]+(?:\.[0-9]+)?)\s*/\s*(s|m|h)\s*$")
_LONGEST = timedelta(days=3660)
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_ADDRESS = r"[^<>()\[\],;:\\\"\s@]+@[^<>()\[\],;:\\\"\s@]+"
_MAILBOX = re.compile(rf"^(?:{_ADDRESS}|[^<>]*<{_ADDRESS}>)$")
_HEADER = re.compile(r"^[!#$%&'*+.^_`|~0-9A-Za-z-]+$")
_LISTEN = re.compile(r"^(?:\[[0-9A-Fa-f:.]+\]|[^\s:/]+):([0-9]{1,5})$")
_PORTS = 65535
_SHOWN = 80


class Value(BaseModel):
    """A frozen part of the configuration; a key that nobody knows is a mistake."""

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True, populate_by_name=True)


class Unfit(ValueError):  # noqa: N818  the sentence reads "… is unfit", and it is never caught by name elsewhere
    """A value that is not what its key asks for. `shown` is kept apart from the sentence, so that a value which came
    from the environment is named by its variable instead; values that may hold a password are never shown.
    """

    def __init__(self, sentence: str, *, value: object = None, secret: bool = False) -> None:
        text = repr(value)
        self.shown = "the address" if secret else text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
        self.secret = secret
        self.sentence = sentence
        super().__init__(f"{self.shown} {sentence}")


def read_duration(value: Any) -> timedelta:
    if isinstance(value, timedelta):
        return value
    found = _DURATION.match(value) if isinstance(value, str) else None
    if found is None:
        raise Unfit("is no duration: write a number and a unit, as in 90s, 30m, 2h, 1d", value=value)
    seconds = float(found[1]) * _SECONDS[found[2]]
    if seconds > _LONGEST.total_seconds():
        raise Unfit("is longer than ten years", value=value)
    return timedelta(seconds=seconds)


def show_duration(value: timedelta) -> str:
    """The shortest way to write it: 90s, 30m, 1d."""
    seconds = value.total_seconds()
    for unit, length in _SECONDS.items():
        if unit != "w" and seconds >= length and seconds % length == 0:
            return f"{int(seconds // length)}{unit}"
    return f"{seconds:f}".rstrip("0").rstrip(".") + "s"


def read_size(value: Any) -> int:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    found = _SIZE.match(value) if isinstance(value, str) else None
    size = float(found[1]) * _BYTES[found[2].lower()] if found else math.inf
    if not math.isfinite(size):
        raise Unfit("is no size: write a number and a unit, as in 500KB or 10MB", value=value)
    return int(size)


def show_size(value: int) -> str:
    unit = next((unit for unit, length in _BYTES.items() if value and value % length == 0), "b")
    return f"{value // _BYTES[unit]}{unit.upper()}"


def read_rate(value: Any) -> float:
    """Events a second."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        rate = float(value) if abs(value) < 1e12 else math.inf  # noqa: PLR2004  beyond sense, and float() would overflow
    else:
        found = _RATE.match(value) if isinstance(value, str) else None
        rate = float(found[1]) / _SECONDS[found[2]] if found else math.inf
    if not math.isfinite(rate) or rate <= 0:
        raise Unfit("is no rate: write a number above 0 and a unit of time, as in 20/s or 600/m", value=value)
    return rate


def show_rate(value: float) -> str:
    for unit in ("s", "m", "h"):
        each = value * _SECONDS[unit]
        if each == int(each):
            return f"{int(each)}/{unit}"
    return f"{value:f}".rstrip("0") + "/s"


def _flag(value: Any) -> bool:
    """YAML 1.2 knows true and false alone; the text "true" is what a variable of the environment can say."""
    if isinstance(value, bool):
        return value
    if value in {"true", "false"}:
        return bool(value == "true")
    raise Unfit("is neither true nor false", value=value)


def _zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise Unfit("is no time zone: write one of the IANA names, as in Europe/Berlin", value=value) from None
    return value


def is_web_address(value: str) -> bool:
    try:
        parts = urlsplit(value)
        fine = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:  # a port that is no number, half a pair of brackets
        return False
    return fine and not re.search(r"[\s\x00-\x1f\x7f-\x9f]", value)


def is_language(value: str) -> bool:
    return bool(re.fullmatch(_LANGUAGE, value))


def _web_address(value: str) -> str:
    if not is_web_address(value):
        raise Unfit("is no web address: it starts with https:// or http://, then a host", value=value)
    return value


def _schedule(value: Any) -> Schedule:
    if isinstance(value, Schedule):
        return value
    try:
        return parse_schedule(value)
    except ValueError as error:
        raise Unfit(str(error).removeprefix(f"{value!r} "), value=value) from None


def _mailbox(value: str) -> str:
    if not _MAILBOX.match(value) or _CONTROL.search(value):
        raise Unfit("is no mail address: write desk@example.org or Desk <desk@example.org>", value=value)
    return value


def _listen(value: str) -> str:
    found = _LISTEN.match(value)
    if found is None or int(found[1]) > _PORTS:
        raise Unfit("is no host and port: write them as in 127.0.0.1:8000 or [::1]:8000", value=value)
    return value


def _one_line(value: str) -> str:
    if _CONTROL.search(value):
        raise Unfit("holds a line break or another control character", value=value)
    if value.isspace():
        raise Unfit("is blank: write something that can be seen, or leave it out", value=value)
    return value


def _headers(value: dict[str, str]) -> dict[str, str]:
    """Their values are often secrets: the sentences name the header alone."""
    for name, text in value.items():
        if not _HEADER.match(name):
            raise Unfit("is no name of an HTTP header", value=name)
        if _CONTROL.search(text):
            raise Unfit("has a line break or another control character in its value", value=name)
    return value


def _smtp(value: SecretStr) -> SecretStr:
    """Says nothing of the value: it holds a password."""
    try:
        parts = urlsplit(value.get_secret_value())
        fine = parts.scheme in {"smtp", "smtps"} and bool(parts.hostname) and parts.port != 0
        fine = fine and parts.path in {"", "/"} and not parts.query and not parts.fragment
    except ValueError:
        fine = False
    if not fine or _CONTROL.search(value.get_secret_value()):
        raise Unfit(
            "is no mail server: write smtp://user:${PASSWORD}@host:587 or smtps://…:465; in a password, the characters "
            "/ ? # @ : and % are written %2F %3F %23 %40 %3A and %25",
            secret=True,
        )
    return value


def _proxy(value: SecretStr) -> SecretStr:
    """Says nothing of the value: it may hold a password."""
    try:
        parts = urlsplit(value.get_secret_value())
        fine = parts.scheme == "http" and bool(parts.hostname) and parts.port != 0
    except ValueError:
        fine = False
    if not fine or _CONTROL.search(value.get_secret_value()):
        raise Unfit("is no HTTP proxy: write http://host:3128 or http://user:${PASSWORD}@host:3128", secret=True)
    return value


def _user_and_password(value: SecretStr) -> SecretStr:
    user, colon, _ = value.get_secret_value().partition(":")
    if not user or not colon or _CONTROL.search(value.get_secret_value()):
        raise Unfit("is no user and password: write user:${PASSWORD}", secret=True)
    return value


def _bearer(value: SecretStr) -> SecretStr:
    if not re.fullmatch(r"\S+", value.get_secret_value()) or _CONTROL.search(value.get_secret_value()):
        raise Unfit("is no bearer token: write ${TOKEN}, without the word Bearer", secret=True)
    return value


def _database(value: str) -> str:
    """Says nothing of the value either."""
    if value.startswith("sqlite:///"):
        name = value.removeprefix("sqlite:///")
        if not name or name == "/" or "?" in name or _CONTROL.search(name):
            raise Unfit("names no SQLite file: write sqlite:///state/aggregator.db", secret=True)
        return value
    try:
        parts = urlsplit(value)
        fine = parts.scheme in {"postgresql", "postgresql+psycopg"} and parts.port != 0
    except ValueError:
        fine = False
    if not fine or not value.partition("://")[2] or _CONTROL.search(value):
        raise Unfit(
            "is no database: write sqlite:///state/aggregator.db or postgresql://user:${PASSWORD}@host/name",
            secret=True,
        )
    return value


def _text(pattern: str, *examples: str) -> WithJsonSchema:
    return WithJsonSchema({"type": "string", "pattern": pattern, "examples": list(examples)})


def _number_or(kind: str, pattern: str) -> WithJsonSchema:
    return WithJsonSchema({"anyOf": [{"type": kind}, {"type": "string", "pattern": pattern}]})


Duration = Annotated[
    timedelta,
    BeforeValidator(read_duration),
    PlainSerializer(show_duration, return_type=str, when_used="json"),
    _text(_DURATION.pattern, "30m", "2h", "1d"),
]
Size = Annotated[
    int,
    BeforeValidator(read_size),
    PlainSerializer(show_size, return_type=str, when_used="json"),
    _number_or("integer", r"^\s*[0-9]+(\.[0-9]+)?\s*([KMGkmg]?[Bb])\s*$"),
]
Rate = Annotated[
    float,
    BeforeValidator(read_rate),
    PlainSerializer(show_rate, return_type=str, when_used="json"),
    _number_or("number", _RATE.pattern),
]
Flag = Annotated[bool, BeforeValidator(_flag), WithJsonSchema({"type": "boolean"})]
Slug = Annotated[str, Field(pattern=SLUG, max_length=64)]
Zone = Annotated[str, AfterValidator(_zone)]
WebAddress = Annotated[str, AfterValidator(_web_address), WithJsonSchema({"type": "string", "pattern": "^https?://"})]
Language = Annotated[str, Field(pattern=_LANGUAGE)]
When = Annotated[
    Schedule,
    BeforeValidator(_schedule),
    PlainSerializer(str, return_type=str, when_used="json"),
    _text(r"^\s*([01]?[0-9]|2[0-3]):[0-5][0-9](\s+\S.*)?$", "07:00", "07:00 mon-fri", "18:30 sun", "08:00 1st"),
]
Mailbox = Annotated[str, AfterValidator(_mailbox)]
Listen = Annotated[str, AfterValidator(_listen)]
Line = Annotated[str, AfterValidator(_one_line)]
Headers = Annotated[dict[str, str], AfterValidator(_headers)]
SmtpAddress = Annotated[SecretStr, AfterValidator(_smtp), _text("^smtps?://", "smtp://user:${SMTP_PASSWORD}@host:587")]
ProxyAddress = Annotated[SecretStr, AfterValidator(_proxy), _text("^http://", "http://proxy.example.org:3128")]
UserAndPassword = Annotated[SecretStr, AfterValidator(_user_and_password), _text("^[^:]+:", "desk:${PASSWORD}")]
Bearer = Annotated[SecretStr, AfterValidator(_bearer), _text(".", "${TOKEN}")]
DatabaseAddress = Annotated[str, AfterValidator(_database), _text(r"^(sqlite:///|postgresql(\+psycopg)?://)")]
