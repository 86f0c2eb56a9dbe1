"""Templates and the few filters that mail and site share.

A workspace's own templates come first. They are the operator's, feed text is only ever a value in them: autoescape
is on, an unknown name is an error, and the environment is sandboxed.
"""

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from zoneinfo import ZoneInfo

from jinja2 import FileSystemLoader, StrictUndefined
from jinja2.sandbox import ImmutableSandboxedEnvironment

_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


@lru_cache(maxsize=8)
def environment(folders: Sequence[Path], *, language: str, timezone: str) -> ImmutableSandboxedEnvironment:
    """`folders`: where templates are looked for, first found wins (pass a tuple). Dates are shown in `timezone`."""
    made = ImmutableSandboxedEnvironment(
        loader=FileSystemLoader([str(folder) for folder in folders]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    zone = ZoneInfo(timezone)
    made.filters["day"] = lambda moment: day(moment, zone, language)
    made.filters["weekday"] = lambda moment: weekday(moment, zone, language)
    made.filters["iso"] = iso
    return made


def day(moment: datetime, zone: ZoneInfo, language: str) -> str:
    """May 14, 2020, or 2020年5月14日 in a Chinese publication."""
    there = moment.astimezone(zone)
    if language.lower().startswith("zh"):
        return f"{there.year}年{there.month}月{there.day}日"
    return f"{_MONTHS[there.month - 1]} {there.day}, {there.year}"


def weekday(moment: datetime, zone: ZoneInfo, language: str) -> str:
    index = moment.astimezone(zone).weekday()
    return f"星期{'一二三四五六日'[index]}" if language.lower().startswith("zh") else _WEEKDAYS[index]


def iso(moment: datetime) -> str:
    """RFC 3339 in UTC, to the second."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
