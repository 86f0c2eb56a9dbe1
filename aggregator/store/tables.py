"""The schema."""

from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from aggregator.store.dialects import Utc

SCHEMA = "0001"
"""The newest migration: a database of any other version is brought here, or refused when it is newer."""


metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    }
)


def _where(condition: str) -> dict[str, Any]:
    """An index of some rows only."""
    return {"sqlite_where": text(condition), "postgresql_where": text(condition)}


sources = Table(
    "sources",
    metadata,
    Column("source", Text, primary_key=True),
    Column("url", Text, nullable=False),
    Column("due", Utc, nullable=False, index=True),
    Column("reason", Text, nullable=False),
    Column("rules", JSON, nullable=False, comment="every rule that had a say in when it is due"),
    Column("state", Text, nullable=False),
    Column("health", Text, nullable=False, comment="why it is in this state"),
    Column("since", Utc),
    Column("etag", Text),
    Column("last_modified", Text),
    Column("validators_url", Text),
    Column("other_validators", JSON, nullable=False),
    Column("body_hash", Text),
    Column("fresh", Integer, comment="seconds"),
    Column("adopted_url", Text),
    Column("moved_to", Text),
    Column("moved_count", Integer, nullable=False),
    Column("proposed_url", Text),
    Column("retry_after", Utc),
    Column("failures", Integer, nullable=False),
    Column("error", Text),
    Column("last_polled", Utc),
    Column("last_changed", Utc),
    Column("last_new", Utc),
    Column("title", Text),
    Column("home", Text),
    Column("hints", JSON, nullable=False),
    Column("times", JSON, nullable=False, comment="of its last entries: minutes since 1970, newest first"),
    Column("pace", Float, nullable=False),
    Column("polls", Integer, nullable=False),
)

fetches = Table(
    "fetches",
    metadata,
    Column("source", Text, primary_key=True),
    Column("slot", Integer, primary_key=True, autoincrement=False, comment="a ring: the oldest is written over"),
    Column("at", Utc, nullable=False),
    Column("status", Integer),
    Column("received", Integer, nullable=False, comment="bytes on the wire"),
    Column("new", Integer, nullable=False),
    Column("took", Float, nullable=False, comment="seconds"),
    Column("outcome", Text, nullable=False),
)

incidents = Table(
    "incidents",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("subject", Text, nullable=False, comment="a source's name, or newsletter/number"),
    Column("kind", Text, nullable=False),
    Column("opened", Utc, nullable=False),
    Column("reason", Text, nullable=False),
    Column("closed", Utc, comment="null: it is not over"),
    Column("mailed", Integer, nullable=False, comment="letters about it: 1 when it began, 2 when it was over"),
    Index("ix_incidents_subject", "subject", "closed"),
    sqlite_autoincrement=True,  # the operators' feed names these numbers
)

budgets = Table(
    "budgets",
    metadata,
    Column("domain", Text, primary_key=True),
    Column("delay", Float, nullable=False, comment="seconds between two requests"),
    Column("until", Utc, comment="asked for nothing before"),
    Column("reason", Text, nullable=False),
    Column("since", Utc),
)

pushes = Table(
    "pushes",
    metadata,
    Column("token", Text, primary_key=True, comment="the unguessable part of the address that the hub calls"),
    Column("source", Text, nullable=False, index=True),
    Column("hub", Text, nullable=False),
    Column("topic", Text, nullable=False),
    Column("callback", Text, nullable=False),
    Column("secret", Text, nullable=False, comment="what the hub signs with"),
    Column("state", Text, nullable=False),
    Column("since", Utc, nullable=False),
    Column("due", Utc, nullable=False, comment="when the hub is asked next"),
    Column("asked_at", Utc),
    Column("lease_until", Utc),
    Column("last_push", Utc),
    Column("failures", Integer, nullable=False),
    Column("missed", Integer, nullable=False, comment="polls in a row that found what was not pushed"),
    Column("forged", Integer, nullable=False, comment="messages without the right signature"),
    Column("reason", Text, nullable=False),
)

pushed = Table(
    "pushed",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("push", ForeignKey("pushes.token", ondelete="CASCADE"), nullable=False, index=True),
    Column("at", Utc, nullable=False),
    Column("content_type", Text, nullable=False),
    Column("body", LargeBinary, nullable=False),
    sqlite_autoincrement=True,  # what is being read and what came since must never have one number
)

pings = Table(
    "pings",
    metadata,
    Column("hub", Text, primary_key=True),
    Column("path", Text, primary_key=True, comment="of the feed, in the output folder"),
    Column("stamp", Text, nullable=False, comment="the file's time and size as they were seen last"),
    Column("digest", Text, nullable=False, comment="of its bytes then"),
    Column("due", Utc, comment="when the hub is told next; null: it knows all, or was given up"),
    Column("failures", Integer, nullable=False),
    Column("told", Utc, comment="when it took the news last"),
    Column("reason", Text, nullable=False),
)

entries = Table(
    "entries",
    metadata,
    Column("id", Text, primary_key=True),
    Column("source", Text, nullable=False),
    Column("guid", Text, nullable=False),
    Column("url", Text),
    Column("canonical_url", Text),
    Column("title", Text, nullable=False),
    Column("summary", Text, nullable=False),
    Column("content", Text, nullable=False),
    Column("author", Text),
    Column("tags", JSON, nullable=False),
    Column("language", Text),
    Column("published", Utc),
    Column("updated", Utc),
    Column("seen", Utc, nullable=False),
    Column("at", Utc, nullable=False, index=True, comment="published; seen, where that is missing or in the future"),
    Column("words", Integer, nullable=False),
    Column("digest", Text, nullable=False, comment="of what the publisher wrote: tells a changed entry"),
    Column("fed", Text, comment="digest of what its feed wrote, where the content is the article's own text"),
    Column("news", Boolean, nullable=False, comment="false: it was old already when we met its source"),
    Column("curated", Utc, comment="when it was judged; null: not yet, or changed since"),
    Column("section", Text),
    Column("section_reason", Text),
    Column("categories", JSON(none_as_null=True), comment="[[slug, score, reason], …], best first"),
    Column("duplicate_of", Text),
    Column("duplicate_reason", Text),
    Column("story", Text, index=True),
    Column("story_reason", Text),
    Column("held", Text, comment="why it is held for review; null: it is not. What is held is never curated"),
    Column("dropped", Utc, comment="when the review said that nobody is to see it"),
    Column("retracted", Text, comment="why it was taken back; null: it stands"),
    Column("retracted_at", Utc),
    UniqueConstraint("source", "guid"),
    Index("ix_entries_waiting", "curated", "held", "seen", "at", "id"),
    Index("ix_entries_source", "source", "at"),
    Index("ix_entries_seen", "seen"),
    # Of these few only: by a whole index, SQLite would look up all that is no duplicate, rather than those of a story.
    Index("ix_entries_duplicate_of", "duplicate_of", **_where("duplicate_of IS NOT NULL")),
    Index("ix_entries_retracted_at", "retracted_at", **_where("retracted_at IS NOT NULL")),
)

entry_keys = Table(
    "entry_keys",
    metadata,
    Column("kind", Text, primary_key=True),
    Column("value", Text, primary_key=True),
    Column("entry", Text, primary_key=True, index=True),
    Column("seen", Utc, nullable=False),
)

revisions = Table(
    "revisions",
    metadata,
    Column("entry", Text, primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("at", Utc, nullable=False, comment="when it was found to have been changed: so it stood until then"),
    Column("title", Text, nullable=False),
    Column("summary", Text, nullable=False),
    Column("url", Text),
    Column("author", Text),
    Column("published", Utc),
    Column("digest", Text, nullable=False, comment="of its content's text"),
    Column("length", Integer, nullable=False, comment="of its content's text, in characters"),
)

aliases = Table(
    "aliases",
    metadata,
    Column("id", Text, primary_key=True, comment="what the entry's id would be under this guid"),
    Column("source", Text, nullable=False),
    Column("guid", Text, nullable=False, comment="under which its feed has an old entry now"),
    Column("entry", Text, nullable=False, index=True),
    Column("address", Text, comment="its canonical address until then, where it has another since"),
    Column("at", Utc, nullable=False),
    Column("reason", Text, nullable=False),
)

marks = Table(
    "marks",
    metadata,
    Column("mark", BigInteger, primary_key=True, autoincrement=False, comment="of a source and what it says"),
    Column("entry", Text, primary_key=True),
    sqlite_with_rowid=False,
)

fulltexts = Table(
    "fulltexts",
    metadata,
    Column("entry", Text, primary_key=True),
    Column("at", Utc, nullable=False),
    Column("outcome", Text, nullable=False, comment="what came of asking for its article: nobody asks twice"),
)

stories = Table(
    "stories",
    metadata,
    Column("id", Text, primary_key=True),
    Column("lead", Text, nullable=False, comment="the entry whose words the story takes"),
    Column("title", Text, nullable=False),
    Column("summary", Text, nullable=False),
    Column("language", Text),
    Column("url", Text),
    Column("section", Text, nullable=False),
    Column("categories", JSON, nullable=False),
    Column("related", JSON, nullable=False),
    Column("first_published", Utc, nullable=False),
    Column("last_published", Utc, nullable=False, index=True),
    Column("updated", Utc, nullable=False, index=True),
    Column("shown", Text, nullable=False, comment="digest of what readers see: `updated` moves with it"),
    Column("heat", Float, nullable=False, index=True, comment="how hot a topic it is; 0: none"),
    Column("written", JSON(none_as_null=True), comment="its briefing, and the digest of what its sources said then"),
    Index("ix_stories_written", "id", **_where("written IS NOT NULL")),
)

briefings = Table(
    "briefings",
    metadata,
    Column("key", Text, primary_key=True, comment="digest of what its sources say, model, question and language"),
    Column("story", Text, nullable=False, index=True),
    Column("said", Text, nullable=False, comment="digest of what its sources say"),
    Column("at", Utc, nullable=False),
    Column("model", Text, nullable=False),
    Column("language", Text, nullable=False),
    Column("outcome", Text, nullable=False, comment="written, refused (it does not hold) or failed (no answer of use)"),
    Column("text", Text, comment="null: none that may be shown"),
    Column("sources", JSON, nullable=False, comment="the entries that its sentences name"),
    Column("reason", Text, nullable=False, comment="what was verified, or what did not hold"),
)

writer_calls = Table(
    "writer_calls",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("at", Utc, nullable=False, index=True),
    Column("story", Text, nullable=False, comment="empty: a test"),
    Column("outcome", Text, nullable=False, comment="asked (and no more known of it), answered, or the problem"),
    Column("input", Integer, nullable=False, comment="tokens; estimated until the server has counted them"),
    Column("output", Integer, nullable=False),
    Column("cost", Float, nullable=False),
    Column("until", Utc, comment="before which the server asked not to be asked"),
    Column("reason", Text, nullable=False),
)

terms = Table(
    "terms",
    metadata,
    Column("term", Text, primary_key=True),
    Column("stories", Integer, nullable=False, comment="how many ever had it"),
    Column("postings", LargeBinary, nullable=False, comment="the stories that had it last: numbers with days, packed"),
    sqlite_with_rowid=False,
)

sketches = Table(
    "sketches",
    metadata,
    Column("shingle", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=False),
    Column("day", Integer, nullable=False, index=True, comment="on which it was met last: an ordinal"),
    Column("entries", Text, nullable=False, comment="those that had it last, the newest first"),
)

profiles = Table(
    "profiles",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False, comment="in the order in which they were founded"),
    Column("story", Text, nullable=False, unique=True),
    Column("data", LargeBinary, nullable=False, comment="what is known of a story, to compare entries with"),
)

decisions = Table(
    "decisions",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("at", Utc, nullable=False),
    Column("kind", Text, nullable=False),
    Column("one", Text, nullable=False, index=True, comment="an entry, or the story that was merged"),
    Column("other", Text, nullable=False, index=True, comment="where it stands now, or what it does not repeat"),
    Column("was", Text, nullable=False, comment="where it stood before"),
)

examples = Table(
    "examples",
    metadata,
    Column("kind", Text, primary_key=True, comment="what it teaches: categories or sections"),
    Column("digest", Text, primary_key=True, comment="of its words: what is said twice is one example"),
    Column("editor", Boolean, primary_key=True, comment="an editor corrected an entry: holds against what a file says"),
    Column("title", Text, nullable=False),
    Column("summary", Text, nullable=False),
    Column("language", Text),
    Column("label", Text, nullable=False, comment="a slug, or other"),
    Column("origin", Text, nullable=False, comment="the file that says it, or the entry that was corrected"),
    Column("at", Utc, nullable=False),
    Index("ix_examples_origin", "origin", "kind"),
)

lessons = Table(
    "lessons",
    metadata,
    Column("kind", Text, primary_key=True, comment="what was to be learned: categories or sections"),
    Column("at", Utc, nullable=False, comment="when it was tried last"),
    Column("examples", Text, nullable=False, comment="digest of those that it was tried with: not again with the same"),
    Column("correction", Integer, nullable=False, comment="the last decision that there was then"),
    Column("number", Integer, nullable=False, comment="of the newest model: none is given twice"),
    Column("learned", Boolean, nullable=False),
    Column("outcome", Text, nullable=False),
)

newsletters = Table(
    "newsletters",
    metadata,
    Column("newsletter", Text, primary_key=True),
    Column("schedule", Text, nullable=False),
    Column("zone", Text, nullable=False),
    Column("since", Utc, nullable=False, comment="when we met it, or met it on this schedule: no slot before counts"),
)

slots = Table(
    "slots",
    metadata,
    Column("newsletter", Text, primary_key=True),
    Column("slot", Utc, primary_key=True),
    Column("decided", Utc, nullable=False),
    Column("number", Integer, comment="of the edition that was made; null: none was, and outcome says why"),
    Column("outcome", Text, nullable=False),
)

editions = Table(
    "editions",
    metadata,
    Column("newsletter", Text, primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("slot", Utc, nullable=False),
    Column("composed", Utc, nullable=False, index=True),
    Column("data", Text, nullable=False),
    UniqueConstraint("newsletter", "slot"),
)

told = Table(
    "told",
    metadata,
    Column("newsletter", Text, primary_key=True),
    Column("story", Text, primary_key=True),
    Column("number", Integer, nullable=False),
)

verdicts = Table(
    "verdicts",
    metadata,
    Column("newsletter", Text, primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("story", Text, primary_key=True, index=True),
    Column("place", Integer, nullable=False, comment="in the order of the edition, what it left out last"),
    Column("stands", Text, nullable=False, comment="lead, item, link, web or out"),
    Column("reason", Text, nullable=False, comment="why it stands where it stands, or why it was left out"),
    Column("figures", Text, nullable=False, comment="how it was ranked"),
)

pins = Table(
    "pins",
    metadata,
    Column("newsletter", Text, primary_key=True),
    Column("story", Text, primary_key=True, index=True),
    Column("lead", Boolean, nullable=False, comment="it leads the edition"),
    Column("at", Utc, nullable=False),
)

subscribers = Table(
    "subscribers",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("email", Text, nullable=False),
    Column("email_key", Text, nullable=False, unique=True),
    Column("name", Text),
    Column("state", Text, nullable=False),
    Column("created", Utc, nullable=False),
    sqlite_autoincrement=True,  # old letters name these numbers: SQLite would give those of the erased to newcomers
)

subscriptions = Table(
    "subscriptions",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("subscriber", ForeignKey("subscribers.id", ondelete="CASCADE"), nullable=False),
    Column("newsletter", Text, nullable=False),
    Column("created", Utc, nullable=False),
    Column("ended", Utc),
    UniqueConstraint("subscriber", "newsletter"),
    sqlite_autoincrement=True,  # as above: tokens hold the subscription's number
)

deliveries = Table(
    "deliveries",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("newsletter", Text, nullable=False),
    Column("number", Integer, nullable=False),
    Column("subscriber", ForeignKey("subscribers.id", ondelete="CASCADE"), nullable=False),
    Column("subscription", Integer, nullable=False),
    Column("state", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("due", Utc, nullable=False),
    Column("token", Integer, nullable=False, comment="fencing: rises with each claim"),
    Column("message_id", Text, nullable=False),
    Column("created", Utc, nullable=False),
    Column("updated", Utc, nullable=False),
    Column("reason", Text),
    UniqueConstraint("newsletter", "number", "subscriber"),
    Index("ix_deliveries_open", "state", "due"),
    Index("ix_deliveries_subscriber", "subscriber"),
    sqlite_autoincrement=True,  # as above: logs and journal name a letter by its number
)

journal = Table(
    "journal",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("at", Utc, nullable=False),
    Column(
        "subject", Text, nullable=False, comment="what it is about: a source's name, an entry's id, newsletter/number"
    ),
    Column("event", Text, nullable=False),
    Index("ix_journal_subject", "subject", "id"),
)

published = Table(
    "published",
    metadata,
    Column("path", Text, primary_key=True),
    Column("made_from", Text, nullable=False, comment="digest of what the file was rendered from"),
    Column("size", Integer, nullable=False, comment="of the file that we wrote, in bytes"),
)

stale = Table(
    "stale",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("kind", Text, nullable=False, comment="story, edition, or shelf: a list that holds a story that changed"),
    Column("name", Text, nullable=False),
    sqlite_autoincrement=True,  # publish takes away the numbers that it saw: what came since must have others
)

listings = Table(
    "listings",
    metadata,
    Column("story", Text, primary_key=True),
    Column("first", Utc, nullable=False),
    Column("last", Utc, nullable=False),
    Column("updated", Utc, nullable=False),
    Column("data", JSON, nullable=False, comment="what lists in the archive and the search say of it"),
    Index("ix_listings_first", "first", "story"),
    Index("ix_listings_last", "last", "story"),
)

shelved = Table(
    "shelved",
    metadata,
    Column("story", Text, primary_key=True),
    Column("shelf", Text, primary_key=True, comment="section:SLUG, category:SLUG, source:NAME"),
    Column("last", Utc, nullable=False),
    Index("ix_shelved_shelf", "shelf", "last", "story"),
)

named = Table(
    "named",
    metadata,
    Column("story", Text, primary_key=True, comment="whose page shows the headline of the other"),
    Column("other", Text, primary_key=True),
    Index("ix_named_other", "other"),
)

drawers = Table(
    "drawers",
    metadata,
    Column("name", Text, primary_key=True, comment="2026-11, a day 2026-11-14, or a part of it 2026-11-14-2"),
    Column("stories", Integer, nullable=False),
    Column("updated", Utc, comment="when a story in it last was; null: it is empty"),
    Column("split", Boolean, nullable=False, comment="it was too full once: its stories stand in the drawers in it"),
)

press = Table(
    "press",
    metadata,
    Column("name", Text, primary_key=True),
    Column("value", Text, nullable=False, comment="what the pages were made with last, beside the stories"),
)

taken = Table(
    "taken",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("at", Utc, nullable=False),
    Column("digest", Text, nullable=False),
    Column("facts", JSON, nullable=False, comment="what feeds.yaml said when work was last done by it; no secrets"),
)

secrets = Table(
    "secrets",
    metadata,
    Column("name", Text, primary_key=True),
    Column("value", LargeBinary, nullable=False),
)
