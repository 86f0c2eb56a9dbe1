"""feeds.yaml as values: every key, its default, its check and what it means.

The models are the single truth: the JSON Schema for editors, the reference in `docs/configuration.md` and the
sentences of `aggregator check` come from them.
"""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Literal, Self
from urllib.parse import quote, urlsplit
from zoneinfo import ZoneInfo

from pydantic import Field, PrivateAttr, model_validator

from aggregator.config.categories import Category
from aggregator.config.kinds import (
    DatabaseAddress,
    Duration,
    Flag,
    Language,
    Line,
    Listen,
    Mailbox,
    Rate,
    Size,
    Slug,
    SmtpAddress,
    Value,
    WebAddress,
    When,
    Zone,
)
from aggregator.config.origin import Origin
from aggregator.config.sections import DEFAULT_SECTIONS, Section, SectionOrName, in_language
from aggregator.config.sources import Source
from aggregator.config.writer import Writer


class Author(Value):
    """Who answers for the publication."""

    name: str = Field(min_length=1, description="A person or a desk.", examples=["China desk"])
    email: Mailbox | None = Field(None, description="Shown in the feeds.", examples=["desk@example.org"])


class Publication(Value):
    """What readers see of the whole."""

    title: Line = Field(
        min_length=1, description="The name of the publication, as readers see it.", examples=["Morning Briefing"]
    )
    link: WebAddress = Field(
        description="Where the site is published; stable ids are made from its host.",
        examples=["https://briefing.example.org"],
    )
    description: str = Field(
        "",
        description="One or two sentences for feeds and the site's front page.",
        examples=["What mattered today, before breakfast."],
    )
    language: Language = Field(
        "en", description="The language of our own words: labels, dates, openings.", examples=["zh-Hans"]
    )
    timezone: Zone = Field(
        "UTC", description="The zone of dates on the site, and the newsletters' default.", examples=["Asia/Shanghai"]
    )
    author: Author | None = Field(None, description="Who answers for the feeds; default: the title.")
    imprint: str = Field(
        "",
        description="Postal address or legal notice for the foot of mails and pages.",
        examples=["Example Press, 1 Main Street, Exampleton"],
    )
    feed_content: Literal["full", "summary"] = Field(
        "full",
        description="In our feeds: what a source's own feed published in full, or summaries alone; pages and mails have summaries.",
        examples=["summary"],
    )
    hubs: tuple[WebAddress, ...] = Field(
        (),
        description="WebSub hubs: our feeds name them, and they are told when a feed changed.",
        examples=[["https://hub.example.net/"]],
    )
    founded: int = Field(
        2020, ge=1990, le=9999, description="The year in the feeds' `tag:` ids; never change it.", examples=[2026]
    )


class PollSettings(Value):
    """How sources are polled."""

    every: Duration = Field(
        timedelta(minutes=30),
        description="How often a source is polled while nothing is known of its own rhythm.",
        examples=["1h"],
    )
    min: Duration = Field(
        timedelta(minutes=15), description="Never more often than this, whatever a feed says.", examples=["10m"]
    )
    max: Duration = Field(
        timedelta(days=1),
        description="Never less often than this, unless it fails; also the longest Retry-After that is obeyed.",
        examples=["12h"],
    )
    concurrency: int = Field(64, ge=1, le=1000, description="How many requests are under way at once.", examples=[32])
    per_host: int = Field(
        2, ge=1, le=1000, description="How many of them on one site (registrable domain).", examples=[1]
    )
    per_host_delay: Duration = Field(
        timedelta(0),
        description="The pause between two requests to one site; one that complains gets a longer one.",
        examples=["500ms"],
    )
    timeout: Duration = Field(
        timedelta(seconds=20), gt=timedelta(0), description="For a whole request, redirects included.", examples=["30s"]
    )
    max_bytes: Size = Field(
        10_000_000, ge=1000, description="The largest feed, counted after decompression.", examples=["25MB"]
    )
    allow_private_networks: Flag = Field(
        default=False, description="Allow sources on loopback and private addresses.", examples=[True]
    )
    backfill: Duration = Field(
        timedelta(days=2),
        description="Of a first poll, what is older than this fills the archive but is not news.",
        examples=["12h"],
    )
    user_agent: Line | None = Field(
        None,
        description="Default: the program's name and version, the publication's link and its author's mail address.",
        examples=["MorningBriefing/1.0 (+https://briefing.example.org; desk@example.org)"],
    )


class Curate(Value):
    """How entries are sorted, and become stories."""

    story_window: Duration = Field(
        timedelta(days=3), description="A story that got nothing new for so long is closed.", examples=["5d"]
    )
    confidence: float = Field(
        0.5,
        ge=0,
        le=1,
        allow_inf_nan=False,
        description="What was learned from examples is silent where it is less sure than this: 1 is certain.",
        examples=[0.7],
    )


class Newsletter(Value):
    """A recurring publication by mail, with editions."""

    name: Slug = Field(description="Its name in commands, files and addresses; unique.", examples=["daily"])
    title: Line = Field(min_length=1, description="The head of each edition.", examples=["The Daily Briefing"])
    description: str = Field("", description="What a reader subscribes to.", examples=["Twelve stories at seven."])
    schedule: When = Field(
        description="A time, then the days if it is not every day; a slot that a clock change skips falls just after it.",
        examples=["07:00 mon-fri"],
    )
    timezone: Zone | None = Field(
        None, description="The zone of the schedule; default: the publication's.", examples=["Europe/Berlin"]
    )
    categories: tuple[Slug, ...] = Field(
        (), description="Only stories of these; empty: all.", examples=[["technology"]]
    )
    sections: tuple[Slug, ...] = Field((), description="Only these; empty: all.", examples=[["analyses"]])
    max_items: int = Field(12, ge=1, le=100, description="The most stories in one edition.", examples=[20])
    max_per_source: int | None = Field(
        None,
        ge=1,
        le=100,
        description="The most stories of one outlet, while there are others; default: a quarter of `max_items`, at least two.",
        examples=[3],
    )
    max_per_category: int | None = Field(
        None,
        ge=1,
        le=100,
        description="The most stories of one category, while there are others; default: a third of `max_items`, at least two.",
        examples=[4],
    )
    max_links: int = Field(
        8, ge=0, le=50, description="The most quick links after them; what is left is only counted.", examples=[5]
    )
    max_age: Duration | None = Field(
        None,
        description="Older stories are not told any more; default: twice the schedule's longest gap.",
        examples=["2d"],
    )
    in_doubt: Literal["hold", "resend"] = Field(
        "hold",
        description="A letter whose acceptance nobody knows (a crash at the last moment): leave it, or send again.",
        examples=["resend"],
    )


class Delivery(Value):
    """The mail server, and how letters are handed to it."""

    smtp: SmtpAddress = Field(
        description="`smtp://…:587` (STARTTLS as `tls` says) or `smtps://…:465`; take the password from the environment.",
        examples=["smtp://user:${SMTP_PASSWORD}@mail.example.org:587"],
    )
    sender: Mailbox = Field(alias="from", description="Who writes.", examples=["Desk <desk@example.org>"])
    reply_to: Mailbox | None = Field(
        None, description="Where answers go; default: `from`.", examples=["letters@example.org"]
    )
    rate: Rate = Field(20.0, description="Letters, all connections together.", examples=["600/m"])
    connections: int = Field(2, ge=1, le=50, description="How many connections are open at once.", examples=[4])
    tls: Literal["auto", "required", "off"] = Field(
        "auto", description="STARTTLS: when offered, always, never.", examples=["required"]
    )
    timeout: Duration = Field(
        timedelta(seconds=60), gt=timedelta(0), description="For each answer of the server.", examples=["30s"]
    )
    retry_for: Duration = Field(
        timedelta(days=2), description="How long a deferred letter is tried again.", examples=["1d"]
    )


class Alerts(Value):
    """What operators hear of sources and editions: once when trouble begins, once when it is over."""

    feed: Path = Field(
        Path("state/alerts.xml"),
        description="An Atom feed for operators. It is not published unless you put it where readers can come.",
        examples=["/srv/www/private/alerts.xml"],
    )
    mail: Mailbox | None = Field(
        None, description="Who gets a letter about it, by `delivery`'s server.", examples=["ops@example.org"]
    )


class Web(Value):
    """The web application (`aggregator serve`)."""

    public_url: WebAddress | None = Field(
        None,
        description="Base of unsubscribe links (default: `publication.link`), and where hubs call (default: nowhere).",
        examples=["https://desk.example.org"],
    )
    listen: Listen = Field("127.0.0.1:8000", description="Host and port.", examples=["0.0.0.0:8080"])


class Config(Value):
    """The whole file."""

    publication: Publication = Field(description="What readers see of the whole.")
    database: DatabaseAddress = Field(
        "sqlite:///state/aggregator.db",
        repr=False,
        description="An SQLite file (a relative one starts at the folder of feeds.yaml), or PostgreSQL.",
        examples=["postgresql://aggregator:${DB_PASSWORD}@localhost/aggregator"],
    )
    output: Path = Field(
        Path("out"), description="The folder for feeds, site and editions.", examples=["/srv/www/briefing"]
    )
    poll: PollSettings = Field(PollSettings(), description="How sources are polled.")
    curate: Curate = Field(Curate(), description="How entries are sorted, and become stories.")
    sources: tuple[Source, ...] = Field(min_length=1, description="Where to look; at least one.")
    categories: tuple[Category, ...] = Field((), description="What texts are about; the best one is the kicker.")
    sections: tuple[SectionOrName, ...] = Field(
        DEFAULT_SECTIONS,
        min_length=1,
        description="What kinds of text there are, in the front page's order; each a mapping, or the slug of one of ours.",
    )
    newsletters: tuple[Newsletter, ...] = Field((), description="What is mailed, and when.")
    delivery: Delivery | None = Field(None, description="The mail server; without it, nothing is mailed.")
    writer: Writer | None = Field(None, description="The briefing writer; without it, summaries are chosen alone.")
    web: Web = Field(Web(), description="The web application.")
    alerts: Alerts = Field(Alerts(), description="What operators hear of sources and editions.")

    _origin: Origin = PrivateAttr(default_factory=Origin)
    _hidden_urls: Mapping[str, str] = PrivateAttr(default_factory=dict)
    """Source -> its address as the file has it, where a part of it came from the environment."""

    @model_validator(mode="after")
    def _sections_in_its_language(self) -> Self:
        object.__setattr__(self, "sections", in_language(self.sections, self.publication.language))
        return self

    def read_from(self, origin: Origin) -> Self:
        """The same, knowing where it came from."""
        known = self.model_copy()
        written = ((source.name, origin.hidden.get(("sources", at, "url"))) for at, source in enumerate(self.sources))
        known._origin = origin  # noqa: SLF001  our own copy
        known._hidden_urls = {name: text for name, text in written if text is not None}  # noqa: SLF001  likewise
        return known

    @property
    def file(self) -> Path:
        return self._origin.file

    @property
    def base(self) -> Path:
        """The folder of feeds.yaml: relative paths start there."""
        return self._origin.base

    def line(self, *key: str | int) -> int | None:
        """Where a key stands in the file: `config.line("sources", 3, "url")`."""
        return self._origin.lines.get(key)

    def masked(self, text: str) -> str:
        """A text about a source or the writer (an error, an address that a server gave), without what is hidden of it."""
        return self._origin.masked(text)

    def shown_url(self, source: Source) -> str:
        """For its operator: as the file says it, `${…}` and all, but for what is before an @."""
        return self.masked(self._hidden_urls.get(source.name, source.url))

    def as_written(self, value: str, *key: str | int) -> str:
        """A text as the file says it, `${…}` and all."""
        return self._origin.hidden.get(key, value)

    def public_url_of(self, source: Source) -> str | None:
        """For readers: None where a part of it came from the environment, or names a user."""
        if source.name in self._hidden_urls or "@" in urlsplit(source.url).netloc:
            return None
        return source.url

    @property
    def database_file(self) -> Path | None:
        """The SQLite file, absolute where the base is; None where the database is a server's or in memory."""
        name = self.database.removeprefix("sqlite:///")
        return None if name in {self.database, ":memory:"} else self.base / name

    @property
    def database_url(self) -> str:
        """The address as SQLAlchemy wants it: driver named, path absolute and percent-encoded."""
        file = self.database_file
        if file is not None:
            return f"sqlite:///{quote(file.absolute().as_posix(), safe='/ +:')}"
        return self.database.replace("postgresql://", "postgresql+psycopg://", 1)

    @property
    def models_folder(self) -> Path | None:
        """What was learned: beside the SQLite file, or in `state`; None where the database is in memory."""
        if self.database == "sqlite:///:memory:":
            return None
        return (self.database_file or self.base / "state" / "aggregator").parent / "models"

    @property
    def writer_language(self) -> str:
        """In which briefings are written."""
        return (self.writer.language if self.writer is not None else None) or self.publication.language

    @property
    def output_folder(self) -> Path:
        return self.base / self.output

    @property
    def alerts_file(self) -> Path:
        return self.base / self.alerts.feed

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

    def first_category(self, slugs: Iterable[str]) -> Category | None:
        """The first of these that is configured still: a story's kicker, of its categories."""
        return next((category for slug in slugs if (category := self.category(slug)) is not None), None)

    def section(self, slug: str) -> Section | None:
        return next((section for section in self.sections if section.slug == slug), None)

    @property
    def text_sections(self) -> tuple[Section, ...]:
        """Those that are a kind of text; what is measured by its outlets (hot topics) is made of stories."""
        return tuple(section for section in self.sections if not section.min_sources)

    @property
    def news_section(self) -> str:
        """The slug of the section of plain news, which takes what no mark sends elsewhere: the first that has neither
        marks nor a measure of its own, wherever it stands.
        """
        plain = (one for one in self.sections if not one.marked)
        return next(plain, self.sections[0]).slug

    def zone_of(self, newsletter: Newsletter) -> ZoneInfo:
        return ZoneInfo(newsletter.timezone or self.publication.timezone)
