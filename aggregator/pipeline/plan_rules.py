"""What `plan` says of categories and sections: their rules as the file says them, and how many entries of late would move."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from aggregator.config import Category, Config, Section
from aggregator.pipeline.moves import WINDOW, Kind, Preview

LOOKED_AT = 5000
"""So many entries, the newest, are sorted again: a plan must be quick."""
_SHOWN = 6
"""Terms that are named, and places where entries come from or go."""
_LONG = 60
_NAMES = {"slug", "name", "title"}

Facts = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Said:
    """`moves`: so many entries would come to it, or leave it."""

    change: Literal["added", "changed", "removed"]
    slug: str
    what: str
    moves: int = 0


def rules(config: Config, part: Literal["categories", "sections"]) -> dict[str, dict[str, Any]]:
    """By slug: all that decides, without its name."""
    some: Sequence[Category | Section] = getattr(config, part)
    return {one.slug: _rules(config, one, (part, index)) for index, one in enumerate(some)}


def differ(before: Facts, after: Facts) -> bool:
    """Whether entries may be sorted into something else."""
    ruled = ("category_rules", "section_rules")
    return _lent(before) != _lent(after) or any(before.get(part, {}) != after[part] for part in ruled)


def changes(before: Facts, after: Facts, kind: Kind, effects: tuple[str, str], seen: Preview | None) -> Iterator[Said]:
    """`effects`: what comes of a new one, and of one that is no more."""
    part, ruled = ("categories", "category_rules") if kind == "category" else ("sections", "section_rules")
    names, now = before.get(part, {}), after[part]
    for slug, name in now.items():
        if slug not in names:
            yield _said("added", slug, f"“{name}” {effects[0]}", kind, seen)
            continue
        if names[slug] != name:
            yield Said("changed", slug, f"“{names[slug]}” is called “{name}” from now on")
        other = _differences(before.get(ruled, {}).get(slug, {}), after[ruled][slug])
        if other:
            yield _said("changed", slug, f"rules changed: {'; '.join(other)}", kind, seen)
    for slug, name in names.items():
        if slug not in now:
            yield _said("removed", slug, f"“{name}” {effects[1]}", kind, seen)


def _rules(config: Config, one: Category | Section, key: tuple[str | int, ...]) -> dict[str, Any]:
    whole = one.model_dump(mode="json", exclude=_NAMES)
    lean = one.model_dump(mode="json", exclude=_NAMES, exclude_defaults=True)
    return {name: _as_written(config, lean.get(name, value), (*key, name)) for name, value in whole.items()}


def _as_written(config: Config, value: Any, key: tuple[str | int, ...]) -> Any:
    if isinstance(value, list):
        return [_as_written(config, one, (*key, place)) for place, one in enumerate(value)]
    if isinstance(value, dict):
        return {name: _as_written(config, one, (*key, name)) for name, one in value.items()}
    return config.as_written(value, *key) if isinstance(value, str) else value


def _lent(facts: Facts) -> dict[str, tuple[Any, Any]]:
    """What sources say of the section and the categories of their entries."""
    said = {name: (one["section"], one["categories"]) for name, one in facts.get("sources", {}).items()}
    return {name: one for name, one in said.items() if any(one)}


def _said(
    change: Literal["added", "changed", "removed"], slug: str, what: str, kind: Kind, seen: Preview | None
) -> Said:
    if seen is None or not seen.entries:
        return Said(change, slug, what)
    came = Counter({move.before: move.entries for move in seen.moves if (move.kind, move.after) == (kind, slug)})
    left = Counter({move.after: move.entries for move in seen.moves if (move.kind, move.before) == (kind, slug)})
    count = came.total() + left.total()
    of = f"of the last {WINDOW.days} days" if seen.whole else f"of the {seen.entries:,} newest"
    entries = f"{count:,} entries" if count > 1 else "1 entry" if count else "no entry"
    places = f": {', '.join(_places(came, left))}" if count else ""
    further = _further(slug, seen) if kind == "category" else ""
    return Said(change, slug, f"{what}; {of}, {entries} would move{places}{further}", count)


def _further(slug: str, seen: Preview) -> str:
    """Entries that have it as a further category, or would."""
    gained, lost = seen.gains[slug], seen.losses[slug]
    return (f"; {gained:,} would have it beside others" if gained else "") + (
        f"; {lost:,} would not have it beside others any more" if lost else ""
    )


def _places(came: Counter[str | None], left: Counter[str | None]) -> Iterator[str]:
    for word, some in (("from", came), ("to", left)):
        for slug, count in some.most_common(_SHOWN):
            yield f"{count:,} {word} {slug or 'none'}"
        if more := sum(count for _, count in some.most_common()[_SHOWN:]):
            yield f"{more:,} {word} others"


def _differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """Key by key; one that was not kept then says nothing."""
    told = ((key, _difference(before[key], value)) for key, value in after.items() if key in before)
    return [f"{key} {said}" for key, said in told if said]


def _difference(before: Any, after: Any) -> str:
    if not isinstance(after, list) or not isinstance(before, list):
        return f"{compact(before)} -> {compact(after)}" if before != after else ""
    parts = [f"+{_shown(one)}" for one in after if one not in before]
    parts += [f"-{_shown(one)}" for one in before if one not in after]
    more = f" and {len(parts) - _SHOWN} more" if len(parts) > _SHOWN else ""
    return " ".join(parts[:_SHOWN]) + more


def _shown(one: Any) -> str:
    """A term; a rule in one piece, cut where it is long."""
    if isinstance(one, str):
        return f"“{one}”" if " " in one else one
    said = compact(one)
    return said if len(said) <= _LONG else f"{said[: _LONG - 1]}…"


def compact(one: Any) -> str:
    """A rule, or a figure, in one line, much as YAML writes it."""
    if isinstance(one, float):
        return f"{one:g}"
    return json.dumps(one, ensure_ascii=False).replace('"', "")
