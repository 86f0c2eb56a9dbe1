"""What a changed feeds.yaml would do: it is compared with what was last taken, and nothing is written.

What was taken is kept as plain facts, as the file says them: `${…}` stays `${…}`, and what is before an @ is left out.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from typing import Any, Literal

from sqlalchemy import Engine

from aggregator.collect import schedule
from aggregator.config import Config, Newsletter, Source
from aggregator.config.kinds import show_duration
from aggregator.model import PollState
from aggregator.pipeline import plan_rules
from aggregator.pipeline.moves import WINDOW, Preview, preview
from aggregator.slots import next_slot
from aggregator.store import schema, sources, taken
from aggregator.store.engine import open_engine, reading, writing
from aggregator.store.tables import SCHEMA

Facts = Mapping[str, Mapping[str, Any]]
"""Kind -> name -> what is said of it."""
_SLOTS = 3
_LATER = ("title", "language", "section", "categories", "weight", "fulltext", "websub")
"""Keys of a source that count for what is read, curated or shown from then on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """`what` is what will come of it, in one line; `next` the times at which it will be due."""

    change: Literal["added", "changed", "removed"]
    kind: Literal["source", "poll", "newsletter", "category", "section"]
    name: str
    what: str
    next: tuple[datetime, ...] = ()
    moves: int = 0
    """So many entries of late would come to it, or leave it, were they sorted again."""


@dataclass(frozen=True, slots=True)
class _Comparison:
    """`seen`: what would move, where rules changed and there are entries."""

    before: Facts
    after: Facts
    config: Config
    states: Mapping[str, PollState]
    seen: Preview | None
    now: datetime


def remember_taken(engine: Engine, config: Config, now: datetime) -> bool:
    """Keep what the configuration says, for the next `plan`; False where it is what is kept already."""
    said = facts(config)
    digest = blake2b(json.dumps(said, sort_keys=True).encode(), digest_size=16).hexdigest()
    with reading(engine) as conn:
        if taken.digest(conn) == digest:
            return False
    with writing(engine) as conn:
        taken.save(conn, now, digest, said)
    return True


def plan(config: Config, now: datetime) -> tuple[Change, ...]:
    """What would change, in the order of the file's parts. Raises StoreError where the database cannot be read."""
    after = facts(config)
    with _database(config) as engine:
        before, states = _known(engine)
        seen = None
        if engine is not None and plan_rules.differ(before, after):
            seen = preview(engine, config, since=now - WINDOW, most=plan_rules.LOOKED_AT)
    compared = _Comparison(before, after, config, states, seen, now)
    parts = (_sources, _poll, _newsletters, _categories, _sections)
    return tuple(change for part in parts for change in part(compared))


def facts(config: Config) -> dict[str, dict[str, Any]]:
    """All of the file that `plan` compares, without anything that is secret."""
    return {
        "sources": {
            source.name: _source_facts(config, index, source) for index, source in enumerate(config.sources)
        },
        "poll": {
            name: show_duration(getattr(config.poll, name)) for name in ("every", "min", "max", "per_host_delay")
        },
        "newsletters": {one.name: _newsletter_facts(config, one) for one in config.newsletters},
        "categories": {
            one.slug: config.as_written(one.name, "categories", index, "name")
            for index, one in enumerate(config.categories)
        },
        "sections": {
            one.slug: config.as_written(one.title, "sections", index, "title")
            for index, one in enumerate(config.sections)
        },
        "category_rules": plan_rules.rules(config, "categories"),
        "section_rules": plan_rules.rules(config, "sections"),
    }  # fmt: skip


def _source_facts(config: Config, index: int, source: Source) -> dict[str, Any]:
    return {
        "url": config.shown_url(source),
        "paused": source.paused,
        "every": show_duration(source.every) if source.every else None,
        "title": config.as_written(source.title, "sources", index, "title") if source.title else None,
        "language": source.language,
        "section": source.section,
        "categories": list(source.categories),
        "weight": source.weight,
        "fulltext": source.fulltext,
        "websub": source.websub,
    }


def _newsletter_facts(config: Config, newsletter: Newsletter) -> dict[str, Any]:
    index = config.newsletters.index(newsletter)
    return {
        "title": config.as_written(newsletter.title, "newsletters", index, "title"),
        "schedule": str(newsletter.schedule),
        "timezone": str(config.zone_of(newsletter)),
        "categories": list(newsletter.categories),
        "sections": list(newsletter.sections),
        "max_items": newsletter.max_items,
        "max_per_source": newsletter.max_per_source,
        "max_per_category": newsletter.max_per_category,
        "max_links": newsletter.max_links,
    }


@contextmanager
def _database(config: Config) -> Iterator[Engine | None]:
    """None where there is none yet, or one that work would first have to upgrade."""
    if config.database_file is not None and not config.database_file.exists():
        yield None
        return
    engine = open_engine(config.database_url)
    try:
        yield engine if schema.version(engine) == SCHEMA else None
    finally:
        engine.dispose()


def _known(engine: Engine | None) -> tuple[Facts, dict[str, PollState]]:
    """What the database has."""
    if engine is None:
        return {}, {}
    with reading(engine) as conn:
        return taken.load(conn) or {}, sources.load(conn)


# --- part by part ------------------------------------------------------------------------------------------


def _of(compared: _Comparison, part: str) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    return compared.before.get(part, {}), compared.after[part]


def _sources(compared: _Comparison) -> Iterator[Change]:
    before, after = _of(compared, "sources")
    for name in after:
        if name not in before:
            yield _new_source(compared, name)
    for name in after:
        if name in before:
            for what, due in _source_changes(compared, name, before[name], after[name]):
                yield Change(change="changed", kind="source", name=name, what=what, next=due)
    for name in before:
        if name not in after:
            yield Change(change="removed", kind="source", name=name, what="is polled no more; its entries stay")


def _new_source(compared: _Comparison, name: str) -> Change:
    source, known = _source(compared, name), compared.states.get(name)
    url, due = compared.config.shown_url(source), _due(compared, source)
    if source.paused:
        what = f"{url} is paused: not polled"
    elif known is None:
        what = f"{url} is polled at once"
    else:
        what = f"{url} was here before, and {_when(due)}"
    return Change(change="added", kind="source", name=name, what=what, next=due)


def _source_changes(
    compared: _Comparison, name: str, before: Mapping[str, Any], after: Mapping[str, Any]
) -> Iterator[tuple[str, tuple[datetime, ...]]]:
    source, known = _source(compared, name), compared.states.get(name)
    due = _due(compared, source)
    if before["url"] != after["url"] or (known is not None and known.url != source.url):
        yield f"{_address(before['url'], after['url'])}: {_readdressed(compared, source)}", due
    if before["paused"] != after["paused"]:
        yield ("paused: is polled no more" if after["paused"] else f"resumed: {_when(due)}"), due
    if before["every"] != after["every"]:
        every = f"every {_or_default(before['every'])} -> {_or_default(after['every'])}"
        yield f"{every}: the poll that is due stands, those after it follow", due
    for key in _LATER:
        if before.get(key) != after[key]:
            sorts = ", and `categories apply` sorts what is there" if key in {"section", "categories"} else ""
            yield f"{key} {_shown(before.get(key))} -> {_shown(after[key])}: from the next poll on{sorts}", ()


def _address(before: str, after: str) -> str:
    return "address changed, by a variable of the environment" if before == after else f"address {before} -> {after}"


def _readdressed(compared: _Comparison, source: Source) -> str:
    known = compared.states.get(source.name)
    if known is None or known.last_polled is None:
        return "it was never polled at the old one"
    kept = schedule.readdressed(source, known, compared.now).last_polled is not None
    return "it is asked there already, and all that is known stays" if kept else "starts anew"


def _due(compared: _Comparison, source: Source) -> tuple[datetime, ...]:
    """When it is polled next: as the round of polling would have it."""
    state = compared.states.get(source.name) or schedule.first_state(source, compared.now)
    if state.url != source.url:
        state = schedule.readdressed(source, state, compared.now)
    if source.paused or state.state == "gone":
        return ()
    return (max(state.due, state.retry_after or state.due, compared.now),)


def _when(due: tuple[datetime, ...]) -> str:
    return "is polled when it is due" if due else "is not polled: its server said that it is gone"


def _poll(compared: _Comparison) -> Iterator[Change]:
    before, after = _of(compared, "poll")
    for key, value in after.items():
        if before and before.get(key) != value:
            what = f"{_shown(before.get(key))} -> {value}: polls that are due stand, those after them follow"
            yield Change(change="changed", kind="poll", name=f"poll.{key}", what=what)


def _newsletters(compared: _Comparison) -> Iterator[Change]:
    before, after = _of(compared, "newsletters")
    for newsletter in compared.config.newsletters:
        name, old, new = newsletter.name, before.get(newsletter.name), after[newsletter.name]
        due = _slots(compared, newsletter)
        if old is None:
            what = f"goes out at {new['schedule']} ({new['timezone']}), from now on"
            yield Change(change="added", kind="newsletter", name=name, what=what, next=due)
        elif old != new:
            said = "; ".join(_differences(old, new))
            yield Change(change="changed", kind="newsletter", name=name, what=said, next=due)
    for name in before:
        if name not in after:
            what = "goes out no more; its editions and subscribers stay"
            yield Change(change="removed", kind="newsletter", name=name, what=what)


def _categories(compared: _Comparison) -> Iterator[Change]:
    effects = "takes entries that are curated from now on", "is given to no entry any more, and its pages go"
    return _ruled(compared, "category", effects)


def _sections(compared: _Comparison) -> Iterator[Change]:
    effects = "takes entries that are curated from now on", "takes no entry any more, and its pages go"
    return _ruled(compared, "section", effects)


def _ruled(compared: _Comparison, kind: Literal["category", "section"], effects: tuple[str, str]) -> Iterator[Change]:
    for one in plan_rules.changes(compared.before, compared.after, kind, effects, compared.seen):
        yield Change(change=one.change, kind=kind, name=one.slug, what=one.what, moves=one.moves)


def _source(compared: _Comparison, name: str) -> Source:
    found = compared.config.source(name)
    assert found is not None, "the facts are of this configuration"
    return found


def _slots(compared: _Comparison, newsletter: Newsletter) -> tuple[datetime, ...]:
    found: list[datetime] = []
    for _ in range(_SLOTS):
        after = found[-1] if found else compared.now
        found.append(next_slot(newsletter.schedule, compared.config.zone_of(newsletter), after))
    return tuple(found)


def _differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterable[str]:
    return (
        f"{key} {_shown(before.get(key))} -> {_shown(after[key])}" for key in after if before.get(key) != after[key]
    )


def _or_default(every: str | None) -> str:
    return every or "poll.every"


_SHOWN: Mapping[type, Callable[[Any], str]] = {
    list: lambda value: f"[{', '.join(value)}]",
    bool: lambda value: "true" if value else "false",
    type(None): lambda _: "none",
}


def _shown(value: Any) -> str:
    return _SHOWN.get(type(value), str)(value)
