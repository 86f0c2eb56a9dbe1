"""What mail and site share: filters, our words, colours."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from string import Formatter
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.publish import theme
from aggregator.publish.labels import labels

STYLE = (Path(__file__).parents[2] / "templates" / "site" / "style.css").read_text(encoding="utf-8")


# --- filters ---------------------------------------------------------------------------------------------


@given(st.text(max_size=40) | st.from_regex(r"https?://[^/]{1,10}/.{0,20}"))
def test_an_address_is_harmless_or_none_and_cleaning_it_twice_changes_nothing(text: str) -> None:
    address = theme.web_address(text)
    if address is not None:
        assert urlsplit(address).scheme in {"http", "https"}
        assert not re.search(r"[\s\"<>]", address)
        assert theme.web_address(address) == address


@pytest.mark.parametrize(
    "address",
    [None, "", "javascript:alert(1)", "java\nscript:alert(1)", "//host/x", "data:text/html,x", "https://", "http://["],
)
def test_what_is_no_web_address(address: str | None) -> None:
    assert theme.web_address(address) is None


def test_legal_takes_what_xml_forbids_and_nothing_else() -> None:
    assert theme.legal("a\x00\x08\x0b\x1f\x7f\ud800\ufffe\uffffb\t\n\r\x85é中\U0001f600") == "ab\t\n\r\x85é中\U0001f600"


def test_iso_is_in_utc() -> None:
    moment = datetime(2020, 5, 14, 20, 0, tzinfo=timezone(timedelta(hours=8)))
    assert theme.iso(moment) == theme.iso(moment.astimezone(UTC)) == "2020-05-14T12:00:00Z"


@pytest.mark.parametrize(
    ("language", "around", "expected"),
    [
        ("zh-Hant", "en", ' lang="zh-Hant"'),
        ("zh-Hant", "zh-Hans", ' lang="zh-Hant"'),
        ("en", "en", ""),
        ("EN", "en-GB", ""),
        ("zh", "zh-Hans", ""),
        ("ar-EG", "en", ' lang="ar-EG" dir="rtl"'),
        ('en" onload="x', "zh", ""),
        (None, "en", ""),
    ],
)
def test_language_attributes(language: str | None, around: str, expected: str) -> None:
    assert theme.lang_attributes(language, around) == expected


# --- our words -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["zh-Hans", "zh-Hant"])
def test_every_language_has_every_word_with_the_same_gaps(language: str) -> None:
    english, other = labels("en"), labels(language)
    assert set(english) == set(other)
    assert {key: gaps(english[key]) for key in english} == {key: gaps(other[key]) for key in other}
    assert all(other.values())


def gaps(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


@pytest.mark.parametrize(
    ("language", "home"),
    [
        ("en", "Front page"), ("fr-CA", "Front page"), ("zh", "首页"), ("zh-CN", "首页"), ("zh-Hans-HK", "首页"),
        ("zh-Hant", "首頁"), ("zh-HK", "首頁"), ("ZH-tw", "首頁"),
    ],
)  # fmt: skip
def test_which_words(language: str, home: str) -> None:
    assert labels(language)["home"] == home


# --- colours ---------------------------------------------------------------------------------------------


def palettes() -> dict[str, Mapping[str, str]]:
    """The custom properties of each :root block: light first, then dark, then print."""
    found = [dict(re.findall(r"--(\w+): (#[0-9a-f]{6});", block)) for block in re.findall(r":root \{([^}]*)\}", STYLE)]
    return dict(zip(("light", "dark", "print"), found, strict=True))


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def test_contrast_is_computed_as_wcag_does() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("palette", ["light", "dark", "print"])
@pytest.mark.parametrize("ink", ["text", "quiet", "accent"])
@pytest.mark.parametrize("paper", ["page", "tint"])
def test_every_ink_is_legible_on_every_paper(palette: str, ink: str, paper: str) -> None:
    colours = palettes()[palette]
    assert contrast(colours[ink], colours[paper]) >= 4.5


def test_no_colour_stands_outside_the_palettes() -> None:
    rules = re.sub(r":root \{[^}]*\}", "", STYLE)
    assert not re.findall(r"#[0-9a-f]{3,8}\b|rgba?\(|hsla?\(", rules)
