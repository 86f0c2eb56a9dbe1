"""One form for all the ways in which one text is written; and the language that it is in."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.curate.language import detect
from aggregator.curate.text import fold, hanzi, plain
from aggregator.curate.tongues import by_common_words


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
        pytest.param("Schule und Bad", "en-US", "de", id="a short headline that denies a hint"),
        pytest.param("Lärarna strejkar", None, "sv", id="two words"),
        pytest.param("Harga gandum turun lagi", None, "id", id="Indonesian"),
        pytest.param("Harga gandum turun lagi", "ms", "ms", id="Malay, which sounds alike, where the feed says so"),
        pytest.param("Cảnh báo lũ lụt", "en", "vi", id="Vietnamese"),
        pytest.param("Incêndio em fábrica", "es", "pt", id="a neighbour that is clearly another"),
        pytest.param("Tesla", "fr", "fr", id="a name says nothing"),
        pytest.param("iPhone 15 Pro", None, "en", id="a name without a hint"),
        pytest.param("v3.9.0", "en-US", "en-US", id="too few letters"),
        pytest.param("Ellibereth", "sjn", "sjn", id="a language that nobody knows is kept"),
        pytest.param("Учителі страйкують третій тиждень", "ru", "uk", id="letters that Russian does not have"),
        pytest.param("Нова вакцина дає надію", None, "uk", id="Ukrainian without a hint"),
        pytest.param("Медсёстры требуют повышения зарплат", "uk", "ru", id="letters that Ukrainian does not have"),
        pytest.param("قیمت گندم باز هم کاهش یافت", None, "fa", id="Persian"),
        pytest.param("أسعار القمح تتراجع مجددا", "en", "ar", id="Arabic"),
        pytest.param("अदालत ने अपील खारिज की", None, "hi", id="Hindi"),
        pytest.param("ราคาข้าวสาลีลดลงอีก", "en", "th", id="Thai"),
        pytest.param("裁判所、控訴を棄却", None, "ja", id="one ending makes Japanese"),
        pytest.param("選挙延期", None, "ja", id="simplified as in Japan"),
        pytest.param("株価急落", "ja", "ja", id="only Han, where the feed says Japanese"),
        pytest.param("中国收紧出口管制", "ja", "zh-Hans", id="simplified as in China alone"),
        pytest.param("佢哋琴日喺度開咗會", None, "zh-Hant", id="Cantonese"),
        pytest.param("佢哋琴日喺度開咗會", "yue", "yue", id="Cantonese, where the feed says so"),
        pytest.param("Ubuntu 24.04 LTS 已引入新内核", "zh-CN", "zh-CN", id="names of products in a Chinese headline"),
        pytest.param("ᏣᎳᎩ ᎦᏬᏂᎯᏍᏗ", "chr", "chr", id="a script that we do not know"),
        pytest.param("A las vegas hotel closes", None, "en", id="one foreign word is a name"),
        pytest.param("12345", "en", "en", id="only figures: the hint"),
        pytest.param("12345", None, None, id="nothing to go by"),
    ],
)
def test_the_language_of_a_title(title: str, hint: str | None, expected: str | None) -> None:
    assert detect(title, "", hint) == expected


@pytest.mark.parametrize(
    ("title", "text", "hint", "expected"),
    [
        pytest.param("Service Mesh 实践（六）：I18N Language", "这里说明如何配置。", None, "zh-Hans", id="two scripts"),
        pytest.param(
            "The 台积电 plant", "A chip maker builds in the desert.", "zh", "en", id="two scripts, in English"
        ),
        pytest.param("Live", "La police a arrêté cinq personnes dans la nuit.", None, "fr", id="an unclear title"),
        pytest.param("Shares slide again", "Die Aktien sind wieder gefallen.", None, "en", id="a clear title decides"),
        pytest.param("目前", "他們說會議延後。", None, "zh-Hant", id="no telling character in the title"),
        pytest.param("株主総会", "今日、東京で開かれた。", None, "ja", id="Japanese by its text"),
        pytest.param("Q", "記者會今日舉行", "zh-HK", "zh-HK", id="a single letter"),
    ],
)
def test_the_text_speaks_where_the_title_does_not(title: str, text: str, hint: str | None, expected: str) -> None:
    assert detect(title, text, hint) == expected


def test_common_words_are_enough_for_a_sentence() -> None:
    heard = by_common_words("Die Stadt baut eine Schule und ein Bad für den Süden")
    assert max(heard, key=heard.__getitem__) == "de"
    assert heard["de"] > 0.9
    assert by_common_words("Tesla") == {}


@given(st.text(), st.text(), st.sampled_from([None, "en", "zh-CN", "x-private"]))
def test_finding_a_language_never_raises(title: str, text: str, hint: str | None) -> None:
    detect(title, text, hint)
    detect(f"{title}\0\ud800", text, hint)
