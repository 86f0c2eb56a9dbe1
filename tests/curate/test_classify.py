"""Categories by rules, and the section by marks; each with its reason."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.config import DEFAULT_SECTIONS, Category, Rule, Section, Source
from aggregator.curate.classify import Classifier
from aggregator.curate.sections import Sections
from aggregator.curate.terms import Terms
from aggregator.model import Choice, Entry
from tests.support.entries import entry


@pytest.mark.parametrize(
    ("term", "text", "found"),
    [
        pytest.param("chip", "The chip was new", True, id="a whole word"),
        pytest.param("chip", "The chipmunk was new", False, id="not inside a word"),
        pytest.param("laboratory", "Laboratories were told", True, id="plural in -ies"),
        pytest.param("destroy", "destroyed samples", True, id="past"),
        pytest.param("censor", "censoring posts", True, id="-ing"),
        pytest.param("ban", "the city banned cars", True, id="doubled letter"),
        pytest.param("China", "China's plan", True, id="possessive"),
        pytest.param("emergency order", "an Emergency  Order came", True, id="a phrase"),
        pytest.param("emergency order", "an order in an emergency", False, id="a phrase keeps its order"),
        pytest.param("emergency order", "an emergency. Order a meal", False, id="a phrase ends with its sentence"),
        pytest.param("chip maker", "a chip-maker", True, id="a phrase with a hyphen"),
        pytest.param("chip maker", "chip芯片maker", False, id="a phrase is not parted by Chinese"),
        pytest.param("chip maker", "two chip makers", True, id="a phrase's last word inflects"),
        pytest.param("U.S. Army", "the U.S. Army said", True, id="dots inside a term"),
        pytest.param("AI芯片", "国产ＡＩ芯片", True, id="Latin and Chinese in one term"),
        pytest.param("semiconduct*", "semiconductors rose", True, id="a prefix"),
        pytest.param("semiconduct*", "conductors rose", False, id="a prefix is no part"),
        pytest.param("芯片", "国产芯片获得资金", True, id="Chinese, anywhere"),
        pytest.param("芯片", "晶圓廠與芯片", True, id="in a traditional text"),
        pytest.param("維穩", "维稳经费", True, id="a traditional term in a simplified text"),
        pytest.param("5G", "华为５Ｇ基站", True, id="full width"),
        pytest.param("疫", "新冠疫情", True, id="a single character"),
        pytest.param("WHO", "who would say so", False, id="capitals that are a common word"),
        pytest.param("WHO", "The WHO says so", True, id="capitals in the text"),
        pytest.param("AI", "Ai Weiwei spoke", False, id="two capitals match capitals only"),
        pytest.param("AI", "An AI lab opened", True, id="two capitals"),
        pytest.param("GDP", "gdp fell", True, id="other capitals match any case"),
    ],
)
def test_a_term_in_a_text(term: str, text: str, found: bool) -> None:  # noqa: FBT001  a table of cases
    assert (term in Terms([term]).find(text)) is found


@given(st.lists(st.text(min_size=1), max_size=5), st.text())
def test_terms_never_raise_and_find_only_terms(terms: list[str], text: str) -> None:
    assert Terms(terms).find(text) <= set(terms)


TECHNOLOGY = Category(slug="technology", name="Technology", any=("chip", "芯片"), none=("chip shop",))
HEALTH = Category(slug="health", name="Health", all=("virus", "hospital"))


def slugs(*categories: Category, title: str = "", summary: str = "", content: str = "") -> list[str]:
    found = Classifier(categories).categories(entry(title, summary, content=content), None)
    return [scored.slug for scored in found]


def test_any_is_enough_all_must_be_there_none_forbids() -> None:
    assert slugs(TECHNOLOGY, HEALTH, title="A chip for the hospital") == ["technology"]
    assert slugs(TECHNOLOGY, HEALTH, title="Virus", summary="in a hospital") == ["health"]
    assert slugs(TECHNOLOGY, title="A chip shop opens") == []


def test_the_title_counts_most_and_weight_prefers() -> None:
    other = Category(slug="other", name="Other", any=("plant",))
    assert slugs(other, TECHNOLOGY, title="A chip", summary="from a plant") == ["technology", "other"]
    heavy = Category(slug="heavy", name="Heavy", any=("plant",), weight=4)
    assert slugs(TECHNOLOGY, heavy, title="A chip", summary="from a plant") == ["heavy", "technology"]


def test_a_body_alone_takes_two_terms() -> None:
    assert slugs(TECHNOLOGY, title="Notes", content="<p>one chip</p>") == []
    assert slugs(TECHNOLOGY, title="Notes", content="<p>one chip, 芯片</p>") == ["technology"]


@pytest.mark.parametrize(
    ("title", "summary", "applies"),
    [
        pytest.param("A bank closes", "", True, id="one strong word in the title"),
        pytest.param("News", "A bank closes", False, id="one in the summary"),
        pytest.param("News", "A bank and a broker close", True, id="two in the summary"),
        pytest.param("A rally", "", False, id="a weak word in the title"),
        pytest.param("A rally", "Says a bank", True, id="a weak word and another"),
    ],
)
def test_a_category_may_take_more_than_one_word(title: str, summary: str, applies: bool) -> None:  # noqa: FBT001
    finance = Category(
        slug="finance",
        name="Finance",
        any=("bank", "broker"),
        rules=(Rule(any=("rally",), weight=0.5),),
        weight=1.4,
        enough=2,
    )
    assert slugs(finance, title=title, summary=summary) == (["finance"] if applies else [])
    lent = Source(name="s", url="https://s.example/feed", categories=("finance",))
    assert Classifier([finance]).categories(entry(title="News"), lent)[0].slug == "finance"


def test_an_address_speaks_only_where_a_rule_looks_at_it() -> None:
    economy = Category(slug="economy", name="Economy", any=("economic",), rules=(Rule(any=("x",), fields=("tags",)),))
    there = entry(title="News", url="https://economic-times.example/economic/1")
    assert Classifier([economy]).categories(there, None) == ()


def test_the_reason_names_terms_and_fields() -> None:
    (scored,) = Classifier([TECHNOLOGY]).categories(entry("Chips", "国产芯片"), None)
    assert scored.reason == "title has “chip”; summary has “芯片”"


def test_a_source_lends_its_categories() -> None:
    source = Source(name="wire", url="https://wire.example/feed", title="The Wire", categories=("technology",))
    (scored,) = Classifier([TECHNOLOGY]).categories(entry("Nothing of it"), source)
    assert (scored.slug, scored.reason) == ("technology", "every entry of The Wire")

    (scored,) = Classifier([TECHNOLOGY]).categories(entry("A chip"), source)
    assert (scored.score, scored.reason) == (4, "title has “chip”; every entry of The Wire")
    forbidden = Classifier([TECHNOLOGY]).categories(entry("A chip shop"), source)
    assert [one.slug for one in forbidden] == ["technology"], "what the operator says of a source always holds"


def test_a_category_without_rules_matches_nothing_by_itself() -> None:
    assert slugs(Category(slug="other", name="Other", none=("x",)), title="Anything") == []


@given(st.permutations([TECHNOLOGY, HEALTH, Category(slug="plant", name="Plant", any=("plant",), weight=2)]))
def test_the_best_is_the_best_in_whatever_order_categories_are_configured(order: list[Category]) -> None:
    assert slugs(*order, title="A chip plant", summary="with a hospital against the virus")[0] == "plant"


@pytest.mark.parametrize(
    ("title", "values", "expected"),
    [
        pytest.param("Opinion | A call for reform", {}, "perspectives", id="a mark with a bar"),
        pytest.param("【评论】改革的呼声", {}, "perspectives", id="a Chinese mark in brackets"),
        pytest.param("社論：改革的呼聲", {}, "perspectives", id="a traditional mark with a colon"),
        pytest.param("改革的呼声｜观点", {}, "perspectives", id="a Chinese mark at the end"),
        pytest.param("【明报社评】改革的呼声", {}, "perspectives", id="a Chinese mark after its paper's name"),
        *(pytest.param(f"观点{bar}改革的呼声", {}, "perspectives", id=f"the bar {bar}") for bar in "|｜丨│∣︱︳❘"),
        *(
            pytest.param(f"Opinion {bar} A call", {}, "perspectives", id=f"Latin, the bar {bar}")
            for bar in "|｜丨│∣︱︳❘"
        ),
        pytest.param("A call for reform | Opinion", {}, "perspectives", id="a Latin mark at the end"),
        pytest.param("[Opinion] A call for reform", {}, "perspectives", id="a Latin mark in brackets"),
        pytest.param("他的“观点”引来争议", {}, "briefings", id="a quoted word is no mark"),
        pytest.param("《评论》杂志停刊", {}, "briefings", id="a magazine's name is no mark"),
        pytest.param("专家分析：股市将跌", {}, "briefings", id="a sentence that ends in a mark is none"),
        pytest.param("深度学习：新的方法", {}, "briefings", id="a longer word is no mark"),
        pytest.param("Psychoanalysis: a history", {}, "briefings", id="the end of a word is no mark"),
        pytest.param("市民评论新规定", {}, "briefings", id="the word inside a sentence is no mark"),
        pytest.param("Opinions differ on reform", {}, "briefings", id="a Latin word without its bar is no mark"),
        pytest.param("深度｜芯片之路", {}, "analyses", id="an analysis"),
        pytest.param("A call", {"url": "https://x.example/opinion/a-call"}, "perspectives", id="the address"),
        pytest.param("A call", {"url": "https://x.example/opinion"}, "perspectives", id="the address ends with it"),
        pytest.param("A call", {"url": "https://x.example/no-opinion/a"}, "briefings", id="only whole segments"),
        pytest.param(
            "A call", {"url": "https://opinion.x.example/a-call"}, "perspectives", id="the host's first label"
        ),
        pytest.param("A call", {"url": "https://opinion.example/a-call"}, "briefings", id="a whole site's name"),
        pytest.param("A call", {"url": "https://x.example/?of=/opinion/a"}, "briefings", id="no query"),
        pytest.param("A call", {"url": "https://[x/opinion/"}, "briefings", id="no address at all"),
        pytest.param("A call", {"tags": ("Analysis",)}, "analyses", id="the feed's category"),
        pytest.param("A call", {"tags": ("News > Opinion",)}, "perspectives", id="a part of the feed's category"),
        pytest.param("A call", {"tags": ("Public Opinion",)}, "briefings", id="a longer category"),
        pytest.param("A call", {"author": "Jane Doe, Opinion Columnist"}, "perspectives", id="a columnist's byline"),
        pytest.param("A call", {"author": "The Editorial Board"}, "perspectives", id="a board"),
        pytest.param("A call", {"author": "Ann Columnister"}, "briefings", id="a longer word in a byline"),
        pytest.param("改革的呼声", {"author": "本报特约评论员 方言"}, "perspectives", id="a Chinese byline"),
        pytest.param("改革的呼聲", {"author": "本報評論員"}, "perspectives", id="a traditional byline"),
        pytest.param("Opinion - A call", {}, "perspectives", id="a dash at the start"),
        pytest.param("A call – opinion", {}, "perspectives", id="a dash at the end"),
        pytest.param("Analysis-Banks face a harder year", {}, "analyses", id="an agency's hyphen"),
        pytest.param("Data-driven farms spread", {}, "briefings", id="a hyphen inside a word"),
        pytest.param("Data | A year of floods", {}, "analyses", id="a weak mark with a bar"),
        pytest.param("Data: wages rose in May", {}, "briefings", id="a weak mark with a colon is a source"),
        pytest.param("数据：五月工资上涨", {}, "briefings", id="a weak Chinese mark with a colon"),
        pytest.param("数据｜五月工资", {}, "analyses", id="a weak Chinese mark with a bar"),
        pytest.param("【大数据】工厂的一年", {}, "briefings", id="a weak mark at the end of a word"),
        pytest.param("What we know about the leak", {}, "analyses", id="a phrase at the start"),
        pytest.param("Ministers ask what we know about the leak", {}, "briefings", id="the phrase further on"),
        pytest.param("The new tax, explained", {}, "analyses", id="a phrase at the end"),
        pytest.param("The tax was left unexplained", {}, "briefings", id="the end of a longer word"),
        pytest.param("Interview with a ferry pilot", {}, "perspectives", id="an interview"),
        pytest.param(
            "Harbour Times editorial: spend it on drains", {}, "perspectives", id="a mark after its paper's name"
        ),
        pytest.param("The mayor of the town said in an editorial: no", {}, "briefings", id="the mark after a sentence"),
        pytest.param("海湾日报社评：把钱花在排水上", {}, "perspectives", id="a Chinese mark after its paper's name"),
        pytest.param("專訪｜渡輪船長的一天", {}, "perspectives", id="a traditional mark of a simplified rule"),
        pytest.param("渡轮船长的一天丨江边访谈", {}, "perspectives", id="a name and a mark at the end"),
        pytest.param("一文看懂新税法", {}, "analyses", id="a Chinese phrase at the start"),
        pytest.param("会谈的一文看懂本", {}, "briefings", id="the Chinese phrase further on"),
        pytest.param("两国对话将重启", {}, "briefings", id="a mark that begins a sentence"),
        pytest.param("A call", {}, "briefings", id="the default"),
    ],
)
def test_the_section_of_an_entry(title: str, values: dict[str, str], expected: str) -> None:
    choice = Sections(DEFAULT_SECTIONS, "briefings").choose(entry(title, **values), None)
    assert choice.value == expected
    assert choice.reason


def test_a_source_has_its_section_where_no_mark_speaks() -> None:
    source = Source(name="s", url="https://s.example/f", section="analyses")
    sections = Sections(DEFAULT_SECTIONS, "briefings")
    assert sections.choose(entry("A long read"), source).value == "analyses"
    assert sections.choose(entry("Opinion | A call"), source).value == "perspectives"


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        pytest.param({"content": "<p>Drains matter.</p><p>The views expressed are the author's own.</p>"}, "perspectives", id="own views"),
        pytest.param({"content": "<p>Drains matter.</p><p>Ann Lee is a contributing columnist.</p>"}, "perspectives", id="a columnist"),
        pytest.param({"summary": "To the Editor: Drains matter."}, "perspectives", id="a letter"),
        pytest.param({"content": "<p>排水很要紧。</p><p>（作者为海湾大学教授）</p>"}, "perspectives", id="who the author is"),
        pytest.param({"content": "<p>排水很要紧。</p><p>文章观点不代表本网立场</p>"}, "perspectives", id="not our view"),
        pytest.param({"content": "<p>筆者認為，排水很要緊。</p>"}, "perspectives", id="the writer thinks"),
        pytest.param({"content": "<p>The mayor expressed the view that drains matter.</p>"}, "briefings", id="somebody's view"),
        pytest.param({"content": "<p>Drains matter a great deal.</p>" * 400, "words": 2000}, "analyses", id="long"),
        pytest.param({"content": "<p>排水很要紧，因为雨季长。</p>" * 400, "words": 2000}, "analyses", id="long, Chinese"),
        pytest.param({"content": "<p>Drains matter.</p>" * 400, "words": 1200}, "briefings", id="not so long"),
        pytest.param({"content": '<p>"It rains," she said.</p>' * 400, "words": 2000}, "briefings", id="long, all speech"),
        pytest.param({"content": "<p>BAY CITY (Wire) — It rained.</p>" * 400, "words": 2000}, "briefings", id="a dateline"),
        pytest.param({"content": "<p>新华社海湾5月14日电 下雨了。</p>" * 400, "words": 2000}, "briefings", id="a Chinese dateline"),
    ],
)  # fmt: skip
def test_how_a_text_is_written_says_what_it_is(values: dict[str, Any], expected: str) -> None:
    assert Sections(DEFAULT_SECTIONS, "briefings").choose(entry("Rain in the bay", **values), None).value == expected


@pytest.mark.parametrize("title", ["Full transcript of the hearing", "Live: the storm", "一周汇总", "条例全文"])
def test_what_is_long_in_any_case_is_no_long_read(title: str) -> None:
    long = entry(title, content="<p>Drains matter a great deal.</p>" * 400, words=2000)
    assert Sections(DEFAULT_SECTIONS, "briefings").choose(long, None).value == "briefings"


def test_a_section_takes_what_its_authors_write() -> None:
    columns = Section(slug="columns", title="Columns", authors=("Ann Lee", "方言"))
    sections = Sections((*DEFAULT_SECTIONS, columns), "briefings")
    choice = sections.choose(entry("Rain in the bay", author="By Ann Lee and Bo Li"), None)
    assert (choice.value, choice.reason) == ("columns", "the author is “By Ann Lee and Bo Li” (“Ann Lee”)")
    assert sections.choose(entry("海湾的雨", author="记者 方言"), None).value == "columns"
    assert sections.choose(entry("Rain in the bay", author="Joann Leeds"), None).value == "briefings"


def test_the_surest_evidence_decides_and_the_rest_is_told() -> None:
    source = Source(name="s", url="https://s.example/f", section="analyses")
    several = entry("Opinion | A call", url="https://x.example/analysis/a", tags=("Letters",), author="A Columnist")

    def learned(_: Entry, __: Source | None) -> Choice:
        return Choice("analyses", "learned: 0.91")

    evidence = list(Sections(DEFAULT_SECTIONS, "briefings", learned).evidence(several, source))
    assert [(kind, choice.value) for kind, choice in evidence] == [
        ("title", "perspectives"),
        ("address", "analyses"),
        ("tag", "perspectives"),
        ("source", "analyses"),
        ("learned", "analyses"),
        ("author", "perspectives"),
        ("news", "briefings"),
    ]
    unmarked = entry("A call", author="A Columnist")
    assert Sections(DEFAULT_SECTIONS, "briefings", learned).choose(unmarked, None).reason == "learned: 0.91"


@given(st.text(), st.text(), st.text())
def test_choosing_a_section_never_raises(title: str, author: str, url: str) -> None:
    Sections(DEFAULT_SECTIONS, "briefings").choose(entry(title, author=author, url=f"https://{url}"), None)
