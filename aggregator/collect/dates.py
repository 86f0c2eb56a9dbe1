"""Dates as publishers write them: RFC 822, RFC 3339, half of ISO 8601, Chinese, and what people type."""

import re
import unicodedata
from datetime import UTC, datetime, timedelta, timezone

_EARLIEST = 1971  # nobody published a feed before, and 1970 is what a clock at zero says
_LATEST = 2100
_LONGEST = 100
_YEAR_NOUGHT = re.compile(r"(?<![+\-:.])\b000\d\b")  # "0001" of an empty field; mail readers make 2001 of it
_CHINESE = re.compile(
    r"(\d{4})\s*年\s*(\d{1,2})\s*月\s*(\d{1,2})\s*[日号號]?[\s,]*(?:\(?(?:星期|周|週|礼拜|禮拜)[一二三四五六日天]\)?)?[\s,]*(.*)"
)
_SLASHED = re.compile(r"(\d{4})[/.-](\d{1,2})[/.-](\d{1,2})[\sT,]*(.*)")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = rf"\b({'|'.join(_MONTHS)})[a-z]*"
_MONTH_FIRST = re.compile(
    rf"(?P<month>{_MONTH})\.? (?P<day>\d{{1,2}})(?:st|nd|rd|th)?,? (?P<year>\d{{4}})[\s,@-]*(?P<rest>.*)", re.IGNORECASE
)
_DAY_FIRST = re.compile(
    rf"(?P<day>\d{{1,2}})[ -](?P<month>{_MONTH})[ -](?P<year>\d{{4}})[\s,@-]*(?P<rest>.*)", re.IGNORECASE
)
_CLOCK = re.compile(
    r"(凌晨|清晨|早上|早晨|上午|中午|下午|傍晚|晚上|晚间|晚間|夜间|am|pm)?\s*(\d{1,2})\s*[:时時点點]\s*(?:(\d{1,2})\s*分?)?"
    r"(?:\s*:?\s*(\d{1,2})(?:[.,]\d+)?\s*秒?)?\s*(am|pm)?\s*(.*)",
    re.IGNORECASE,
)
_MAIL = re.compile(
    r"(?:[A-Z][a-z]{2}, )?(\d{1,2}) ([A-Z][a-z]{2}) (\d{4}) (\d{2}):(\d{2}):(\d{2}) (?:GMT|UTC|Z|([+-])([01]\d)([0-5]\d))"
)
_RFC_3339 = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,6})?(?:Z|[+-][01]\d:[0-5]\d)")
_MONTH_NUMBERS = {name.title(): number for number, name in enumerate(_MONTHS, 1)}
_AFTERNOON = frozenset({"下午", "傍晚", "晚上", "晚间", "晚間", "夜间", "pm"})
_BEFORE_DAWN = frozenset({"凌晨", "am"})
_OFFSET = re.compile(r"(?:UTC|GMT)?\s*([+-])(\d{1,2}):?(\d{2})?(?:\s*\(.*\))?", re.IGNORECASE)
_NOON = 12


def parse_date(text: str | None) -> datetime | None:
    """A moment in UTC, or None for what is no date or an absurd one. Where no zone is given, UTC is taken."""
    if not text:
        return None
    try:
        moment = _usual(text)
    except ValueError:
        moment = None
    return _sane(moment) if moment is not None else _unusual(text)


def _usual(text: str) -> datetime | None:
    """What nearly every feed writes, to the letter of RFC 822 or 3339: no need to try all the others."""
    if _RFC_3339.fullmatch(text):
        return datetime.fromisoformat(text)
    found = _MAIL.fullmatch(text)
    month = _MONTH_NUMBERS.get(found[2]) if found else None
    if found is None or month is None:
        return None
    day, year, hour, minute, second = (int(part) for part in found.group(1, 3, 4, 5, 6))
    moment = datetime(year, month, day, hour, minute, second, tzinfo=UTC)
    offset = timedelta(hours=int(found[8] or 0), minutes=int(found[9] or 0))
    return moment + offset if found[7] == "-" else moment - offset if offset else moment


def _unusual(text: str) -> datetime | None:
    plain = re.sub(r"\s+", " ", unicodedata.normalize("NFKC", text)).strip()
    if not re.match(r"[^+-].{3}", plain) or len(plain) > _LONGEST:
        return None
    if _YEAR_NOUGHT.search(plain):
        return None
    for reader in (_iso, _numbered, _twelve_hours, _mail, _feedparser, _english):
        try:
            moment = reader(plain)
        except (ValueError, OverflowError, TypeError, IndexError):
            if reader is _numbered:  # a 13th month: other readers would count on into the next year
                return None
            continue
        if moment is not None:
            return _sane(moment)
    return None


def _sane(moment: datetime) -> datetime | None:
    aware = moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
    try:
        in_utc = aware.astimezone(UTC)
    except OverflowError:
        return None
    return in_utc.replace(microsecond=0) if _EARLIEST <= in_utc.year <= _LATEST else None


def _iso(text: str) -> datetime | None:
    return datetime.fromisoformat(text) if text[:4].isdigit() and len(text) >= len("20200514") else None


def _numbered(text: str) -> datetime | None:
    """Year, month, day in this order, with Chinese signs or others between, and perhaps a time and a zone."""
    found = _CHINESE.search(text) or _SLASHED.match(text)
    if found is None:
        return None
    return _at(datetime(int(found[1]), int(found[2]), int(found[3]), tzinfo=UTC), found[4])


def _twelve_hours(text: str) -> datetime | None:
    """The mail reader would leave "PM" aside."""
    return _english(text) if re.search(r"\d ?[ap]m\b", text, re.IGNORECASE) else None


def _english(text: str) -> datetime | None:
    found = _MONTH_FIRST.search(text) or _DAY_FIRST.search(text)
    if found is None:
        return None
    month = _MONTHS.index(found["month"][:3].lower()) + 1
    return _at(datetime(int(found["year"]), month, int(found["day"]), tzinfo=UTC), found["rest"])


def _at(day: datetime, time: str) -> datetime:
    clock = _CLOCK.match(time)
    if clock is None:
        return day
    hour, minute, second = int(clock[2]), int(clock[3] or 0), int(clock[4] or 0)
    half = (clock[1] or clock[5] or "").lower()
    if half in _AFTERNOON and hour < _NOON:
        hour += _NOON
    elif half in _BEFORE_DAWN and hour == _NOON:
        hour = 0
    return day.replace(hour=hour, minute=minute, second=second, tzinfo=_zone(clock[6]))


def _zone(text: str) -> timezone:
    found = _OFFSET.match(text.strip())
    if found is None:
        return UTC
    offset = timedelta(hours=int(found[2]), minutes=int(found[3] or 0))
    return timezone(offset if found[1] == "+" else -offset)


def _mail(text: str) -> datetime | None:
    """Only with a month's name in it: the mail reader makes something of anything else too."""
    from email.utils import parsedate_to_datetime  # it loads the network with it, and hardly any date needs it

    return parsedate_to_datetime(text) if re.search(_MONTH, text, re.IGNORECASE) else None


def _feedparser(text: str) -> datetime | None:
    from feedparser.datetimes import _parse_date

    parsed = _parse_date(text)
    if parsed is None:
        return None
    year, month, day, hour, minute, second = parsed[:6]
    return datetime(year, month, day, hour, minute, second, tzinfo=UTC)
