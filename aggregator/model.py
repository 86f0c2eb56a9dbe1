"""The vocabulary: one frozen value for each moment of a thing's life. All times are aware and in UTC.

*Item is theirs, Entry is ours*: an Item is what a publisher wrote and is not trusted; an Entry is
identified, cleaned and dated, and its texts may be shown to readers.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import blake2b
from typing import Literal

# --- collect ---------------------------------------------------------------------------------------------

SourceState = Literal["new", "ok", "quiet", "throttled", "failing", "moved", "blocked", "gone"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Hints:
    """How a feed says that it wants to be asked. Addresses are as written in a Feed, absolute in a Reading."""

    ttl: int | None = None
    """Minutes: RSS 2.0's own."""
    period: int | None = None
    """Minutes: sy:updatePeriod by sy:updateFrequency (RSS 1.0's syndication module)."""
    skip_hours: tuple[int, ...] = ()
    """0 to 23, in UTC."""
    skip_days: tuple[int, ...] = ()
    """Monday is 0."""
    hubs: tuple[str, ...] = ()
    """Where WebSub subscriptions are taken."""
    self_url: str | None = None
    """What the feed calls its own address: the topic of a WebSub subscription."""
    older: str | None = None
    """Where the entries before these are: RFC 5005's `prev-archive`, else its `next`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PollState:
    """What we remember of a source between polls. `reason` says in one line why `due` is when it is, `rules` every
    rule that had a say in it.

    `validators_url` is the final address that gave `etag` and `last_modified`: they are sent nowhere else.
    `retry_after` is a time before which the server asked not to be asked again; `force` does not override it.
    `adopted_url` is the address that permanent redirects led to and that we ask instead of the configured one;
    `proposed_url` one that was found when the feed was missed, for the operator to decide on.
    """

    source: str
    url: str
    due: datetime
    reason: str = "never polled"
    rules: tuple[str, ...] = ()
    state: SourceState = "new"
    health: str = "never polled"
    """Why it is in this state, in words."""
    since: datetime | None = None
    """When it came into this state."""
    etag: str | None = None
    last_modified: str | None = None
    validators_url: str | None = None
    other_validators: tuple[tuple[str, str | None, str | None], ...] = ()
    """(final address, ETag, Last-Modified) of where redirects led before, for the day when they lead there again."""
    body_hash: str | None = None
    fresh: int | None = None
    """Seconds for which the server calls its newest answer fresh."""
    adopted_url: str | None = None
    moved_to: str | None = None
    moved_count: int = 0
    proposed_url: str | None = None
    retry_after: datetime | None = None
    failures: int = 0
    error: str | None = None
    last_polled: datetime | None = None
    last_changed: datetime | None = None
    last_new: datetime | None = None
    """When it brought entries last."""
    title: str | None = None
    home: str | None = None
    hints: Hints = Hints()
    times: tuple[int, ...] = ()
    """When its last entries were published, newest first, in minutes since 1970: its own rhythm."""
    pace: float = 1.0
    """Below 1, it is asked more often than its rhythm says: entries went by between two polls."""
    polls: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetch:
    """A line of a source's ledger. `took` is in seconds, `received` in bytes on the wire, `new` in entries."""

    at: datetime
    status: int | None
    received: int
    new: int
    took: float
    outcome: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident:
    """What an operator hears: once when it begins, once when it is over. `subject`: a source's name, or the edition
    (newsletter/number) with which it began.
    """

    subject: str
    kind: Literal["down", "gone", "quiet", "moved", "flood", "plain", "held"]
    opened: datetime
    reason: str
    closed: datetime | None = None
    id: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """What one registrable domain was found to bear: seconds between two requests, and a time before which it asked
    for none.
    """

    domain: str
    delay: float = 0.0
    until: datetime | None = None
    reason: str = ""
    since: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One question to one source, with the validators to send back verbatim.

    `validators_url` is the address that gave them, and the only one that gets them back; None: `url` itself. They
    differ where a temporary redirect leads from the one to the other.
    """

    source: str
    url: str
    etag: str | None = None
    last_modified: str | None = None
    validators_url: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    form: Mapping[str, str] | None = None
    """Posted, as a form, where it is given; else the address is got."""
    others: Mapping[str, tuple[str | None, str | None]] = field(default_factory=dict)
    """Other final addresses that gave validators before: (ETag, Last-Modified)."""
    proxy: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What the network gave: `status` is 2xx with a body, or 304 without. Header names are in lower case.

    `permanent_url` is where an unbroken chain of permanent redirects (301, 308) from `url` led; None without one.
    `body` is inflated: no Content-Encoding is left on it. `received` counts its bytes on the wire, `took` is in
    seconds, without the time that we waited for our own turn.
    """

    url: str
    final_url: str
    status: int
    headers: Mapping[str, str]
    body: bytes = b""
    permanent_url: str | None = None
    received: int = 0
    took: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedLink:
    """A feed that a page offers. `kind`: a media type, as the page says; `how`: "link", "anchor" or "common place"."""

    url: str
    title: str = ""
    kind: str = ""
    how: str = "link"


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """An entry as its publisher wrote it: texts are HTML, dates are strings, nothing is trusted.

    `base` is what relative links in its texts start from, where the publisher said so (xml:base).
    """

    guid: str | None = None
    url: str | None = None
    title: str | None = None
    summary: str | None = None
    content: str | None = None
    author: str | None = None
    categories: tuple[str, ...] = ()
    published: str | None = None
    updated: str | None = None
    language: str | None = None
    base: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """The parsed document, theirs. `format` is rss20, rss10, rss09x, atom10, atom03, json1 …; `dirt` what was mended."""

    format: str
    title: str | None = None
    home: str | None = None
    language: str | None = None
    hints: Hints = Hints()
    items: tuple[Item, ...] = ()
    dirt: str | None = None
    deleted: tuple[tuple[str, str | None], ...] = ()
    """(guid, when) of entries that it says are gone: RFC 6721's `at:deleted-entry`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """An item made ours. `published` is their time (or None), `seen` is ours; `title` and `summary` are plain text,
    `content` is sanitised HTML. `id` is derived from source and guid, so the same item always gets the same one.
    """

    id: str
    source: str
    guid: str
    url: str | None
    canonical_url: str | None
    title: str
    summary: str = ""
    content: str = ""
    author: str | None = None
    tags: tuple[str, ...] = ()
    language: str | None = None
    published: datetime | None = None
    updated: datetime | None = None
    seen: datetime
    words: int = 0
    """Length of the fullest text we have: words, where a Chinese or Japanese character counts half a word."""

    @property
    def when(self) -> datetime:
        """The time to show and to sort by: theirs, unless it is missing or lies in the future."""
        return self.published if self.published is not None and self.published <= self.seen else self.seen

    @property
    def came(self) -> tuple[datetime, datetime, str]:
        """The order in which entries are judged."""
        return self.seen, self.when, self.id


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What a page became: facts on the feed, and its entries, newest first as far as the feed tells."""

    format: str
    title: str | None = None
    home: str | None = None
    language: str | None = None
    hints: Hints = Hints()
    entries: tuple[Entry, ...] = ()
    dirt: str | None = None
    deleted: tuple[str, ...] = ()
    """The ids of entries that the feed says are gone."""


PushState = Literal["offered", "asked", "verified", "silent", "denied", "ending"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Push:
    """One WebSub subscription: at which hub, for which topic, under which address of ours (`callback`, with `token`).

    `due` is when the hub is asked next: for the first time, again, or to renew. `failures` counts the times in a row
    that it was asked and did not verify. `missed` counts the polls in a row that found what the hub had not pushed.
    """

    token: str
    source: str
    hub: str
    topic: str
    callback: str
    secret: str = field(repr=False)
    state: PushState = "offered"
    since: datetime
    due: datetime
    asked_at: datetime | None = None
    lease_until: datetime | None = None
    last_push: datetime | None = None
    failures: int = 0
    missed: int = 0
    forged: int = 0
    """Messages without the right signature."""
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pushed:
    """What a hub sent, signed rightly and not looked into yet."""

    id: int
    source: str
    hub: str
    topic: str
    at: datetime
    content_type: str
    body: bytes = field(repr=False)


# --- curate ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Scored:
    """A category that applies, with the rule that said so ("title has “chip maker”; summary has “台积电”")."""

    slug: str
    score: float
    reason: str


@dataclass(frozen=True, slots=True)
class Choice:
    """One answer with its reason: a section, an original, a story."""

    value: str
    reason: str


@dataclass(frozen=True, slots=True)
class Word:
    """What an editor said of an entry against the rules: categories, best first, or a section. Of two, the one with the
    higher `number` was said later.
    """

    at: datetime
    said: tuple[str, ...]
    number: int = 0


OTHER = "other"
"""What examples, commands and an editor's word call a text to which no category applies."""


@dataclass(frozen=True, slots=True)
class Example:
    """A text of which a person said what it is about (`label`: a category's slug) or what kind it is (a section's)."""

    title: str
    summary: str
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """All that curating decided about one entry."""

    entry: str
    language: str | None
    categories: tuple[Scored, ...]
    section: Choice
    duplicate_of: Choice | None
    story: Choice


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """One entry's part in a story: who told it, where and when."""

    entry: str
    source: str
    source_title: str
    url: str | None
    title: str
    summary: str
    language: str | None
    published: datetime
    seen: datetime
    author: str | None = None
    words: int = 0
    duplicate_of: str | None = None
    weight: float = 1.0
    news: bool = True
    """False for what came with a source's first poll and was old already."""
    section: str = "briefings"
    categories: tuple[str, ...] = ()

    @property
    def came(self) -> tuple[datetime, datetime, str]:
        """The order in which a story's entries count."""
        return self.seen, self.published, self.entry


@dataclass(frozen=True, slots=True)
class Written:
    """A story's briefing as the writer made it from the sources (`model`: which one wrote)."""

    text: str
    language: str
    model: str


@dataclass(frozen=True, slots=True)
class Brief:
    """A story's summary at some length: sentences that were chosen, or what `written_by` wrote of its sources."""

    text: str
    language: str | None
    written_by: str | None = None


_VOICES = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """Entries that tell the same event; `reports[0]` leads. `updated` moves only when what readers see changes."""

    id: str
    title: str
    summary: str
    language: str | None
    url: str | None
    section: str
    categories: tuple[str, ...]
    reports: tuple[Report, ...]
    related: tuple[str, ...] = ()
    first_published: datetime
    last_published: datetime
    updated: datetime
    shown: str = ""
    """A digest of what readers see."""
    heat: float = 0.0
    """How hot a topic it is; 0 for what is none."""
    written: Written | None = None
    """Its briefing, where a writer is configured and what it wrote holds."""

    @property
    def kicker(self) -> str | None:
        """The slug of the most fitting category."""
        return self.categories[0] if self.categories else None

    @property
    def lead(self) -> Report:
        return self.reports[0]

    @property
    def originals(self) -> tuple[Report, ...]:
        """The reports without their duplicates."""
        return tuple(report for report in self.reports if report.duplicate_of is None)

    @property
    def voices(self) -> tuple[Report, ...]:
        """What a briefing is written from: the originals that came first, so that one more does not ask for another."""
        return tuple(sorted(self.originals or self.reports, key=lambda report: report.came)[:_VOICES])

    @property
    def said(self) -> str:
        """A digest of what the voices say: a briefing holds as long as it stays."""
        words = [(report.entry, report.title, report.summary) for report in self.voices]
        return blake2b(repr(words).encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()

    @property
    def news(self) -> bool:
        return any(report.news for report in self.reports)


@dataclass(frozen=True, slots=True)
class Ranked:
    """A story's worth at a moment, and what it is made of (name -> part of the score)."""

    story: Story
    score: float
    parts: Mapping[str, float]


# --- write -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Prompt:
    """What a language model is asked: our own words (`task`), and beside them, as data, what others wrote."""

    task: str
    data: str
    most_tokens: int
    """Of the answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What it answered, not looked into yet: `text` is None where it gave none, `refusal` what it said instead of one.
    `finish`: why it ended. Tokens are those that the server counted; None where it did not.
    """

    text: str | None
    finish: str = "stop"
    refusal: str | None = None
    input: int | None = None
    output: int | None = None


# --- edit ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Pin:
    """An editor's wish: this story is in the next edition of this newsletter, whatever its rank; `lead`: it leads it."""

    story: str
    newsletter: str
    lead: bool
    at: datetime


Stands = Literal["lead", "item", "link", "web", "out"]
"""Where an edition has a story: at its head, among the others, as a quick link, as one more on the web, not at all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What an edition made of a story that it considered. `place` counts all of them, from 1, in the order of the edition,
    what it left out last.
    """

    story: str
    place: int
    stands: Stands
    reason: str
    figures: str = ""
    """How it was ranked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    title: str
    url: str
    source: str = ""
    language: str | None = None
    published: datetime | None = None
    categories: tuple[str, ...] = ()
    """Of a quick link: its story's, as of an item."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EditionItem:
    """A story as one edition tells it: frozen, whatever becomes of the story later."""

    story: str
    kicker: str | None
    kicker_slug: str | None
    headline: str
    summary: str
    language: str | None
    section: str
    url: str
    """Where the headline leads: the original, or the story's page where the source gave no address."""
    story_url: str
    source: str
    published: datetime
    words: int = 0
    minutes: int = 0
    also: tuple[Link, ...] = ()
    also_more: int = 0
    related: tuple[Link, ...] = ()
    reason: str = ""
    summary_language: str | None = None
    written_by: str | None = None
    """The model that wrote the summary; None where it was chosen from the sources."""
    categories: tuple[str, ...] = ()
    """Slugs, best first: by them a reader's own variant takes it or not."""
    rank: int = 0
    """Its turn to lead, from 1, which is the lead's: who leads where those before are not wanted."""
    tellers: tuple[str, ...] = ()
    """The outlets that told it in their own words, the one of `source` first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EditionSection:
    slug: str
    title: str
    items: tuple[EditionItem, ...]


_BEGINNING = 30
"""Characters by which a summary is known again where it was shortened."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Edition:
    """One dated, numbered number of a newsletter. Data first: mail, web page and feed are rendered from it."""

    newsletter: str
    number: int
    title: str
    slot: datetime
    composed: datetime
    timezone: str
    language: str
    subject: str
    preheader: str
    opening: str
    lead: EditionItem | None
    sections: tuple[EditionSection, ...]
    quick: tuple[Link, ...] = ()
    more: int = 0
    """How many further stories are on the web."""
    url: str = ""
    minutes: int = 0
    more_about: tuple[tuple[tuple[str, ...], int], ...] = ()
    """Of those further stories: categories, and how many have just these."""

    @property
    def items(self) -> tuple[EditionItem, ...]:
        """Every item in reading order, the lead first."""
        lead = (self.lead,) if self.lead is not None else ()
        return lead + tuple(item for section in self.sections for item in section.items)

    @property
    def preheader_language(self) -> str:
        """It is made of headlines and the beginning of a summary: theirs, where all are in one language."""
        told = [(item.headline, item.language) for item in self.items]
        told += [(item.summary[:_BEGINNING], item.summary_language or item.language) for item in self.items]
        told += [(link.title, link.language) for link in self.quick]
        languages = {language for text, language in told if language and text and text in self.preheader}
        return languages.pop() if len(languages) == 1 else self.language


# --- send ------------------------------------------------------------------------------------------------

SubscriberState = Literal["active", "unconfirmed", "unsubscribed", "suppressed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscriber:
    id: int
    email: str
    name: str | None
    state: SubscriberState
    newsletters: tuple[str, ...]
    created: datetime


DeliveryState = Literal["planned", "claimed", "dotted", "accepted", "deferred", "refused", "in_doubt", "cancelled"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One edition on its way to one subscriber: a row with its own state."""

    id: int
    newsletter: str
    number: int
    subscriber: int
    email: str
    name: str | None
    subscription: int
    state: DeliveryState
    attempts: int
    token: int
    """Fencing token: a row may be written only by who holds the number it was claimed with."""
    message_id: str
    updated: datetime
    due: datetime
    reason: str | None = None
    created: datetime
    """When the delivery was planned: the Date of the letter, the same on every attempt."""

    @property
    def edition(self) -> str:
        return f"{self.newsletter}/{self.number}"


TOKEN_LENGTH = 28
TOKEN_PLACEHOLDER = "TOKEN00000000000000000000000"  # noqa: S105  no secret: where a reader's own token is spliced in
"""Stands in a rendered mail wherever a subscriber's token belongs; as long as every token, URL-safe, and found in no
other text of ours."""
