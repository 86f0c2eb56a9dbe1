"""What rules hear: fields, languages, weights, what stands near, patterns, false friends; and that one pass finds all."""

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from opencc import OpenCC

from aggregator.config import Category, Rule, Source
from aggregator.curate.classify import Classifier
from aggregator.curate.haystack import haystack
from aggregator.curate.rules import Heard, Rules
from aggregator.curate.terms import Terms
from aggregator.curate.text import fold
from tests.support.entries import entry


def category(slug: str = "chips", *rules: Rule, **values: Any) -> Category:
    return Category(slug=slug, name=slug.title(), rules=rules, **values)


def heard(one: Category, *, source: Source | None = None, language: str | None = None, **values: Any) -> Heard | None:
    said = {"title": "", "summary": ""} | values
    return Rules([one]).heard(entry(**said), source, language).get(one.slug)


def score(one: Category, **values: Any) -> float:
    found = heard(one, **values)
    return found.score if found else 0.0


# --- what speaks -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rule", "title", "speaks"),
    [
        pytest.param({"any": ["wafer", "晶圆"]}, "New wafers", True, id="one of any"),
        pytest.param({"any": ["wafer"]}, "New waffles", False, id="none of any"),
        pytest.param({"all": ["chip", "export"]}, "Exports of chips", True, id="all of all"),
        pytest.param({"all": ["chip", "export"]}, "The chip", False, id="one of all"),
        pytest.param({"any": ["ban"], "all": ["chip"]}, "The chip", False, id="all, but none of any"),
        pytest.param({"any": ["ban"], "all": ["chip"]}, "A ban on chips", True, id="all, and one of any"),
        pytest.param({"any": ["chip"], "all": ["chip"]}, "The chip", True, id="the same in both"),
        pytest.param({"any": ["chip"], "none": ["ban"]}, "The chip ban", False, id="silenced by none"),
        pytest.param({"any": ["chip"], "none": ["chip shop"]}, "The chip shop", False, id="a false friend"),
        pytest.param({"any": ["chip"], "none": ["chip shop"]}, "A chip for a chip shop", True, id="beside a false friend"),
        pytest.param({"near": [["police", "protest"]]}, "Police at the protest", True, id="near"),
        pytest.param({"near": [["police", "protest"]]}, "Protesters met by police", False, id="near asks for the word"),
        pytest.param({"near": [["police", "protest*"]]}, "Protesters met by police", True, id="near, in whatever order"),
        pytest.param({"near": [["a1", "b1"]], "distance": 2}, "a1 one two b1", True, id="as far as may be"),
        pytest.param({"near": [["a1", "b1"]], "distance": 2}, "a1 one two three b1", False, id="a word too far"),
        pytest.param({"near": [["a1", "b1"]], "distance": 0}, "b1 a1", True, id="side by side"),
        pytest.param({"near": [["a1", "b1", "c1"]], "distance": 2}, "c1 x a1 b1", True, id="three of them"),
        pytest.param({"near": [["a1", "b1", "c1"]], "distance": 1}, "c1 x a1 b1", False, id="three, too far apart"),
        pytest.param({"near": [["a1", "b1"]], "distance": 1}, "a1 x x b1 x x x b1 a1", True, id="the nearest pair"),
        pytest.param({"near": [["警方", "抗议"]], "distance": 2}, "警方带走四个抗议者", True, id="two characters are a word"),
        pytest.param({"near": [["警方", "抗议"]], "distance": 2}, "警方带走四五个抗议者", False, id="characters too far"),
        pytest.param({"near": [["chip", "chip maker"]]}, "A chip maker", False, id="one inside the other"),
        pytest.param({"regex": [r"\d+ cases"]}, "He saw 23 Cases", True, id="a pattern"),
        pytest.param({"regex": [r"新增\d+例"]}, "本地新增２３例", True, id="a pattern, full width"),
        pytest.param({"regex": ["維[穩稳]"]}, "维稳经费", True, id="a traditional pattern"),
        pytest.param({"regex": ["[一-龥]{4}"]}, "维稳经费", True, id="a pattern with a range"),
        pytest.param({"regex": ["（內地）"]}, "他在(内地)", True, id="a pattern with full-width signs"),
        pytest.param({"regex": [r"^\S+$"]}, "oneword", True, id="a class in capitals"),
        pytest.param({"regex": [r"\d+ cases"], "all": ["virus"]}, "23 cases", False, id="a pattern without its all"),
        pytest.param({"any": ["第23条"]}, "基本法第 23 條", True, id="spaces beside figures"),
        pytest.param({"any": ["AI芯片"]}, "国产 AI 晶片与 AI 芯片", True, id="spaces beside letters"),
        pytest.param({"any": ["AI芯片"]}, "国产HAI芯片", False, id="a word that ends so"),
        pytest.param({"any": ["华为Mate"]}, "华为Material", False, id="a word that begins so"),
        pytest.param({"any": ["C++"]}, "Learn C++ now", True, id="signs inside a term"),
        pytest.param({"any": ["C++"]}, "Vitamin C now", False, id="signs count"),
        pytest.param({"any": ["naïve"]}, "A NAÏVE plan", True, id="an accent"),
        pytest.param({"any": ["plan"]}, "A planète", False, id="a word that goes on with an accent"),
        pytest.param({"any": ["an"]}, "naïvean", False, id="a word after an accent"),
        pytest.param({"any": ["ship"]}, "ˈship", False, id="a letter before it that is none of ours"),
        pytest.param({"any": ["Берлин"]}, "В берлин!", True, id="another alphabet"),
        pytest.param({"any": ["belt and road"]}, "The “Belt and Road” plan", True, id="typographic quotes"),
        pytest.param({"any": ["covid 19"]}, "Covid‑19 and covid—19", True, id="any hyphen"),
        pytest.param({"any": ["emergency order"]}, "emergency, order", False, id="a comma ends a phrase"),
        pytest.param({"any": ["中华人民共和国国务院台湾事务办公室"]}, "中華人民共和國國務院臺灣事務辦公室", True, id="long, in other characters"),
        pytest.param({"any": ["中华人民共和国国务院台湾事务办公室"]}, "中華人民共和國國務院臺灣事務廳", False, id="long, but another"),
    ],
)  # fmt: skip
def test_a_rule_and_a_title(rule: dict[str, Any], title: str, speaks: bool) -> None:  # noqa: FBT001  a table of cases
    assert (score(category("c", Rule.model_validate(rule)), title=title) > 0) is speaks


@pytest.mark.parametrize(
    ("fields", "values", "points"),
    [
        pytest.param(["title"], {"title": "taiwan"}, 3, id="title"),
        pytest.param(["title"], {"summary": "taiwan"}, 0, id="not in the title"),
        pytest.param(["summary"], {"title": "taiwan", "summary": "taiwan"}, 1, id="summary"),
        pytest.param(["body"], {"content": "<p>taiwan</p>"}, 0, id="one hit of a body alone"),
        pytest.param(["address"], {"url": "https://x.example/world/Taiwan-strait?a=b"}, 3, id="address"),
        pytest.param(["address"], {"url": "https://x.example/%E5%8F%B0%E7%81%A3/"}, 0, id="an address in Chinese"),
        pytest.param(["author"], {"author": "The Taiwan desk"}, 2, id="author"),
        pytest.param(["tags"], {"tags": ("Asia", "Taiwan")}, 2, id="the feed's own categories"),
        pytest.param(["source"], {"source": Source(name="t", url="https://t.example", title="Taiwan Today")}, 1, id="source"),
        pytest.param(["title", "tags"], {"title": "Taiwan", "tags": ("taiwan",)}, 3, id="the best of two"),
    ],
)  # fmt: skip
def test_where_a_rule_looks(fields: list[str], values: dict[str, Any], points: float) -> None:
    rule = Rule.model_validate({"any": ["taiwan"], "fields": fields})
    assert score(category("c", rule), **values) == points


def test_an_address_in_chinese_is_read() -> None:
    rule = Rule(any=("台湾",), fields=("address",))
    assert score(category("c", rule), url="https://x.example/%E5%8F%B0%E7%81%A3/") == 3


@pytest.mark.parametrize(
    ("wanted", "language", "speaks"),
    [
        ("zh", "zh-Hans", True),
        ("zh", "zh", True),
        ("zh-Hant", "zh-Hans", False),
        ("zh-hant", "zh-TW", True),
        ("zh-TW", "zh-Hant-TW", True),
        ("en", "en-GB", True),
        ("en-GB", "en", False),
        ("en", "eno", False),
        ("en", None, False),
    ],
)
def test_a_rule_for_a_language(wanted: str, language: str | None, speaks: bool) -> None:  # noqa: FBT001  a table of cases
    rule = Rule(any=("chip",), languages=(wanted,))
    assert (score(category("c", rule), title="chip", language=language) > 0) is speaks


# --- how much --------------------------------------------------------------------------------------------


def test_points_are_weights_times_the_field_and_the_score_is_their_sum() -> None:
    one = category("c", Rule(all=("export",), near=(("ban", "chip"),), weight=2), any=("chip",), weight=1.5)
    found = heard(one, title="Ban on chips", summary="of their export")
    assert found is not None
    assert [(hit.term, hit.field, hit.points, hit.rule) for hit in found.hits] == [
        ("chip", "title", 4.5, "any"),
        ("export", "summary", 3.0, "rules[0]"),
        ("ban … chip", "title", 9.0, "rules[0]"),
    ]
    assert found.score == 16.5


def test_a_weight_below_nothing_speaks_against() -> None:
    one = category("c", Rule(any=("recipe",), weight=-2), any=("chip",))
    assert score(one, title="A chip", summary="and a recipe") == 1
    against = heard(one, title="A chip recipe")
    assert against is not None
    assert (against.score, [hit.points for hit in against.hits]) == (0, [3, -6])
    assert Classifier([one]).categories(entry("A chip recipe"), None) == ()
    (scored,) = Classifier([one]).categories(entry("A chip", "recipe"), None)
    assert scored.reason == "title has “chip”; against it: summary has “recipe”"


def test_what_is_against_it_makes_no_second_hit_in_a_body() -> None:
    one = category("c", Rule(any=("recipe",), weight=-0.1), any=("chip",))
    assert score(one, content="<p>a chip recipe</p>") == 0
    assert score(one, content="<p>a chip</p>", title="no recipe") == 0


def test_two_rules_of_a_body_are_two_hits() -> None:
    one = category("c", Rule(any=("wafer",)), any=("chip",))
    assert score(one, content="<p>a chip, a wafer</p>") == 1


# --- false friends ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("title", "summary", "points", "forbidden"),
    [
        pytest.param("The chip shop", "", 0, (), id="only the false friend"),
        pytest.param("The chip shop", "sells a chip", 1, (), id="the true one stands elsewhere"),
        pytest.param("The chip shop buys wafers", "", 3, (), id="something else speaks"),
        pytest.param("A recipe with chips", "", 0, ("recipe",), id="another matter"),
        pytest.param("Chips", "a recipe", 0, ("recipe",), id="another matter in the summary"),
        pytest.param("Chip shops", "", 0, (), id="the false friend's plural"),
    ],
)
def test_none_takes_away_what_it_holds_or_else_forbids(
    title: str, summary: str, points: float, forbidden: tuple[str, ...]
) -> None:
    one = category("c", any=("chip", "wafer"), none=("chip shop", "recipe"))
    found = heard(one, title=title, summary=summary)
    assert (found.score if found else 0) == points
    assert (found.forbidden if found else ()) == forbidden


def test_a_false_friend_in_the_body_takes_its_hit_away_there_too() -> None:
    one = category("c", any=("chip", "wafer"), none=("chip shop", "recipe"))
    assert score(one, content="<p>a wafer in a chip shop</p>") == 0
    assert score(one, content="<p>a wafer, a chip, a chip shop</p>") == 1
    assert score(one, title="chip", content="<p>recipe</p>") == 3


def test_a_forbidden_category_is_accounted_for() -> None:
    one = category("c", any=("chip",), none=("recipe",))
    account = Classifier([one]).account(entry("A chip recipe"), None)
    assert account.scored == ()
    assert account.heard["c"].forbidden == ("recipe",)
    assert [hit.term for hit in account.heard["c"].hits] == ["chip"]


# --- order -----------------------------------------------------------------------------------------------

ECONOMY = category("economy", any=("economy", "growth"))
FINANCE = category("finance", any=("stocks", "bank"), within=("economy",))
CRYPTO = category("crypto", any=("bitcoin",), within=("finance",))
SPORT = category("sport", any=("football",))
CATEGORIES = [ECONOMY, FINANCE, CRYPTO, SPORT]


@pytest.mark.parametrize(
    ("title", "summary", "expected"),
    [
        pytest.param("Football and the economy", "stocks", ["economy", "sport", "finance"], id="below half of it"),
        pytest.param("Economy: stocks fall", "growth", ["finance", "economy"], id="within, with more than half"),
        pytest.param("Stocks fall", "", ["finance", "economy"], id="the broader one follows"),
        pytest.param("Bitcoin", "", ["crypto", "finance", "economy"], id="two steps"),
        pytest.param("Bitcoin and growth", "", ["crypto", "economy", "finance"], id="one of them speaks by itself"),
        pytest.param("Football bank", "bank, economy", ["finance", "sport", "economy"], id="equal ones as configured"),
        pytest.param("Football: a bank, stocks", "", ["finance", "sport", "economy"], id="what follows comes last"),
    ],
)
def test_the_most_specific_leads(title: str, summary: str, expected: list[str]) -> None:
    found = Classifier(CATEGORIES).categories(entry(title, summary), None)
    assert [scored.slug for scored in found] == expected


def test_a_category_that_follows_says_from_what() -> None:
    found = Classifier(CATEGORIES).categories(entry("Bitcoin"), None)
    assert [(one.score, one.reason) for one in found] == [
        (3, "title has “bitcoin”"),
        (0, "Crypto lies within it"),
        (0, "Crypto lies within it"),
    ]


def test_categories_in_a_circle_end() -> None:
    """The configuration refuses them; nothing must hang on it."""
    one, other = category("a", any=("x1",), within=("b",)), category("b", any=("x1",), within=("a",))
    assert len(Classifier([one, other]).categories(entry("x1"), None)) == 2


# --- one pass --------------------------------------------------------------------------------------------

TRADITIONAL = OpenCC("s2t")
WORDS = st.sampled_from(
    [
        *[
            "chip",
            "chips",
            "chipped",
            "chipmaker",
            "maker",
            "makers",
            "U.S.",
            "army",
            "a",
            "ab",
            "abc",
            "b",
            "of",
            "the",
        ],
        *["AI", "ai", "WHO", "who", "5G", "ＡＩ", "１２", "é", "café", "ß", "ü"],
        *["芯片", "晶片", "维稳", "維穩", "台湾", "臺灣", "国", "國", "中国", "中國"],
    ]
)
JOINTS = st.sampled_from(
    ["", " ", "-", ", ", ". ", "’", "“", "”", "，", "。", "「", "\n", "\xa0", "\u3000", "\u200b", "(", "—"]
)
TEXTS = st.lists(st.tuples(WORDS, JOINTS), max_size=12).map(lambda pairs: "".join(a + b for a, b in pairs))
TERMS = st.lists(st.lists(WORDS, min_size=1, max_size=3).map(" ".join) | WORDS.map(lambda word: f"{word}*"), max_size=6)


@given(TERMS, TEXTS)
def test_one_pass_finds_what_each_term_finds_alone(terms: list[str], text: str) -> None:
    assert Terms(terms).find(text) == {term for term in terms if Terms([term]).find(text)}


@given(st.lists(WORDS.filter(str.isascii), min_size=1, max_size=3), TEXTS)
def test_a_latin_phrase_is_found_where_a_plain_search_finds_it(words: list[str], text: str) -> None:
    phrase = " ".join(words).lower().rstrip(".")
    told = haystack(text).decode()
    there = re.search(rf"(?<![^\W_\u3400-\u9fff]){re.escape(phrase)}(?![^\W_\u3400-\u9fff])", told)
    assert not there or Terms([phrase]).find(text)


@given(st.lists(st.sampled_from("芯片维稳台湾国中后发干里面"), min_size=1, max_size=6).map("".join), TEXTS)
def test_a_chinese_term_is_found_where_the_folded_text_has_it(term: str, text: str) -> None:
    for written in (f"{text}{term}{text}", f"{text}{TRADITIONAL.convert(term)}", text):
        assert bool(Terms([term]).find(written)) == (fold(term) in fold(written))


@given(st.text())
def test_any_text_is_taken(text: str) -> None:
    assert b"  " not in haystack(text)
    Terms([text]).find(text)
    Classifier(CATEGORIES).categories(entry(text, text, content=text, tags=(text,)), None)


@given(TEXTS)
def test_nothing_reaches_over_the_end_of_a_field(text: str) -> None:
    one = category("c", any=("chip maker", "芯片"))
    assert score(one, title=f"{text} chip", summary=f"maker {text}") == score(one, title=text, summary=text)
