"""One form for all the ways in which one text is written; and the language that it is in."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.curate.language import detect
from aggregator.curate.text import fold, hanzi, plain


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param("臺灣積體電路", "台湾积体电路", id="traditional and simplified"),
        pytest.param("５Ｇ　ＮＥＴ", "5g net", id="full width"),
        pytest.param("“Stability”", '"stability"', id="quotation marks"),
        pytest.param("「維穩」", '"维稳"', id="corner brackets"),
        pytest.param("a – b", "A - B", id="dashes"),
        pytest.param("soft\u00adware", "software", id="soft hyphen"),
    ],
)
def test_the_same_text_written_otherwise_folds_alike(one: str, other: str) -> None:
    assert fold(one) == fold(other)


@given(st.text())
def test_folding_twice_is_folding_once(text: str) -> None:
    assert fold(fold(text)) == fold(text)


def test_every_character_folds_to_the_end() -> None:
    """Compatibility ideographs in OpenCC's own tables once sent folding round in circles."""
    known = hanzi().simplified
    assert all(fold(fold(character)) == fold(character) == fold(known[character]) for character in known)


@pytest.mark.parametrize(
    ("markup", "expected"),
    [
        pytest.param("<b>台积</b>电", "台积电", id="inline tags part nothing"),
        pytest.param("<p>One</p><p>two</p>", "One two", id="blocks part"),
        pytest.param("5 &lt; 6 &amp; 7", "5 < 6 & 7", id="entities"),
        pytest.param("5 < 6", "5 < 6", id="no tag"),
    ],
)
def test_the_words_of_markup(markup: str, expected: str) -> None:
    assert " ".join(plain(markup).split()) == expected


@given(st.text())
def test_markup_never_raises(text: str) -> None:
    plain(text)


@pytest.mark.parametrize(
    ("title", "hint", "expected"),
    [
        pytest.param("Chip maker gets state money", None, "en", id="Latin"),
        pytest.param("Fabricant de puces", "fr", "fr", id="Latin with a hint"),
        pytest.param("Chip maker gets state money", "zh-CN", "en", id="a hint that the script denies"),
        pytest.param("芯片制造商获得国家资金", None, "zh-Hans", id="simplified"),
        pytest.param("晶片製造商獲得國家資金", None, "zh-Hant", id="traditional"),
        pytest.param("芯片制造商获得国家资金", "zh-CN", "zh-CN", id="a hint that agrees"),
        pytest.param("芯片制造商获得国家资金", "en", "zh-Hans", id="a Chinese entry in an English feed"),
        pytest.param("台积电TSMC与5G", "en", "zh-Hans", id="Chinese with Latin names"),
        pytest.param("TSMC (台积电) plans a plant in the desert", "zh", "en", id="English with a Chinese name"),
        pytest.param("半導体メーカーに資金", None, "ja", id="Japanese"),
        pytest.param("반도체 기업에 국가 자금", None, "ko", id="Korean"),
        pytest.param("优衣库の新店在上海开业", None, "zh-Hans", id="a single kana in a Chinese title"),
        pytest.param("晶片製造商獲得國家資金", "zh-CN", "zh-Hant", id="a hint for other characters"),
        pytest.param("晶片製造商獲得國家資金", "zh", "zh-Hant", id="a hint made exact"),
        pytest.param("中山大街", "zh", "zh", id="characters that both ways of writing have"),
        pytest.param("В столице прошли переговоры", "en", "ru", id="Cyrillic"),
        pytest.param("У столиці відбулися переговори", "uk", "uk", id="Cyrillic with a hint"),
        pytest.param("Die Stadt baut eine Schule und ein Bad für den Süden", None, "de", id="common words of German"),
        pytest.param("Die Stadt baut eine Schule und ein Bad für den Süden", "en-US", "de", id="a platform's default"),
        pytest.param("Schule und Bad", "en-US", "en-US", id="too little to deny a hint"),
        pytest.param("A las vegas hotel closes", None, "en", id="one foreign word is a name"),
        pytest.param("12345", "en", "en", id="only figures: the hint"),
        pytest.param("12345", None, None, id="nothing to go by"),
    ],
)
def test_the_language_of_a_title(title: str, hint: str | None, expected: str | None) -> None:
    assert detect(title, "", hint) == expected
