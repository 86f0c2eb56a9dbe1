"""The sections of a briefing: what kind of text each takes, and the four that are there from the start."""

from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from aggregator.config.kinds import Line, Slug, Unfit, Value


class Section(Value):
    """What kind of text it is. A section takes an entry whose feed category, address or title bears its mark."""

    slug: Slug = Field(description="Its name in addresses, commands and files; unique.", examples=["analyses"])
    title: Line = Field(min_length=1, description="As readers see it.", examples=["Analyses"])
    tags: tuple[str, ...] = Field(
        (), description="The feed's own categories that mean this section.", examples=[["analysis", "深度"]]
    )
    addresses: tuple[str, ...] = Field((), description="Parts of an address that mean it.", examples=[["/analysis/"]])
    titles: tuple[str, ...] = Field((), description="Marks in a title that mean it.", examples=[["Analysis |", "分析"]])
    min_sources: int = Field(
        0,
        ge=0,
        le=1000,
        description="Above 0: takes the news that so many outlets told in their own words within the last day (Hot topics).",
        examples=[3],
    )


def _marks(text: str) -> tuple[str, ...]:
    return tuple(mark.strip() for mark in text.split(";"))


DEFAULT_SECTIONS = (
    Section(slug="briefings", title="Latest Briefings"),
    Section(slug="hot-topics", title="Hot Topics", min_sources=3),
    Section(
        slug="analyses",
        title="Analyses",
        tags=_marks("analysis; explainer; in depth; long read; special report; data; 分析; 深度; 解读"),
        addresses=_marks("/analysis/; /analyses/; /explainer/; /explained/; /in-depth/; /long-reads/; /shendu/"),
        titles=_marks(
            "analysis |; analysis:; explainer |; explainer:; in depth |; in depth:; special report |; "
            "分析; 深度; 解读; 解讀; 专题; 專題"
        ),
    ),
    Section(
        slug="perspectives",
        title="Perspectives",
        tags=_marks(
            "opinion; opinions; op-ed; editorial; comment; commentary; column; columnists; letters; interview; views; "
            "评论; 評論; 社论; 社評; 观点; 觀點; 专栏; 專欄"
        ),
        addresses=_marks(
            "/opinion/; /opinions/; /comment/; /commentary/; /editorial/; /columnists/; /letters/; /op-ed/; /views/; "
            "/pinglun/; /guandian/"
        ),
        titles=_marks(
            "opinion |; opinion:; editorial |; editorial:; comment |; commentary |; commentary:; letter:; interview |; "
            "interview:; 评论; 評論; 社论; 社評; 社論; 观点; 觀點; 专栏; 專欄"
        ),
    ),
)


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
