"""The learned layer: what it reads of a text, how a model is kept and read, and how it joins the rules."""

import json
import random
from hashlib import blake2b
from math import log

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.config import Category
from aggregator.curate import learn
from aggregator.curate.classify import VOICE, Classifier
from aggregator.curate.features import manner, subject
from aggregator.curate.learned import MAGIC, Learned
from aggregator.errors import LearningError, ModelError
from aggregator.model import Example
from tests.support.entries import entry
from tests.support.learned import model

# --- features --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("title", "there", "not_there"),
    [
        pytest.param("Chip makers", {"wchip", "wmakers", "pchip makers"}, {"lch"}, id="words and pairs"),
        pytest.param(
            "涨了3.5%", {"r涨", "r涨了", "r了#", "r#%", "r^涨", "r%$", "w3", "w5"}, {"p涨 了"}, id="runs over signs"
        ),
        pytest.param("5G芯片", {"w5g", "l5g", "r芯片"}, set(), id="Latin parts beside Chinese"),
        pytest.param("人工智能", {"r人工智能"}, set(), id="a word of four"),
        pytest.param("臺積電", {"r台积电"}, {"r臺"}, id="traditional is folded"),
    ],
)
def test_what_is_read_for_the_subject(title: str, there: set[str], not_there: set[str]) -> None:
    found = set(subject(title, ""))
    assert there <= found
    assert not found & not_there


def test_what_both_say_counts_twice_and_the_end_of_a_long_text_not_at_all() -> None:
    assert subject("Chip", "A chip").count("wchip") == 2
    assert "wlast" not in subject("Chip", "word " * 300 + "last")


def test_manner_sees_how_a_headline_is_built() -> None:
    built = {one for one in manner("Why We Should Not Build 3 Bridges", "") if one[0] == "b"}
    assert {"b^ why we should", "b_ # _ $", "b^why", "bbridges$"} <= built


@given(st.text(), st.text())
def test_any_text_is_read(title: str, text: str) -> None:
    assert set(subject(title, text)) <= set(manner(title, text))


# --- models ----------------------------------------------------------------------------------------------

WORDS = {"chip": (4.0, -2.0), "court": (-2.0, 3.0), "芯片": (1.0, 1.0)}


@pytest.fixture(scope="module")
def learned() -> Learned:
    return Learned.from_bytes(model(["technology", "law"], WORDS))


def test_words_decide_and_say_so(learned: Learned) -> None:
    best, other = learned.guess("A chip", "")
    assert (best.label, other.label) == ("technology", "law")
    assert best.probability + other.probability == pytest.approx(1)
    assert [term for term, _ in learned.terms("A chip in court", "", "technology")] == ["chip", "court"]
    (_, chip), (_, court) = learned.terms("A chip in court", "", "technology")
    assert chip > 0 > court


def test_terms_add_up_to_the_odds(learned: Learned) -> None:
    """With two labels, what is told of one is half the difference between the two."""
    best, other = learned.guess("A chip in court", "The chip")
    odds = sum(weight for _, weight in learned.terms("A chip in court", "The chip", best.label))
    assert log(best.probability / other.probability) == pytest.approx(2 * odds, abs=1e-6)


def test_a_text_of_which_nothing_is_known_is_not_guessed_at(learned: Learned) -> None:
    assert learned.guess("Nothing known", "") == ()
    assert learned.terms("Nothing known", "", "law") == ()


@given(st.lists(st.sampled_from(["chip", "court", "other"]), max_size=400))
def test_however_many_words_lanes_do_not_run_over(words: list[str]) -> None:
    found = Learned.from_bytes(model(["technology", "law"], {"chip": (300.0, -300.0), "court": (-300.0, 300.0)}))
    told = found.guess(" ".join(words), "")
    chip, court = "chip" in words, "court" in words
    if chip != court:
        assert told[0].label == ("technology" if chip else "law")


GOOD = model(["technology", "law"], WORDS)


def signed(content: bytes) -> bytes:
    return content + blake2b(content, digest_size=16).digest()


def said(**changes: object) -> bytes:
    """The good model with another second line, signed anew."""
    line, rest = GOOD[len(MAGIC) : -16].split(b"\n", 1)
    return signed(MAGIC + json.dumps(json.loads(line) | changes).encode() + b"\n" + rest)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        pytest.param(b"", "no model of this version", id="empty"),
        pytest.param(b"\x80\x04\x95", "no model of this version", id="a pickle"),
        pytest.param(GOOD[:-1], "not whole", id="cut"),
        pytest.param(GOOD[:200] + b"x" + GOOD[201:], "not whole", id="a byte changed"),
        pytest.param(said(rows=10**9), "figures do not fit", id="more rows than there are"),
        pytest.param(said(rows=-1), "figures do not fit", id="fewer than none"),
        pytest.param(said(trust=2), "figures do not fit", id="more than certain"),
        pytest.param(said(step=0), "figures do not fit", id="no step"),
        pytest.param(said(bias=[0.0]), "figures do not fit", id="a bias too few"),
        pytest.param(said(bias=["0", "0"]), "figures do not fit", id="a bias of letters"),
        pytest.param(said(labels=["law", "law"]), "figures do not fit", id="a label twice"),
        pytest.param(said(sees="dreams"), "figures do not fit", id="reads what nobody knows"),
        pytest.param(said(sees=[]), "second line is wrong", id="reads a list"),
        pytest.param(said(more=1), "second line is wrong", id="a key too many"),
        pytest.param(said(accuracy=float("nan")), "figures do not fit", id="not a number"),
        pytest.param(signed(MAGIC + b"[" * 5000 + b"\n"), "second line is wrong", id="nested without end"),
        pytest.param(signed(MAGIC + b"{}"), "second line is wrong", id="no end of line"),
    ],
)
def test_what_is_no_model_is_refused(content: bytes, told: str) -> None:
    with pytest.raises(ModelError, match=told):
        Learned.from_bytes(content)


# --- beside the rules ------------------------------------------------------------------------------------

TECHNOLOGY = Category(slug="technology", name="Technology", any=("wafer",), none=("chip shop",))
LAW = Category(slug="law", name="Law", any=("court",))


def test_the_score_is_the_rules_and_the_voice(learned: Learned) -> None:
    (scored,) = Classifier([TECHNOLOGY, LAW], learned).categories(entry("A wafer for a chip"), None)
    sure = learned.guess("A wafer for a chip", "")[0].probability
    assert scored.score == pytest.approx(3 + VOICE * sure, abs=1e-3)
    assert scored.reason == f"title has “wafer”; learned: {sure:.0%}"


def test_below_its_confidence_it_is_silent(learned: Learned) -> None:
    sure = Classifier([TECHNOLOGY, LAW], learned, confidence=0.9999)
    assert sure.categories(entry("A chip"), None) == ()
    assert not sure.account(entry("A chip"), None).speaks
    assert [one.slug for one in Classifier([TECHNOLOGY, LAW], learned).categories(entry("A chip"), None)] == [
        "technology"
    ]


def test_with_no_confidence_asked_it_always_speaks(learned: Learned) -> None:
    assert Classifier([TECHNOLOGY, LAW], learned, confidence=0).categories(entry("A chip in court"), None)


def test_what_a_rule_forbids_nothing_learned_gives(learned: Learned) -> None:
    found = Classifier([TECHNOLOGY, LAW], learned).categories(entry("A wafer from the chip shop"), None)
    assert "technology" not in [one.slug for one in found]


def test_labels_that_are_no_category_any_more_are_passed_over(learned: Learned) -> None:
    assert Classifier([LAW], learned).categories(entry("A chip"), None) == ()


def test_a_text_in_no_category_loses_what_rules_heard_by_chance() -> None:
    found = Learned.from_bytes(model(["other", "law"], {"tennis": (9.0, -9.0)}))
    classifier = Classifier([LAW], found)
    assert classifier.categories(entry("On a tennis court"), None) == ()
    assert [one.slug for one in classifier.categories(entry("In court"), None)] == ["law"]


# --- training --------------------------------------------------------------------------------------------


def made_up() -> list[Example]:
    chance = random.Random(7)
    nouns = {
        "technology": ["chip", "wafer", "laser", "芯片", "晶圆"],
        "law": ["court", "judge", "verdict", "法院", "判决"],
    }
    return [
        Example(f"The {' '.join(chance.sample(words, 2))} {number}", "", label)
        for label, words in nouns.items()
        for number in range(12)
    ]


@pytest.fixture(scope="module")
def trained() -> bytes:
    return learn.train(made_up())


def test_what_was_taught_is_known_again(trained: bytes) -> None:
    learned = Learned.from_bytes(trained)
    assert learned.accuracy > 0.9
    assert learned.of == learn.digest(made_up())
    assert learned.guess("A verdict", "the judge said")[0].label == "law"
    assert learned.guess("新的芯片", "")[0].label == "technology"
    assert learned.terms("A verdict", "", "law")[0][0] == "verdict"


def test_few_examples_are_not_trusted_far(trained: bytes) -> None:
    """24 texts of two labels: what they are sure of is held for three in five."""
    best = Learned.from_bytes(trained).guess("A verdict of the court", "the judge said so")[0]
    assert 0.5 < best.probability <= 24 / (24 + 16)


def test_the_same_examples_make_the_same_model(trained: bytes) -> None:
    assert learn.train(made_up()) == trained


@pytest.mark.parametrize(
    ("labels", "hint"),
    [
        pytest.param([], "none at all", id="nothing"),
        pytest.param(["law"] * 9, "there are: law 9", id="one label"),
        pytest.param(["law"] * 9 + ["technology"] * 2, "technology 2", id="too few of another"),
    ],
)
def test_too_few_examples_are_told(labels: list[str], hint: str) -> None:
    with pytest.raises(LearningError, match="too few examples") as told:
        learn.train([Example(f"text {number}", "", label) for number, label in enumerate(labels)])
    assert hint in (told.value.hint or "")
