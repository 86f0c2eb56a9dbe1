"""Categories and their rules, as an editor writes them."""

import re
import unicodedata
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field

from aggregator.config.kinds import Language, Line, Slug, Unfit, Value
from aggregator.config.patterns import runs_away

FieldName = Literal["title", "summary", "body", "address", "author", "source", "tags"]

_CJK = re.compile(
    "[\u1100-\u11ff\u3005\u3007\u3041-\u30ff\u3130-\u318f\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af]"
)
_LONGEST = 200


def _term(value: str) -> str:
    plain = unicodedata.normalize("NFKC", value).strip()
    if not any(character.isalnum() for character in plain):
        raise Unfit("has no letter and no digit: write a word, a phrase or Chinese characters", value=value)
    if len(plain) > _LONGEST:
        raise Unfit(f"is longer than {_LONGEST} characters: a term is a word or a phrase", value=value)
    if "*" in plain.rstrip("*"):
        raise Unfit(
            "has a * before its end: it stands at the end of the beginning of a word, as in censor*", value=value
        )
    if plain.endswith("*") and _CJK.search(plain):
        raise Unfit("ends in a *: leave it out, Chinese characters are found anywhere", value=value)
    return value


def _pattern(value: str) -> str:
    try:
        compiled = re.compile(value, re.IGNORECASE)
    except (re.error, OverflowError, RecursionError) as error:
        reason = str(error).replace(": ", ", ")
        raise Unfit(
            f"is no regular expression, {reason}: escape what is meant as it stands, as in \\(", value=value
        ) from None
    if compiled.match(""):
        raise Unfit("fits every text, even an empty one: write at least one character that must be there", value=value)
    if runs_away(value):
        raise Unfit(
            "could take for ever on some texts, as one of its repeats reads them in more than one way: let what is repeated"
            " begin or end in something of its own, as in (\\w+\\s)+ for (\\w+\\s?)+",
            value=value,
        )
    return value


def _together(value: tuple[str, ...]) -> tuple[str, ...]:
    if len(value) < 2:  # noqa: PLR2004  what is near needs something to be near to
        raise Unfit("names fewer than two terms: name at least two that stand near each other", value=list(value))
    return value


def _speaks(value: float) -> float:
    if value == 0:
        raise Unfit("says nothing: write a number above 0, or below 0 for what speaks against", value=value)
    return value


Term = Annotated[str, AfterValidator(_term)]
Pattern = Annotated[str, AfterValidator(_pattern)]
Near = Annotated[tuple[Term, ...], AfterValidator(_together)]


class Rule(Value):
    """One thing that speaks for a category. It speaks where all of `all` are there and, if any are given, one of `any`,
    `near` and `regex`, unless one of `none` is there too. Each of its terms that is found counts as a hit, and is worth
    what its field is worth (title 3, address 3, summary, author, source and tags 2 or 1, body ½) times `weight`.
    """

    any: tuple[Term, ...] = Field((), description="Terms of which one is enough.", examples=[["wafer", "晶圆"]])
    all: tuple[Term, ...] = Field((), description="Terms that must all be there.", examples=[["chip", "export"]])
    none: tuple[Term, ...] = Field(
        (), description="Terms that silence this rule; see `none` of the category.", examples=[["chip shop"]]
    )
    near: tuple[Near, ...] = Field(
        (),
        description="Terms that stand near each other in one field, in whatever order.",
        examples=[[["police", "protest"], ["警方", "抗议"]]],
    )
    distance: int = Field(
        8,
        ge=0,
        le=200,
        description="The most words between two terms of `near`; two Chinese characters count as a word.",
        examples=[5],
    )
    regex: tuple[Pattern, ...] = Field(
        (),
        description="Regular expressions (Python's), for texts whose case, width and Chinese script are folded. They cost"
        " time for every text; terms do not.",
        examples=[[r"\d+ 例(本土|确诊)"]],
    )
    fields: tuple[FieldName, ...] = Field(
        ("title", "summary", "body"),
        min_length=1,
        description="Where it looks; `tags` are the feed's own categories.",
        examples=[["address", "tags"]],
    )
    languages: tuple[Language, ...] = Field(
        (), description="Only texts in these languages; `zh` means zh-Hans and zh-Hant too.", examples=[["zh"]]
    )
    weight: Annotated[float, AfterValidator(_speaks)] = Field(
        1.0,
        ge=-10,
        le=10,
        allow_inf_nan=False,
        description="What a hit is worth; below 0 it speaks against, softer than `none`.",
        examples=[-2],
    )


class Category(Value):
    """What a text is about. `any`: one is enough; `all`: each must be there. They look at title, summary and the
    beginning of the body. Latin words match as whole words with their English inflections, `censor*` matches every word
    that begins so; Chinese matches anywhere, simplified and traditional alike.

    A `none` term that contains one of the category's terms (*chip shop* contains *chip*) only takes that hit away, in
    every field; what else speaks for the category counts still. Any other forbids the category where title or summary
    has it.

    score = weight × the sum of the hits: each term counts once, in its best field: title 3, summary 1, body ½. A category
    of which only the body speaks takes two hits. The best score leads; but a category that lies within it, with at least
    half its score, stands before it.
    """

    slug: Slug = Field(description="Its name in addresses, commands and files; unique.", examples=["technology"])
    name: Line = Field(min_length=1, description="The kicker before a headline.", examples=["Technology"])
    within: tuple[Slug, ...] = Field(
        (), description="Broader categories, which apply wherever this one does.", examples=[["economy"]]
    )
    any: tuple[Term, ...] = Field(
        (), description="Words and phrases of which one is enough.", examples=[["semiconductor", "芯片", "5G"]]
    )
    all: tuple[Term, ...] = Field((), description="Words and phrases that must all be there.", examples=[["chip"]])
    none: tuple[Term, ...] = Field(
        (),
        description="Words and phrases that take away the hits they contain, or else forbid the category.",
        examples=[["potato chips"]],
    )
    rules: tuple[Rule, ...] = Field(
        (),
        description="What else speaks for it, or against it: each is a mapping, see below.",
        examples=[[{"all": ["chip", "export"], "fields": ["title"], "weight": 2}]],
    )
    weight: float = Field(
        1.0,
        gt=0,
        le=10,
        allow_inf_nan=False,
        description="Prefers this category where several fit.",
        examples=[2],
    )
    enough: float = Field(
        0,
        ge=0,
        le=100,
        allow_inf_nan=False,
        description="What its hits must be worth together, before its own weight, for it to apply: one hit in the title is"
        " worth 3, two in the summary 2. Good for broad categories, of which one weak word says little.",
        examples=[2],
    )


def says_nothing(rule: Any) -> bool:
    """Whether a rule, as the file has it, could never speak."""
    return isinstance(rule, dict) and not any(rule.get(key) for key in ("any", "all", "near", "regex"))
