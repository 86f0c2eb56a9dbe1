"""Summaries are whole sentences of the text itself."""

import re
import string
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.edit.summarise import shorten, summarise
from aggregator.typeset import sentences, width

WORDS = st.text(string.ascii_letters + "，。！？、”“（）.?!…[]-—1中国社电讯报", min_size=1, max_size=9)
TEXTS = st.one_of(
    st.text(max_size=200),
    st.lists(
        st.one_of(
            WORDS,
            st.sampled_from(["U.S.", "Mr.", "Read more", "BEIJING (Wire) —", "Continue reading", "[…]", "阅读全文"]),
        ),
        max_size=40,
    ).map(" ".join),
)
LIMITS = st.integers(min_value=0, max_value=300)

DROPPED = {
    "dateline with agency": ("BEIJING (Agency) — A bill passed.", "A bill passed."),
    "dateline with date": ("HONG KONG, May 14 (Wire Service) -- A bill passed.", "A bill passed."),
    "bare dateline": ("TAIPEI — A bill passed.", "A bill passed."),
    "agency alone": ("(Agency) - A bill passed.", "A bill passed."),
    "byline": ("By Jane Doe and John Roe | A bill passed.", "A bill passed."),
    "Chinese dateline": ("新华社北京5月14日电（记者 张三）法案通过。", "法案通过。"),
    "Chinese dateline in brackets": ("（中央社台北14日电）法案通过。", "法案通过。"),
    "Chinese notice": ("【本报2020年05月14日讯】法案通过。", "法案通过。"),
    "continue reading": ("A bill passed. Continue reading...", "A bill passed."),
    "read more, with an arrow": ("A bill passed. Read more »", "A bill passed."),
    "blog footer": ("A bill passed. The post A bill appeared first on Lake Review.", "A bill passed."),
    "boilerplate in the middle": (
        "A bill passed. Click here to subscribe. It was late.",
        "A bill passed. It was late.",
    ),
    "Chinese continue reading": ("法案通过。阅读全文", "法案通过。"),
    "Chinese editor": ("法案通过。责任编辑：张三", "法案通过。"),
    "cut short by the feed": ("A bill passed. The vote was held on Fri [...]", "A bill passed."),
    "cut short, nothing else": ("The vote was held on [&hellip;]", "The vote was held on…"),
    "only boilerplate": ("Read more", ""),
    "small dateline with a known agency": ("Beijing (AFP) – A bill passed.", "A bill passed."),
    "dateline with a colon": ("KATHMANDU: A bill passed.", "A bill passed."),
    "byline with an agency": ("By JANE DOE Associated Press Writer A bill passed.", "A bill passed."),
    "byline before a dateline": ("By Jane Doe BEIJING (Wire) - A bill passed.", "A bill passed."),
    "picture credit": ("Jane Doe—AFP/Getty Images Delegates leave the hall.", "Delegates leave the hall."),
    "picture credit in brackets": ("(AFP/Getty Images) Delegates leave the hall.", "Delegates leave the hall."),
    "picture credit with a word": ("Photo: Jane Doe/Getty Images A bill passed.", "A bill passed."),
    "stamp": ("Published: May 14, 2020 at 12:41 PM GMT A bill passed.", "A bill passed."),
    "bare stamp": ("MONDAY, MAY 18, 2020 A bill passed.", "A bill passed."),
    "stamp of the hour": ("Last updated at 13:38 GMT A bill passed.", "A bill passed."),
    "two stamps": ("2020-05-14 Updated: 14 May 2020 A bill passed.", "A bill passed."),
    "reading time": ("3 min read A bill passed.", "A bill passed."),
    "notice of a sponsor": ("A bill passed. This episode is sponsored by a bank. It was late.", "A bill passed. It was late."),
    "code": ("A bill passed. Use promo code BILL. It was late.", "A bill passed. It was late."),
    "invitation to subscribe": ("A bill passed. (Or subscribe to the feed.)", "A bill passed."),
    "credits of the desk": ("A bill passed. (Reporting by Jane Doe; editing by John Roe)", "A bill passed."),
    "comments": ("A bill passed. Comments", "A bill passed."),
    "comments in brackets": ("A bill passed. [link] [comments]", "A bill passed."),
    "sign at the end": ("A bill passed. ★", "A bill passed."),
    "permalink": ("A bill passed. ∞ Permalink", "A bill passed."),
    "rights": ("A bill passed. © 2020 Lake Review. All rights reserved.", "A bill passed."),
    "other tongues": ("Ein Gesetz ist da. Weiterlesen auf unserer Seite.", "Ein Gesetz ist da."),
    "a paragraph's end that was lost": ("A bill passed in April.Previously none had.", "A bill passed in April. Previously none had."),
    "Chinese dateline of a site": ("中新网北京5月14日电 (记者 张三) 法案通过。", "法案通过。"),
    "Chinese paper's notice": ("本报讯（记者张三）法案通过。", "法案通过。"),
    "Chinese reporter and town": ("記者張三／台北報導 法案通過。", "法案通過。"),
    "Chinese reporter and town in brackets": ("〔記者張三／台北報導〕法案通過。", "法案通過。"),
    "Chinese site and reporter": ("【环球网报道 记者 张三】法案通过。", "法案通过。"),
    "Chinese channel": ("央视网消息：法案通过。", "法案通过。"),
    "Chinese author": ("作者丨张三（学者）；翻译丨李四 法案通过。", "法案通过。"),
    "Chinese author with a Latin name": ("文/ Jane Doe 法案通过。", "法案通过。"),
    "Chinese picture credit": ("（图源：视觉中国）法案通过。", "法案通过。"),
    "Chinese stamp": ("2020年5月14日 08:30 法案通过。", "法案通过。"),
    "Chinese submission": ("Jane Doe 在 星期四, 05/14/2020 - 11:49 提交 bill.jpg 法案通过。", "法案通过。"),
    "Chinese channel to follow": ("法案通过。欢迎关注我们的公众号。代表散会。", "法案通过。代表散会。"),
    "Chinese notice of rights": ("法案通过。未经授权，不得转载。", "法案通过。"),
    "Chinese end": ("法案通过。（完）", "法案通过。"),
    "Chinese details": ("法案通过。[详细]", "法案通过。"),
}  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), DROPPED.values(), ids=DROPPED)
def test_what_is_no_part_of_the_story_is_dropped(text: str, expected: str) -> None:
    assert summarise(text, limit=200, language=None) == expected


KEPT = (
    "The bill says that readers must continue reading to the end.",
    "BEIJING is large. It has no coast.",
    "By Monday the bill had passed.",
    "Markets rise for a third day",
    "北京 - 上海高铁提速。",
    "NASA: No life was found.",
    "Copyright law changes in May.",
    "Advertisement prices fell by half.",
    "Source code was stolen.",
    "Comments by the minister caused a stir.",
    "With code signing, nobody is fooled.",
    "May 14, 2020 was a Thursday.",
    "On May 14, 2020 A. Roe resigned.",
    "Follow the money, he said.",
    "Photos of the hall were shown.",
    "Published works are free.",
    "More from the budget goes to schools.",
    "This article of faith was broken.",
    "中国移动5月14日电话会议取消。",
    "点击率上升一成。",
    "来源不明的资金被冻结。",
    "作者去世。",
    "相关报道称法案通过。",
    "记者无国界组织批评法案。",
    "2020年5月14日，法案通过。",
    "图书馆关闭。",
    "（五月）法案通过。",
)


@pytest.mark.parametrize("text", KEPT)
def test_what_only_looks_like_it_stays(text: str) -> None:
    assert summarise(text, limit=200, language=None) == text


SPLITS = {
    "abbreviations": (
        "The U.S. asked Mr. Lee. He said no. Then he left.",
        ["The U.S. asked Mr. Lee. ", "He said no. ", "Then he left."],
    ),
    "numbers": ("See No. 5 of 2.2 million. It is late.", ["See No. 5 of 2.2 million. ", "It is late."]),
    "a quotation ends it": ("“Is it late?” He nodded.", ["“Is it late?” ", "He nodded."]),
    "a quotation inside": ("“Is it late?” he asked. Yes.", ["“Is it late?” he asked. ", "Yes."]),
    "initials": ("J. R. Roe spoke. Nobody listened.", ["J. R. Roe spoke. ", "Nobody listened."]),
    "Chinese": ("他说：“好。”然后走了！真的？", ["他说：“好。”", "然后走了！", "真的？"]),
    "mixed": ("台积电说yes.他走了。", ["台积电说yes.", "他走了。"]),
}


@pytest.mark.parametrize(("text", "expected"), SPLITS.values(), ids=SPLITS)
def test_sentences_end_where_they_end(text: str, expected: list[str]) -> None:
    assert list(sentences(text)) == expected


def test_a_german_date_does_not_end_a_sentence() -> None:
    text = "Am 14. Mai begann es. Niemand kam."
    assert list(sentences(text, "de")) == ["Am 14. Mai begann es. ", "Niemand kam."]
    assert len(list(sentences(text, "en"))) == 3


def test_whole_sentences_as_far_as_they_fit() -> None:
    text = "One two three. Four five six. Seven eight nine."
    assert summarise(text, limit=len(text), language="en") == text
    assert summarise(text, limit=len(text) - 1, language="en") == "One two three. Four five six."


def test_chinese_counts_double() -> None:
    text = "法案通过。代表散会。"
    assert summarise(text, limit=20, language="zh") == text
    assert summarise(text, limit=19, language="zh") == "法案通过。"


def test_a_first_sentence_that_is_too_long_is_cut_at_a_clause_or_a_word() -> None:
    text = "The company will build a plant in the desert, with 1,600 jobs and a school."
    assert summarise(text, limit=50, language="en") == "The company will build a plant in the desert…"
    assert summarise(text, limit=30, language="en") == "The company will build a…"
    assert (
        summarise("台积电宣布将在亚利桑那州建厂，二零二四年投产并雇用一千六百人。", limit=40, language="zh")
        == "台积电宣布将在亚利桑那州建厂…"
    )


def test_no_half_word_is_left_of_one_that_does_not_fit() -> None:
    assert summarise("x" * 50, limit=20, language=None) == ""
    assert shorten("short " + "x" * 50, 20) == "short…"


@given(TEXTS, LIMITS, st.sampled_from([None, "en", "zh", "de"]))
def test_summarising_twice_changes_nothing(text: str, limit: int, language: str | None) -> None:
    once = summarise(text, limit=limit, language=language)
    assert summarise(once, limit=limit, language=language) == once


@given(TEXTS, LIMITS)
def test_it_never_takes_more_room(text: str, limit: int) -> None:
    assert width(summarise(text, limit=limit, language=None)) <= limit


@given(TEXTS, LIMITS)
def test_it_has_no_word_that_the_text_has_not(text: str, limit: int) -> None:
    """Latin words whole; of the rest, no sign that is not there, but for the ellipsis."""
    shown = summarise(text, limit=limit, language=None)
    latin = re.compile(r"[A-Za-z]+")
    assert set(latin.findall(shown)) <= set(latin.findall(" ".join(text.split())))
    assert set(shown) - set(text) <= {"…", " "}


@given(st.text())
def test_sentences_are_the_text(text: str) -> None:
    assert "".join(sentences(text)) == text


@given(st.text(), LIMITS)
def test_no_mark_is_parted_from_its_letter(text: str, limit: int) -> None:
    shown = shorten(unicodedata.normalize("NFD", text), limit)
    assert width(shown) <= limit
