"""What the fields of feeds have in common, whatever the format and whoever reads it."""

import re
from collections.abc import Iterable
from typing import Any

MOST_ITEMS = 5_000
HTML_TYPES = frozenset({"text/html", "application/xhtml+xml"})
_KNOWN_MARKUP = re.compile(r"<(?:/?(?:a|b|br|div|em|font|i|img|li|p|span|strong|u|ul)\b[^<>]*)>", re.IGNORECASE)
_ADDRESS_AND_NAME = re.compile(r"\S{1,200}@\S{1,200}\s+\(([^()]{0,200})\)")
_ADDRESS = re.compile(r"(?<![\w.+-])[\w.+-]{1,100}@(?:[A-Za-z0-9-]{1,63}\.){1,10}[A-Za-z0-9]{2,20}(?:\?subject=\S+)?")
_LONGEST_PERSON = 500
_MINUTES = {"hourly": 60, "daily": 1440, "weekly": 10_080, "monthly": 43_200, "yearly": 525_600}
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_DAY = 24
_LARGEST_NUMBER = 6


def as_html(value: str, kind: str | None) -> str:
    """Text that is no HTML, as HTML. An ampersand stays: entities escaped twice are far commoner than meant ones."""
    if ("<" not in value and ">" not in value) or kind in HTML_TYPES or _KNOWN_MARKUP.search(value):
        return value
    return value.replace("<", "&lt;").replace(">", "&gt;")


def has_known_markup(value: str) -> bool:
    """Whether it is HTML beyond doubt, whatever it is called."""
    return _KNOWN_MARKUP.search(value) is not None


def distinct(words: Iterable[Any]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(word.strip() for word in words if isinstance(word, str) and word.strip()))


def author(written: str | None, names: Iterable[Any]) -> str | None:
    """Who is told as the author: RSS has "address (name)" in one text, Atom a name for each person."""
    found = _ADDRESS_AND_NAME.fullmatch(written or "")
    if found:
        return found[1].strip() or found[0]
    return ", ".join(distinct(names)) or written or None


def person(text: str) -> str:
    """The name in what RSS calls an author: "Ann <a@b.example>", "a@b.example (Ann)"; the address where it is alone."""
    found = _ADDRESS.search(text) if "@" in text and len(text) <= _LONGEST_PERSON else None
    if found is None:
        return text
    name = text.replace(found[0], "").replace("()", "").replace("<>", "").replace("&lt;&gt;", "").strip()
    return name.removeprefix("(").removesuffix(")").strip() or found[0]


def link(alternate: str | None, guid: str | None, others: Iterable[str]) -> str | None:
    """The alternate link; else the guid where it is an address; else whatever else the item links to."""
    if alternate:
        return alternate
    return guid if guid and guid.startswith(("http://", "https://")) else next(iter(others), None)


# --- how the feed wants to be asked ----------------------------------------------------------------------


def number(text: Any) -> int | None:
    digits = str(text or "").strip()
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) <= _LARGEST_NUMBER else None


def period(unit: str | None, frequency: str | None) -> int | None:
    """Minutes between two updates: "hourly" by 2 is 30."""
    minutes = _MINUTES.get((unit or "").strip().lower())
    return max(1, minutes // (number(frequency) or 1)) if minutes else None


def hours(texts: Iterable[str]) -> tuple[int, ...]:
    """0 to 23; what calls midnight 24 means 0."""
    found = {number(text) for text in texts}
    return tuple(sorted({hour % _DAY for hour in found if hour is not None and hour <= _DAY}))


def days(texts: Iterable[str]) -> tuple[int, ...]:
    names = {text.strip().lower() for text in texts}
    return tuple(place for place, name in enumerate(_DAYS) if name in names)
