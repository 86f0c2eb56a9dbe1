"""feeds.yaml as values: every key, its default and its check.

The models are the single truth: the JSON Schema for editors, the reference in `docs/configuration.md` and the
messages of `aggregator check` come from them.
"""

import re
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, PrivateAttr, SecretStr

from aggregator.slots import Schedule, parse_schedule

SLUG = r"^[a-z0-9]+(-[a-z0-9]+)*$"
_DURATION = re.compile(r"^\s*(\d+(?:\.\d+)?)\s*(ms|s|m|h|d|w)\s*$")
_SECONDS = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
_SIZE = re.compile(r"^\s*(\d+(?:\.\d+)?)\s*(B|KB|MB|GB)\s*$", re.IGNORECASE)
_BYTES = {"b": 1, "kb": 1000, "mb": 1000**2, "gb": 1000**3}
_RATE = re.compile(r"^\s*(\d+(?:\.\d+)?)\s*/\s*(s|m|h)\s*$")


def _duration(value: Any) -> Any:
    if isinstance(value, timedelta):
        return value
    found = _DURATION.match(value) if isinstance(value, str) else None
    if found is None:
        raise ValueError(f"{value!r} is no duration: write a number and a unit, as in 90s, 30m, 2h, 1d")
    return timedelta(seconds=float(found[1]) * _SECONDS[found[2]])


def _size(value: Any) -> Any:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    found = _SIZE.match(value) if isinstance(value, str) else None
    if found is None:
        raise ValueError(f"{value!r} is no size: write a number and a unit, as in 500KB or 10MB")
    return int(float(found[1]) * _BYTES[found[2].lower()])


def _rate(value: Any) -> Any:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return value
    found = _RATE.match(value) if isinstance(value, str) else None
    if found is None:
        raise ValueError(f"{value!r} is no rate: write a number a unit of time, as in 20/s or 600/m")
    return float(found[1]) / _SECONDS[found[2]]


def _zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(f"{value!r} is no time zone: write one of the IANA names, as in Europe/Berlin") from None
    return value


def _web_address(value: str) -> str:
    if not re.match(r"^https?://[^\s/]+", value):
        raise ValueError(f"{value!r} is no web address: it starts with https:// or http://")
    return value


def _schedule(value: Any) -> Any:
    return value if isinstance(value, Schedule) else parse_schedule(value)


_TEXT_DURATION = {"type": "string", "pattern": _DURATION.pattern, "examples": ["30m", "2h", "1d"]}
Duration = Annotated[timedelta, BeforeValidator(_duration), Field(json_schema_extra=_TEXT_DURATION)]
Size = Annotated[int, BeforeValidator(_size)]
Rate = Annotated[float, BeforeValidator(_rate), Field(gt=0)]
Slug = Annotated[str, Field(pattern=SLUG, max_length=64)]
Zone = Annotated[str, AfterValidator(_zone)]
WebAddress = Annotated[str, AfterValidator(_web_address)]
Language = Annotated[str, Field(pattern=r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$")]
When = Annotated[Schedule, BeforeValidator(_schedule)]


class Value(BaseModel):
    """A frozen part of the configuration; a key that nobody knows is a mistake."""

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)


class Author(Value):
    name: str
    email: str | None = None


class Publication(Value):
    title: str = Field(min_length=1, description="The name of the publication, as readers see it.")
    link: WebAddress = Field(description="Where the site is published; stable ids are made from its host.")
    description: str = Field("", description="One or two sentences for feeds and the site's front page.")
    language: Language = Field("en", description="The language of our own words: labels, dates, openings.")
    timezone: Zone = Field("UTC", description="The zone of dates on the site, and the newsletters' default.")
    author: Author | None = Field(None, description="Who answers for the feed; default: the title.")
    imprint: str = Field("", description="Postal address or legal notice for the foot of mails and pages.")
    founded: int = Field(2020, ge=1990, le=9999, description="The year in the feeds' tag: ids; never change it.")


class PollSettings(Value):
    every: Duration = Field(timedelta(minutes=30), description="How often a source is polled when nothing else says.")
    min: Duration = Field(timedelta(minutes=15), description="Never more often than this, whatever a feed says.")
    max: Duration = Field(timedelta(days=1), description="Never less often than this, but for a server's Retry-After.")
    concurrency: int = Field(64, ge=1, le=1000, description="How many requests are under way at once.")
    per_host: int = Field(2, ge=1, le=100, description="How many of them on one host.")
    per_host_delay: Duration = Field(timedelta(0), description="The pause between two requests to one host.")
    timeout: Duration = Field(timedelta(seconds=20), description="For a whole request, redirects included.")
    max_bytes: Size = Field(10_000_000, ge=1000, description="The largest feed, counted after decompression.")
    allow_private_networks: bool = Field(default=False, description="Allow sources on loopback and private addresses.")
    backfill: Duration = Field(
        timedelta(days=2), description="Of a first poll, what is older than this fills the archive but is not news."
    )
    user_agent: str | None = Field(None, description="Default: the program's name and the publication's link.")


class Source(Value):
    name: Slug
    url: WebAddress
    title: str | None = Field(None, description="As readers see it: “Source: HKET”. Default: the feed's own title.")
    language: Language | None = Field(None, description="Default: what the feed says, else found from the text.")
    section: Slug | None = Field(None, description="The section of its entries, when no mark says otherwise.")
    categories: tuple[Slug, ...] = Field((), description="Categories that every entry of this source has.")
    every: Duration | None = Field(None, description="How often to poll it; default: poll.every.")
    weight: float = Field(1.0, gt=0, le=10, description="What its word is worth in ranking.")
    paused: bool = Field(default=False, description="Not polled while true.")
    headers: dict[str, str] = Field(default_factory=dict, description="Sent to its own host only.")
    tested: bool = Field(
        default=True, description="False marks an address that nobody has tried yet; `sources check` does."
    )


class Category(Value):
    """`any`: one is enough; `all`: each must be there; `none`: forbids. Latin words match whole words, Chinese
    matches anywhere, simplified and traditional alike.
    """

    slug: Slug
    name: str = Field(min_length=1, description="The kicker before a headline.")
    any: tuple[str, ...] = ()
    all: tuple[str, ...] = ()
    none: tuple[str, ...] = ()
    weight: float = Field(1.0, gt=0, le=10, description="Prefers this category where several fit.")


class Section(Value):
    """What kind of text it is. A section takes an entry whose feed category, address or title bears its mark."""

    slug: Slug
    title: str = Field(min_length=1)
    tags: tuple[str, ...] = Field((), description="The feed's own categories that mean this section.")
    addresses: tuple[str, ...] = Field((), description="Parts of an address that mean it, as in /opinion/.")
    titles: tuple[str, ...] = Field((), description="Marks in a title that mean it, as in “Opinion |” or 评论.")
    min_sources: int = Field(0, ge=0, description="Above 0: takes every story told by so many sources (Hot topics).")


class Curate(Value):
    story_window: Duration = Field(timedelta(days=3), description="A story that got nothing new for so long is closed.")


class Newsletter(Value):
    name: Slug
    title: str = Field(min_length=1)
    description: str = ""
    schedule: When = Field(description='As in "07:00", "07:00 mon-fri", "18:30 sun", "08:00 1st".')
    timezone: Zone | None = Field(None, description="Default: the publication's.")
    categories: tuple[Slug, ...] = Field((), description="Only these; empty: all.")
    sections: tuple[Slug, ...] = Field((), description="Only these; empty: all.")
    max_items: int = Field(12, ge=1, le=100)
    max_age: Duration | None = Field(
        None, description="Older stories are not told any more; default: twice the schedule's longest gap."
    )
    in_doubt: Literal["hold", "resend"] = Field(
        "hold",
        description="A letter whose acceptance nobody knows (a crash at the last moment): leave it, or send again.",
    )


class Delivery(Value):
    smtp: SecretStr = Field(description="smtp://user:${PASSWORD}@host:587 (STARTTLS when offered) or smtps://…:465.")
    sender: str = Field(alias="from", description="As in: Desk <desk@example.org>.")
    reply_to: str | None = None
    rate: Rate = Field(20.0, description="Letters, as in 20/s or 600/m; all connections together.")
    connections: int = Field(2, ge=1, le=50)
    tls: Literal["auto", "required", "off"] = Field("auto", description="STARTTLS: when offered, always, never.")
    timeout: Duration = timedelta(seconds=60)
    retry_for: Duration = Field(timedelta(days=2), description="How long a deferred letter is tried again.")

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class Web(Value):
    public_url: WebAddress | None = Field(None, description="Base of unsubscribe links; default: publication.link.")
    listen: str = Field("127.0.0.1:8000", pattern=r"^.+:\d{1,5}$")


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


class Config(Value):
    publication: Publication
    database: str = Field("sqlite:///state/aggregator.db", description="SQLite file, or postgresql://… .")
    output: Path = Field(Path("out"), description="Where feeds, site and editions are written.")
    poll: PollSettings = PollSettings()
    curate: Curate = Curate()
    sources: tuple[Source, ...] = Field(min_length=1)
    categories: tuple[Category, ...] = ()
    sections: tuple[Section, ...] = DEFAULT_SECTIONS
    newsletters: tuple[Newsletter, ...] = ()
    delivery: Delivery | None = Field(None, description="Without it, nothing is mailed.")
    web: Web = Web()

    _base: Path = PrivateAttr(default=Path())

    @property
    def base(self) -> Path:
        """The folder of feeds.yaml: relative paths start there."""
        return self._base

    @property
    def output_folder(self) -> Path:
        return self._base / self.output

    @property
    def public_url(self) -> str:
        """Base of the links that a server answers (unsubscribe, preferences), without a slash at the end."""
        return (self.web.public_url or self.publication.link).rstrip("/")

    @property
    def site_url(self) -> str:
        """Base of the published site, without a slash at the end."""
        return self.publication.link.rstrip("/")

    def source(self, name: str) -> Source | None:
        return next((source for source in self.sources if source.name == name), None)

    def newsletter(self, name: str) -> Newsletter | None:
        return next((newsletter for newsletter in self.newsletters if newsletter.name == name), None)

    def category(self, slug: str) -> Category | None:
        return next((category for category in self.categories if category.slug == slug), None)

    def section(self, slug: str) -> Section | None:
        return next((section for section in self.sections if section.slug == slug), None)

    def zone_of(self, newsletter: Newsletter) -> ZoneInfo:
        return ZoneInfo(newsletter.timezone or self.publication.timezone)
