"""Which regular expressions could take for ever; those that could not are not refused."""

import re

import pytest

from aggregator.config.patterns import runs_away

RUN_AWAY = {
    "a repeat in a repeat": r"(a+)+$",
    "both may be empty": r"(a*)*b",
    "one alternative is two of the other": r"(a|aa)+$",
    "alternatives of which both may be a digit": r"(\d+|\w+)+!",
    "a separator that may be missing": r"(\w+\s?)*$",
    "a separator that the repeat reads too": r"(.*,)*x",
    "few, again and again": r"(?:\d{1,3},?)+x",
    "two in a row": r"(x+x+)+y",
    "capitals are no difference": r"(?:A+|[a-c]+)+!",
    "many are as if without end": r"(a{1,40}){1,40}b",
    "within a look ahead": r"foo(?=(a+)+b)",
    "Chinese": r"(?:第?\w*)*期",
    "what stands between may be what ends": r"(第.{0,3}期)+!",
    "by its number": r"(中+|[\u4e00-\u9fff]+)+!",
    "within what is otherwise harmless": r"^(([a-z])+.)+[A-Z]([a-z])+$",
}
HARMLESS = {
    "no repeat in a repeat": r"\d+ 例(本土|确诊)",
    "each with its own end": r"(\d+,)+\d",
    "words and blanks": r"(\w+\s+)*x",
    "alternatives that begin alike": r"(本土|本地)+",
    "alternatives that part later": r"(?:foo|fo+x)+",
    "never read again": r"(?>a+)+b",
    "possessive": r"(a++)+b",
    "one after the other": r".*a.*b",
    "a few between": r"\b(police|cops?)\b.{0,40}\bprotest(s|ers?)?\b",
    "addresses": r"(https?://\S+\s)+",
    "initials": r"(?:[A-Z]\.)+",
    "all but the separator": r"([^,]*,){3,}x",
    "a reference": r"(?P<q>['\"]).*?(?P=q)",
    "a long list of words": f"(?:{'|'.join(f'w{number}x' for number in range(600))})+",
}


@pytest.mark.parametrize("pattern", RUN_AWAY.values(), ids=RUN_AWAY)
def test_what_could_take_for_ever_is_told(pattern: str) -> None:
    assert runs_away(pattern)


@pytest.mark.parametrize("pattern", HARMLESS.values(), ids=HARMLESS)
def test_what_could_not_is_taken(pattern: str) -> None:
    re.compile(pattern, re.IGNORECASE)  # it is one
    assert not runs_away(pattern)
