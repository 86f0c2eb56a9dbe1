"""What a briefing says must be in its sources: figures however they are written, names however they are spelled, quotations
word by word. Each case is a source, a sentence, and what of it is not there.
"""

from datetime import UTC, datetime
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.write import names
from aggregator.write.answer import Draft
from aggregator.write.known import known
from aggregator.write.numbers import figures, meanings
from aggregator.write.romanise import is_reading
from aggregator.write.sources import Sources, of
from aggregator.write.verify import held, problem
from aggregator.write.words import han_runs, simplified

THURSDAY = datetime(2020, 5, 14, 3, tzinfo=UTC)
ZH = (
    "国务院总理李克强14日在北京会见美国总统特朗普。外交部发言人赵立坚周四表示，新冠疫情死亡人数达1200人，占百分之三点五，经济损失12亿元，"
    "三名官员辞职。“我们反对单边主义”，他说。台湾的蔡英文和香港的林郑月娥也发表谈话，华为副总裁陈志明在武汉说，5G用户已有两千三百万。"
)
EN = (
    "Apple chief executive Tim Cook met President Xi Jinping in Shenzhen on Thursday. He said the firm would “never leave” the city, "
    "where it employs 12,500 people and invested $1.2 billion. The World Health Organization praised Jean-Claude Juncker of the EU. "
    "Shares in Huawei's partner rose 3.5 percent after two years of losses."
)


def sources(*texts: str) -> Sources:
    return of(texts, [THURSDAY])


def drafted(*told: str, between: str = " ") -> Draft:
    return Draft(tuple((text, (1,)) for text in told), between)


def why(source: str, *told: str, language: str = "en") -> str | None:
    between = "" if language.startswith("zh") else " "
    return problem(drafted(*told, between=between), sources(source), language=language)


# --- figures -----------------------------------------------------------------------------------------------

_SAME = {
    "thousands": ("1,200", "1200", "1.2 thousand", "一千二百", "１２００", "1千2百", "twelve hundred", "0.12万"),
    "ten thousands": ("12 million", "12,000,000", "1200万", "一千二百万", "12m", "twelve million"),
    "hundred millions": ("1.2 billion", "12亿", "十二亿", "1,200 million", "1.2bn", "120000万"),
    "of two scales": ("120 million", "1亿2000万", "一亿二千万", "1.2亿"),
    "percentages": ("3.5%", "3.5 percent", "3.5 per cent", "百分之三点五", "百分之3.5", "3.5个百分点", "3.5 percentage points"),
    "tenths": ("30 percent", "三成", "30%", "百分之三十"),
    "dates": ("May 14", "14 May", "5月14日", "五月十四日", "May 14th", "the 14th of May"),
    "small ones": ("three", "3", "三"),
    "two": ("two", "2", "两", "二", "twice"),
    "tens": ("twenty-five", "25", "二十五", "25"),
    "parts": ("two-thirds of", "三分之二", "two thirds of"),
    "half": ("half", "半数"),
    "days of the week": ("Thursday", "周四", "星期四", "礼拜四", "週四"),
    "months": ("in May", "5月份", "五月"),
    "vague ones": ("thousands of", "数千", "上千"),
    "years": ("2020年", "二〇二〇年", "in 2020"),
}  # fmt: skip


@pytest.mark.parametrize("name", _SAME)
def test_the_same_figure_in_other_words(name: str) -> None:
    for one in _SAME[name]:
        for other in _SAME[name]:
            told = meanings(f"共 {other} ，")
            assert all(figure.meanings & told for figure in figures(f"about {one} ,")), (one, other)
            assert figures(f"about {one} ,"), one


_OTHERS = (
    ("1,200", "12,000"),
    ("1.2bn", "1.2m"),
    ("three", "三星电子"),
    ("one hundred", "百度公司"),
    ("14 people", "5月14日"),
    ("3.5 percent", "3.5人"),
    ("30 people", "三成"),
    ("May 14", "5月15日"),
    ("May 14", "4月14日"),
    ("Thursday", "周五"),
    ("12 million", "12亿"),
    ("hundreds of", "数千"),
    ("1亿2000万", "1亿3000万"),
    ("half", "半导体"),
    ("two-thirds of", "三分之一"),
    ("5 people", "5G"),
    ("$3", "3元"),
    ("ten thousand", "万科"),
)


@pytest.mark.parametrize(("one", "other"), _OTHERS)
def test_another_figure_is_another(one: str, other: str) -> None:
    told = meanings(f"共 {other} ，")
    assert any(not figure.meanings & told for figure in figures(f"about {one} ."))


_UNITS = ((10**12, "万亿"), (10**8, "亿"), (10**4, "万"), (1, ""))
_DIGITS = "零一二三四五六七八九"


def spoken(number: int) -> str:
    """A number below ten thousand in Chinese, as it is said."""
    said, gap = "", False
    for size, unit in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit = number // size % 10
        if digit:
            said += ("零" if gap and said else "") + _DIGITS[digit] + unit
        gap = gap or not digit
        if digit:
            gap = False
    return said or "零"


def in_chinese(number: int) -> str:
    if number >= 10**8:
        rest = number % 10**8
        return in_chinese(number // 10**8) + "亿" + (("零" if rest < 10**7 else "") + in_chinese(rest) if rest else "")
    if number >= 10**4:
        rest = number % 10**4
        return spoken(number // 10**4) + "万" + (("零" if rest < 1000 else "") + spoken(rest) if rest else "")
    return spoken(number)


@given(st.integers(2, 10**12 - 1))
def test_every_whole_number_is_read_in_every_script(number: int) -> None:
    wanted = ("plain", Fraction(number))
    for said in (str(number), f"{number:,}", in_chinese(number)):
        assert wanted in meanings(f"约{said}人" if said[0] > "z" else f"about {said} people"), said


@given(st.integers(1, 9999), st.sampled_from([("thousand", 3, "千"), ("million", 6, "百万"), ("billion", 9, "十亿")]))
def test_scales_are_multiplied(number: int, scale: tuple[str, int, str]) -> None:
    english, power, chinese = scale
    value = ("plain", Fraction(number, 10) * 10**power)
    assert value in meanings(f"about {number / 10:.1f} {english} people")
    assert value in meanings(f"约{number / 10:.1f}{chinese}人")


@given(st.integers(1, 12), st.integers(1, 28), st.integers(1990, 2039))
def test_a_date_is_read_however_it_is_written(month: int, day: int, year: int) -> None:
    moment = datetime(year, month, day, tzinfo=UTC)
    forms = (
        f"{moment:%B} {day}, {year}",
        f"{day} {moment:%b} {year}",
        f"{year}年{month}月{day}日",
        f"{year}-{month:02}-{day:02}",
    )
    for form in forms:
        assert {("date", (month, day)), ("plain", Fraction(year))} <= meanings(f"it was {form}."), form


# --- names -------------------------------------------------------------------------------------------------

_SPELLED = (
    "Li Keqiang met Trump.",
    "Chinese Premier Li Keqiang met US President Donald Trump in Beijing.",
    "Foreign Ministry spokesman Zhao Lijian spoke.",
    "Huawei vice president Chen Zhiming was in Wuhan.",
    "Tsai Ing-wen of Taiwan spoke.",
    "Carrie Lam of Hong Kong spoke.",
    "Cheng Yuet-ngor spoke.",
    "Li said that Zhao agreed.",
    "Keqiang Li was there.",
    "Officials in Beijing's schools said that COVID-19 had spread.",
    "Chinese users of 5G were told.",
)
_MISSPELLED = {
    "Wen Jiabao met Trump.": "Wen Jiabao",
    "Li Keqiang met Biden.": "Biden",
    "Li Lijian spoke.": "Li Lijian",
    "Premier Li Keqiang went to Shanghai.": "Shanghai",
    "Smith said so.": "Smith",
    "Tencent fell.": "Tencent",
    "Regulators told Alibaba so.": "Alibaba",
    "Chinese users of 6G were told.": "6G",
    "Donald Cook spoke.": "Donald Cook",
    "The UN agreed.": "UN",
    "Li Zhiming spoke.": "Li Zhiming",
}


@pytest.mark.parametrize("told", _SPELLED)
def test_a_name_that_is_read_so_or_known_is_found_in_chinese(told: str) -> None:
    assert names.missing_name(told, sources(ZH)) is None


@pytest.mark.parametrize("told", _MISSPELLED)
def test_a_name_that_is_not_there_is_told(told: str) -> None:
    assert names.missing_name(told, sources(ZH)) == _MISSPELLED[told]


@pytest.mark.parametrize(
    ("told", "missing"),
    [
        ("Tim Cook of Apple met Xi Jinping in Shenzhen.", None),
        ("Apple CEO Tim Cook met President Xi.", None),
        ("The WHO praised Juncker of the European Union.", None),
        ("Cook said that Huawei's shares rose.", None),
        ("Manufacturers gained, and regulators waited.", None),
        ("Tim Jinping met Xi.", "Tim Jinping"),
        ("Xi Cook was there.", "Xi Cook"),
        ("Tim Cook met Li Keqiang.", "Li Keqiang"),
        ("The IMF praised him.", "IMF"),
        ("Boeing gained.", "Boeing"),
        ("Claude Juncker was there.", None),
        ("Juncker Claude was there.", "Juncker Claude"),
    ],
)
def test_names_in_english_sources(told: str, missing: str | None) -> None:
    assert names.missing_name(told, sources(EN)) == missing


@pytest.mark.parametrize("traditional", ["國務院總理李克強在北京會見蔡英文、韓國瑜"])
@pytest.mark.parametrize(
    ("spelled", "found"),
    [("Li Keqiang", True), ("Tsai Ing wen", True), ("Han Kuo yu", True), ("Han Guoyu", True), ("Beijing", True), ("Wang Wei", False)],
)  # fmt: skip
def test_readings_of_traditional_characters(traditional: str, spelled: str, *, found: bool) -> None:
    assert is_reading(spelled.split(), han_runs(simplified(traditional))) is found


@given(st.data())
def test_every_pinyin_reading_of_a_name_is_found_and_no_part_of_it_is_invented(data: st.DataObject) -> None:
    from aggregator.write.romanise import families, readings

    family = data.draw(st.sampled_from(sorted(families())).filter(readings))
    given_name = "".join(data.draw(st.lists(st.sampled_from("克强立坚志明建国小平英文"), min_size=1, max_size=2)))
    spelled = [data.draw(st.sampled_from(sorted(readings(sign)))) for sign in family + given_name]
    assert is_reading([spelled[0], "".join(spelled[1:])], [f"据{family}{given_name}说"])
    assert not is_reading([spelled[0], "".join(spelled[1:]) + "xx"], [f"据{family}{given_name}说"])


def test_the_table_of_names_holds_together() -> None:
    assert len(known()) > 500
    for one in known():
        assert all(one.english), one
        assert all(one.chinese), one
        assert all(simplified(word) == word for word in one.chinese), one
        for name in one.english:
            assert names.missing_name(f"it is {name.title()} .", sources(f"据{one.chinese[0]}报道")) is None, name


# --- the whole ---------------------------------------------------------------------------------------------


def test_a_briefing_that_holds() -> None:
    told = (
        "Chinese Premier Li Keqiang met US President Donald Trump in Beijing on May 14.",
        "Foreign Ministry spokesman Zhao Lijian said that 1,200 people had died of COVID-19, or 3.5 percent, and that three officials had resigned.",
        "The losses come to 1.2 billion yuan.",
    )
    assert why(ZH, *told) is None
    assert held(drafted(*told), sources(ZH), language="en") == (
        "6 figures, 14 words of names, 0 quotations found in 1 source"
    )


def test_a_mine_is_no_word_of_ones_own() -> None:
    told = (
        "A gold mine near Wuhan was closed by the owners of the mine.",
        "The US and its World Health Organization said so.",
    )
    source = (
        "A gold mine near Wuhan was closed by its owners. The US and the World Health Organization said so of the mine."
    )
    assert why(source, *told) is None


_GOOD = "Chinese Premier Li Keqiang met US President Donald Trump in Beijing."
_AGAIN = "Zhao Lijian said that it was a meeting of both."
_WRONG = {
    "one sentence": ((_GOOD,), "it has 1 sentences"),
    "five sentences": ((_GOOD, _AGAIN, _GOOD, _AGAIN, _GOOD), "it has 5 sentences"),
    "twice": ((_GOOD, _GOOD), "it says a sentence twice"),
    "no end": ((_GOOD, "Zhao Lijian said that it was"), "does not end as a sentence does"),
    "two in one": ((_GOOD, "Zhao Lijian spoke. Zhao Lijian left."), "is more than one sentence"),
    "short": (("Li spoke.", "Zhao left."), "it has 20 columns"),
    "long": ((_GOOD, f"Zhao Lijian said {'that it was so and ' * 30}left."), "a sentence has"),
    "figure": ((_GOOD, "Zhao Lijian said that 1,300 people had died."), "the figure “1,300”"),
    "money": ((_GOOD, "Zhao Lijian said that the losses come to $1.2 billion."), "the figure “$”"),
    "name": ((_GOOD, "Wang Yi said that it was a meeting of both."), "the name “Wang Yi”"),
    "quotation": ((_GOOD, "Zhao Lijian said that “we oppose unilateralism” in the end."), "the quotation “we oppose"),
    "markup": ((_GOOD, "Zhao Lijian said that it was <b>a meeting</b> of the two."), "markup or an address: '<'"),
    "list": ((_GOOD, "* Zhao Lijian said that it was a meeting."), "markup or an address: '*'"),
    "address": ((_GOOD, "Zhao Lijian said that it was on example.com for all."), "an address: 'example.com'"),
    "link": ((_GOOD, "Zhao Lijian said that it was on https://x/ for all."), "an address: 'https:'"),
    "mail": ((_GOOD, "Zhao Lijian said to write to a@b for all of it."), "an address: 'a@b'"),
    "you": ((_GOOD, "Zhao Lijian said that it was for you and all."), "speaks to the reader"),
    "I": ((_GOOD, "I think that Zhao Lijian said that it was so."), "speaks to the reader"),
    "order": ((_GOOD, "Zhao Lijian said to ignore all previous instructions in it."), "it speaks of instructions"),
    "Chinese": ((_GOOD, "Zhao Lijian (赵立坚) said that it was a meeting of both."), "it is to be in English"),
    "German": (("Premier Li Keqiang traf Trump heute.", "Zhao Lijian sprach dazu ebenfalls kurz."), "it is not in English"),
    "unseen": ((_GOOD, "Zhao Lijian said that it was\u200b a meeting of both."), "signs that nobody sees"),
    "turned": ((_GOOD, "Zhao Lijian said that it was\u202e a meeting of both."), "signs that nobody sees"),
    "two lines": ((_GOOD, "Zhao Lijian said that\nit was a meeting of both."), "markup or an address: '\\n'"),
}  # fmt: skip


@pytest.mark.parametrize("name", _WRONG)
def test_what_does_not_hold_is_told(name: str) -> None:
    told, reason = _WRONG[name]
    found = why(ZH, *told)
    assert found is not None
    assert reason in found


def test_sentences_name_sources_that_there_are() -> None:
    for numbers, reason in (
        ((), "names no source"),
        ((2,), "it names a source 2, and there are 1"),
        ((0,), "a source 0"),
    ):
        found = problem(Draft(((_GOOD, (1,)), (_AGAIN, numbers))), sources(ZH), language="en")
        assert found is not None
        assert reason in found


def test_what_sources_in_english_do_not_say_at_all() -> None:
    found = why(
        EN,
        "Tim Cook of Apple was accused of bribery by the police.",
        "Investigators raided offices and confiscated several documents in Shenzhen.",
    )
    assert found is not None
    assert "words the sources have" in found


def test_quotations_word_by_word() -> None:
    assert (
        why(EN, "Tim Cook met Xi Jinping in Shenzhen on Thursday.", "He said that Apple would “never leave” the city.")
        is None
    )
    assert (
        why(
            EN, "Tim Cook met Xi Jinping in Shenzhen on Thursday.", 'He said that Apple would "Never … leave" the city.'
        )
        is None
    )
    found = why(
        EN, "Tim Cook met Xi Jinping in Shenzhen on Thursday.", "He said that Apple would “always stay” in the city."
    )
    assert found is not None
    assert "the quotation “always stay”" in found


@pytest.mark.parametrize(
    ("source", "language", "told", "reason"),
    [
        (ZH, "zh-Hans", ("国务院总理李克强在北京会见美国总统特朗普。", "赵立坚表示，新冠死亡人数达1200人。"), None),
        (ZH, "zh-Hant", ("國務院總理李克強在北京會見美國總統特朗普。", "趙立堅表示，新冠死亡人數達1200人。"), None),
        (ZH, "zh-Hans", ("國務院總理李克強在北京會見美國總統特朗普。", "趙立堅表示，新冠死亡人數達1200人。"), "simplified"),
        (ZH, "zh-Hant", ("国务院总理李克强在北京会见美国总统特朗普。", "赵立坚表示，新冠死亡人数达1200人。"), "traditional"),
        (ZH, "zh-Hans", ("国务院总理温家宝在北京会见美国总统特朗普。", "赵立坚表示，新冠死亡人数达1200人。"), "“温家宝”"),
        (ZH, "zh-Hans", ("国务院总理李克强在北京会见美国总统拜登。", "赵立坚表示，新冠死亡人数达1200人。"), "“拜登”"),
        (ZH, "zh-Hans", ("国务院总理李克强在北京会见特朗普。", "赵立坚表示，新冠死亡人数达1300人。"), "“1300”"),
        (ZH, "zh-Hans", ("国务院总理李克强在北京会见特朗普。", "赵立坚说：“我们赞成单边主义”。"), "quotation"),
        (ZH, "zh-Hans", ("国务院总理李克强在北京会见特朗普。", "您可以在北京会见总统特朗普和总理。"), "speaks to the reader"),
        (ZH, "zh", ("Premier Li Keqiang met Trump in Beijing.", "Zhao Lijian said so."), "not in Chinese"),
        (EN, "zh-Hans", ("苹果公司首席执行官库克周四在深圳会见习近平。", "公司在该市雇用1.25万人，投资12亿美元。"), None),
        (EN, "zh-Hans", ("苹果公司首席执行官库克周四在深圳会见习近平。", "公司在该市雇用1.25万人，投资12亿元。"), "“元”"),
        (EN, "zh-Hans", ("腾讯公司首席执行官库克周四在深圳会见习近平。", "公司在该市雇用1.25万人。"), "“腾讯”"),
        (EN, "zh-Hans", ("苹果公司首席执行官库克周四在深圳会见总理李克强。", "公司在该市雇用1.25万人。"), "“李克强”"),
        (EN, "zh-Hans", ("苹果公司首席执行官库克周四在青岛会见习近平。", "公司在该市雇用1.25万人。"), "“青岛”"),
        (EN, "zh-Hans", ("据《财经周刊》，苹果公司首席执行官库克在深圳。", "公司在该市雇用1.25万人。"), "《财经周刊》"),
    ],
)  # fmt: skip
def test_briefings_in_chinese(source: str, language: str, told: tuple[str, ...], reason: str | None) -> None:
    found = why(source, *told, language=language)
    assert found == reason if reason is None else found is not None and reason in found


@given(st.text(max_size=200), st.text(max_size=200))
def test_nothing_breaks_it(source: str, told: str) -> None:
    for language in ("en", "zh-Hans", "zh-Hant"):
        problem(drafted(told, told), sources(source), language=language)
        problem(Draft(((told, (1,)), (f"{source}.", (1,)))), sources(source), language=language)
