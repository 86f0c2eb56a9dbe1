"""Durations, sizes and rates are read, shown, and read again."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from aggregator.config.kinds import (
    Duration,
    Rate,
    Size,
    read_duration,
    read_rate,
    read_size,
    show_duration,
    show_rate,
    show_size,
)


@pytest.mark.parametrize(
    ("text", "seconds"), [("90s", 90), ("30m", 1800), ("2h", 7200), ("1d", 86400), ("2w", 1209600), ("1.5h", 5400), ("250ms", 0.25)]
)  # fmt: skip
def test_durations(text: str, seconds: float) -> None:
    assert read_duration(text) == read_duration(f"  {text} ") == timedelta(seconds=seconds)


@pytest.mark.parametrize(
    "text", ["", "30", "m", "-1h", "1 h 5 m", "1y", "٣m", "1e3s", None, 5, True, [], "9" * 400 + "w"]
)
def test_what_is_no_duration_is_told_as_a_mistake(text: object) -> None:
    with pytest.raises(ValidationError, match=r"duration|ten years"):
        TypeAdapter(Duration).validate_python(text)


@pytest.mark.parametrize("text", ["", "MB", "-1MB", "1TB", "ten", None, True, 1.5, "9" * 400 + "GB"])
def test_what_is_no_size(text: object) -> None:
    with pytest.raises(ValidationError, match="is no size"):
        TypeAdapter(Size).validate_python(text)


@pytest.mark.parametrize(
    "text", ["", "20", "/s", "20/d", "0/s", 0, -3, None, True, float("nan"), float("inf"), 10**400]
)
def test_what_is_no_rate(text: object) -> None:
    with pytest.raises(ValidationError, match="is no rate"):
        TypeAdapter(Rate).validate_python(text)


@given(st.integers(0, 10**11))
def test_a_duration_is_shown_as_it_can_be_read(milliseconds: int) -> None:
    duration = timedelta(milliseconds=milliseconds)
    assert abs(read_duration(show_duration(duration)) - duration) <= timedelta(microseconds=1)


@given(st.integers(0, 3000), st.sampled_from("smhd"))
def test_a_whole_duration_is_shown_exactly(number: int, unit: str) -> None:
    duration = read_duration(f"{number}{unit}")
    assert read_duration(show_duration(duration)) == duration
    assert len(show_duration(duration)) <= len(f"{number}{unit}") + 4


@given(st.integers(0, 10**15))
def test_a_size_is_shown_exactly(size: int) -> None:
    assert read_size(show_size(size)) == size


@given(st.integers(1, 10**6), st.sampled_from("smh"))
def test_a_rate_is_shown_as_it_can_be_read(number: int, unit: str) -> None:
    rate = read_rate(f"{number}/{unit}")
    assert read_rate(show_rate(rate)) == pytest.approx(rate, rel=0.01, abs=1e-6)


@given(st.text())
def test_any_text_is_read_or_refused(text: str) -> None:
    for kind in (Duration, Size, Rate):
        try:
            TypeAdapter(kind).validate_python(text)
        except ValidationError as error:
            assert error.error_count() == 1  # noqa: PT017  either outcome is right
