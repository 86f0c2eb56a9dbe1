"""The sections of a briefing: what kind of text each takes, and the four that are there from the start."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field

from aggregator.config.kinds import Line, Slug, Unfit, Value
from aggregator.typeset import chinese_script

Style = Literal["argument", "long"]


def _mark(value: str) -> str:
    """Nothing but signs would be found in every text, or in none."""
    if not any(character.isalnum() for character in value):
        raise Unfit("is no mark: it has neither a letter nor a figure", value=value)
    return value


def _title_mark(value: str) -> str:
    """As in "opinion |", "opinion:", "what we know about …", "… explained", "*社评"."""
    text = _mark(value).strip()
    if text.startswith("…") and text.endswith("…"):
        raise Unfit("may stand anywhere: keep … at one end, for what comes there", value=value)
    if "*" in text.removeprefix("*") or text.startswith("*…") or (text.startswith("*") and text.endswith("…")):
        raise Unfit(
            "has * where it says nothing: it stands before a mark that may follow a name, as in *社评", value=value
        )
    return value


def _address_mark(value: str) -> str:
    if "://" in value or any(character.isspace() or character in "?#" for character in value):
        raise Unfit("is no part of an address: write a folder as in /opinion/", value=value)
    return _mark(value)


Mark = Annotated[str, AfterValidator(_mark)]
TitleMark = Annotated[str, AfterValidator(_title_mark)]
AddressMark = Annotated[str, AfterValidator(_address_mark)]


class Section(Value):
    """What kind of text it is. A section takes an entry of which a mark in its title, its address or the feed's categories
    says so; then counts the source's own section; then the author, and how the text is written.
    """

    slug: Slug = Field(description="Its name in addresses, commands and files; unique.", examples=["analyses"])
    title: Line = Field(min_length=1, description="As readers see it.", examples=["Analyses"])
    tags: tuple[Mark, ...] = Field(
        (), description="The feed's own categories that mean this section.", examples=[["analysis", "深度"]]
    )
    addresses: tuple[AddressMark, ...] = Field(
        (), description="Parts of an address that mean it.", examples=[["/analysis/"]]
    )
    titles: tuple[TitleMark, ...] = Field(
        (),
        description=(
            "Marks in a title that mean it. `opinion |`: in brackets, or set off by a bar, at either end; `opinion:` at the "
            "start by a colon or a dash too; `what we know about …` at the start, `… explained` at the end. "
            "Chinese marks need no sign, but one that ends in | is not set off by a colon, and one after * may follow "
            "a name (*社评 is in 明报社评：)."
        ),
        examples=[["analysis:", "分析", "… explained"]],
    )
    authors: tuple[Mark, ...] = Field(
        (),
        description="Who writes nothing else: names, or what a byline says of its author.",
        examples=[["editorial board", "评论员"]],
    )
    style: Style | None = Field(
        None,
        description=(
            "Takes what no mark claims and is written so. argument: the text says that it is its author's own view. "
            "long: 1,500 words (3,000 Chinese characters) and more, of few quotations, and no transcript, digest or document."
        ),
        examples=["long"],
    )
    min_sources: int = Field(
        0,
        ge=0,
        le=1000,
        description="Above 0: takes the news that so many outlets told in their own words within the last day (Hot topics).",
        examples=[3],
    )

    @property
    def marked(self) -> bool:
        """Whether anything but its place in the list says what it takes."""
        return bool(self.tags or self.addresses or self.titles or self.authors or self.style or self.min_sources)


def _marks(text: str) -> tuple[str, ...]:
    return tuple(mark.strip() for mark in text.split(";"))


DEFAULT_SECTIONS = (
    Section(slug="briefings", title="Latest Briefings"),
    Section(slug="hot-topics", title="Hot Topics", min_sources=3),
    Section(
        slug="analyses",
        title="Analyses",
        tags=_marks(
            "analysis; news analysis; explainer; explainers; explained; in depth; in-depth; long read; long reads; "
            "longform; special report; special reports; investigations; data journalism; fact check; infographics; "
            "white papers; 分析; 深度; 深度报道; 解读; 特稿; 调查报道; 数据新闻; 图解; 白皮书"
        ),
        addresses=_marks(
            "/analysis/; /analyses/; /news-analysis/; /explainer/; /explainers/; /explained/; /in-depth/; /indepth/; "
            "/long-read/; /long-reads/; /longread/; /longreads/; /longform/; /special-report/; /special-reports/; "
            "/investigations/; /fact-check/; /factcheck/; /datablog/; /shendu/; /jiedu/; /fenxi/; /tegao/"
        ),
        titles=_marks(
            "analysis:; *news analysis:; explainer:; explained:; in depth:; in-depth:; deep dive:; special report:; "
            "long read:; the long read:; big read:; the big read:; investigation:; factbox:; fact check:; timeline:; "
            "backgrounder:; q&a:; faq:; in charts:; in numbers:; by the numbers:; white paper:; data |; feature |; research |; "
            "report |; what we know about …; what we know so far …; what to know about …; what you need to know about …; "
            "everything you need to know about …; … explained; … - analysis; … - explainer; … in charts; … in numbers; "
            "… what we know so far; … what you need to know; 分析; 深度; *解读; 解讀; 专题|; 專題|; *特稿; 长文; *调查报道; 调查|; "
            "数据|; 图解; 报告|; 白皮书; 问答; 一文读懂…; 一文看懂…; 一图看懂…; 一图读懂…; 图解…"
        ),
        authors=_marks("data desk; data team; investigations team; fact-check team; 数据新闻; 深度报道"),
        style="long",
    ),
    Section(
        slug="perspectives",
        title="Perspectives",
        tags=_marks(
            "opinion; opinions; op-ed; op-eds; editorial; editorials; comment; commentary; column; columns; columnists; "
            "letters; letters to the editor; guest essay; guest column; interview; interviews; views; viewpoint; "
            "评论; 評論; 时评; 社论; 社評; 观点; 觀點; 专栏; 專欄; 来论; 读者来信; 专访; 访谈"
        ),
        addresses=_marks(
            "/opinion/; /opinions/; /comment/; /commentisfree/; /commentary/; /editorial/; /editorials/; /column/; "
            "/columns/; /columnist/; /columnists/; /letters/; /op-ed/; /oped/; /views/; /viewpoint/; /viewpoints/; "
            "/interview/; /interviews/; /guest-essay/; /pinglun/; /guandian/; /shelun/; /sheping/; /shiping/; /zhuanlan/; "
            "/fangtan/; /zhuanfang/"
        ),
        titles=_marks(
            "opinion:; *editorial:; comment:; *commentary:; op-ed:; oped:; column:; viewpoint:; perspective:; essay:; "
            "guest essay:; guest post:; guest column:; my view:; breakingviews:; letter:; letters:; letters to the editor …; "
            "letter to the editor …; interview:; an interview with …; interview with …; in conversation with …; "
            "… - opinion; … - editorial; … - commentary; 评论; 評論; *时评; *快评; *锐评; *短评; *社论; *社评; 社評; 社論; 观点; "
            "觀點; 专栏; 專欄; *来论; 读者来信; *专访; *访谈; 专访…; 独家专访…; 对话; 本报评论员; 特约评论员; 人民日报评论员; "
            "新华社评论员; *评论员文章; 笔谈"
        ),
        authors=_marks(
            "editorial board; columnist; opinion contributor; opinion writer; op-ed contributor; contributing opinion writer; "
            "letters to the editor; 评论员; 社论; 社评; 社论主笔; 专栏作家; 专栏作者; 时评人"
        ),
        style="argument",
    ),
)


_CHINESE: Mapping[str, Mapping[str, str]] = {
    "briefings": {"simplified": "最新简报", "traditional": "最新簡報"},
    "hot-topics": {"simplified": "热点话题", "traditional": "熱點話題"},
    "analyses": {"simplified": "深度分析", "traditional": "深度分析"},
    "perspectives": {"simplified": "观点评论", "traditional": "觀點評論"},
}
"""Their titles in a Chinese publication."""


def _default_section(value: Any) -> Any:
    """A section may be given by its slug alone where it is one of ours."""
    if not isinstance(value, str):
        return value
    for section in DEFAULT_SECTIONS:
        if section.slug == value:
            return section
    known = ", ".join(section.slug for section in DEFAULT_SECTIONS)
    raise Unfit(f"is none of {known}: one of your own is written with slug and title", value=value)


SectionOrName = Annotated[Section, BeforeValidator(_default_section)]


def in_language(sections: Sequence[Section], language: str) -> tuple[Section, ...]:
    """Ours, where the file names them or leaves them out, have titles in the publication's language, if we know it."""
    script = chinese_script(language)
    ours = {id(section): section.slug for section in DEFAULT_SECTIONS}
    if script is None:
        return tuple(sections)
    return tuple(
        section.model_copy(update={"title": _CHINESE[ours[id(section)]][script]}) if id(section) in ours else section
        for section in sections
    )


def standing(sections: Sequence[Section], slug: str) -> str:
    """Where what is of that section stands: a section that was taken out of the configuration gives way to the first."""
    first = sections[0].slug if sections else slug
    return slug if any(section.slug == slug for section in sections) else first
