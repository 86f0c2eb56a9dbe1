"""Entries, for people and as JSON, and what an operator decides of them: held, taken back, no copy."""

from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import click

from aggregator.cli import show
from aggregator.cli.base import Group, Shared, expect, of_group, shared
from aggregator.cli.lists import DurationType, json_option, limit_of, limit_option, names_known
from aggregator.errors import UsageError
from aggregator.model import OTHER

if TYPE_CHECKING:  # the database library loads where a command needs it: `--help` does not
    from aggregator.store.entries import Stored

_ENTRY = click.argument("entry", nargs=-1, required=True)


@click.group("entries", cls=Group, invoke_without_command=True)
@click.option("--source", help="Of this source.")
@click.option("--category", help="With this category.")
@click.option("--section", help="In this section.")
@click.option("--story", help="Of this story.")
@click.option("--search", help="With this text in title or summary.")
@click.option("--since", type=DurationType(), help="Not older than this: 2h, 3d.")
@click.option("--duplicates/--originals", default=None, help="Only duplicates; only what is none.")
@click.option("--held", is_flag=True, help="What is held for review, which no list has else.")
@click.option("--retracted", is_flag=True, help="What was taken back, which no list has else.")
@limit_option(50)
@json_option
@click.pass_context
def entries_command(
    context: click.Context, /, *, since: timedelta | None, limit: int | None, as_json: bool, held: bool, **filters: Any
) -> None:
    """List entries, the newest first, or decide on what is held for review."""
    if context.invoked_subcommand is not None:
        return
    from aggregator.store import entries
    from aggregator.store import held as held_entries
    from aggregator.store.engine import reading

    options = of_group(context)
    app = options.app()
    oldest = app.clock() - since if since is not None else None
    with reading(app.engine) as conn:
        most = limit_of(limit, 50, as_json=as_json)
        found = entries.listed(conn, since=oldest, held=held, limit=most, **filters)
        waiting = held_entries.by_source(conn)
    if not found:
        names_known(options, **{kind: filters[kind] for kind in ("source", "category", "section")})
    apart = "held" if held else "retracted" if filters["retracted"] else None
    columns = ["id", "published", "source", "title", *([apart] if apart else ["categories", "duplicate_of"])]
    show.rows(map(_entry, found), columns, as_json=as_json, none=f"no entries are {apart}" if apart else "no entries")
    if not as_json and apart is None:
        _tell_held(options, waiting, filters["source"])


def _entry(stored: "Stored") -> dict[str, Any]:
    entry, judgement = stored.entry, stored.judgement
    return {
        "id": entry.id,
        "source": entry.source,
        "guid": entry.guid,
        "url": entry.url,
        "canonical_url": entry.canonical_url,
        "title": entry.title,
        "summary": entry.summary,
        "language": judgement.language if judgement else entry.language,
        "published": show.time(entry.published),
        "seen": show.time(entry.seen),
        "categories": [scored.slug for scored in judgement.categories] if judgement else [],
        "section": judgement.section.value if judgement else None,
        "story": judgement.story.value if judgement else None,
        "duplicate_of": judgement.duplicate_of.value if judgement and judgement.duplicate_of else None,
        "news": stored.news,
        "held": stored.held,
        "retracted": stored.retracted[1] if stored.retracted else None,
    }


def _tell_held(options: Shared, waiting: dict[str, int], source: str | None) -> None:
    count = sum(waiting.values()) if source is None else waiting.get(source, 0)
    if count:
        options.say(f"{count} more are held for review: `entries --held` lists them")


def _which(ids: tuple[str, ...], source: str | None) -> None:
    if bool(ids) == (source is not None):
        raise UsageError("say which entries: their ids, or --source", hint="`entries --held` lists what is held")


@entries_command.command("release")
@click.argument("ids", nargs=-1, metavar="[ENTRY]…")
@click.option("--source", help="All that is held of this source.")
@click.option("--as-news", is_flag=True, help="As news, for editions to come; else they only fill the archive.")
@shared
def release_command(options: Shared, /, *, ids: tuple[str, ...], source: str | None, as_news: bool) -> None:
    """Let in what is held for review, or was dropped: curated at once, and published from then on."""
    from aggregator.pipeline import review

    _which(ids, source)
    app = options.app()
    done = review.release(app.engine, options.config, ids, source=source, as_news=as_news, now=app.clock())
    if not done.ids:
        names_known(options, source=source)
    app.curate()
    options.say(f"{len(done.ids)} entries released {'as news' if as_news else 'into the archive'}")


@entries_command.command("drop")
@click.argument("ids", nargs=-1, metavar="[ENTRY]…")
@click.option("--source", help="All that is held of this source.")
@shared
def drop_command(options: Shared, /, *, ids: tuple[str, ...], source: str | None) -> None:
    """Let nobody see what is held for review. It stays known: no poll brings it back."""
    from aggregator.pipeline import review

    _which(ids, source)
    app = options.app()
    done = review.drop(app.engine, options.config, ids, source=source, now=app.clock())
    if not done.ids:
        names_known(options, source=source)
    options.say(f"{len(done.ids)} entries dropped")


@entries_command.command("unduplicate")
@click.argument("id_", metavar="ENTRY")
@shared
def unduplicate_command(options: Shared, /, *, id_: str) -> None:
    """An entry is no duplicate: it speaks for itself, whatever later runs find."""
    app = options.app()
    app.desk.unduplicate(id_)
    options.say(f"{id_} speaks for itself")


@entries_command.command("move")
@click.argument("id_", metavar="ENTRY")
@click.argument("categories", nargs=-1, metavar="[CATEGORY]…")
@click.option("--section", help="The section in which it stands.")
@click.option("--undo", is_flag=True, help="Take back what was said of it: the rules decide again.")
@shared
def move_command(options: Shared, /, *, id_: str, categories: tuple[str, ...], section: str | None, undo: bool) -> None:
    """Say what an entry is about, against the rules: its categories by their slugs, the best first; `other`: none applies.

    It holds against every later run, outweighs all votes on what its story is about, and is an example to learn from.
    What is said of a copy is said of the entry that it repeats.
    """
    _wanted(options, categories, section, undo=undo)
    desk = options.app().desk
    said = [slug for slug in categories if slug != OTHER] if categories else None
    done = desk.free(id_) if undo else desk.move(id_, said, section)
    if done.entry != id_:
        options.say(f"{id_} repeats {done.entry}, of which it is said")
    about = ", ".join(scored.slug for scored in done.sorted_.categories) or "none of the categories"
    by = " by the rules" if undo else ""
    options.say(f"{done.entry} is about {about}{by}, and stands in {done.sorted_.section.value}")


def _wanted(options: Shared, categories: Sequence[str], section: str | None, *, undo: bool) -> None:
    if undo == bool(categories or section is not None):
        raise UsageError("say where it belongs, or --undo", hint="as in `entries move e2kq7mzabcde technology economy`")
    if OTHER in categories and len(categories) > 1:
        raise UsageError(f"{OTHER} stands alone: none applies", hint="leave it out, or the others")
    for slug in categories:
        expect("category", slug, [*(category.slug for category in options.config.categories), OTHER])
    if section is not None:
        expect("section", section, [one.slug for one in options.config.text_sections])


@entries_command.command("retract")
@_ENTRY
@click.option("--reason", default="no reason given", help="Why; `explain` tells it.")
@shared
def retract_command(options: Shared, /, *, entry: Sequence[str], reason: str) -> None:
    """Take entries back: they leave their stories, the site, the feeds and the next editions.

    They stay in the database, and no later poll brings them back. Editions that were made keep their words. `publish`
    then takes them from the site.
    """
    app = options.app()
    done = app.retract(entry, reason=reason)
    options.say(_said(entry, done, "retracted", "retracted before"))


@entries_command.command("restore")
@_ENTRY
@shared
def restore_command(options: Shared, /, *, entry: Sequence[str]) -> None:
    """Let entries that were taken back stand again, in the stories where they stood."""
    app = options.app()
    done = app.restore(entry)
    options.say(_said(entry, done, "restored", "not retracted"))


def _said(asked: Sequence[str], done: Sequence[str], what: str, otherwise: str) -> str:
    said = [f"{what}: {', '.join(done)}"] if done else []
    left = [id_ for id_ in dict.fromkeys(asked) if id_ not in done]
    return "; ".join([*said, *([f"{', '.join(left)}: {otherwise}"] if left else [])])
