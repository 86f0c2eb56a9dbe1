"""Which stories an edition tells, and why each one is in or out.

The ranking decides; four things bend it. What an editor pinned is in. A section that has anything gets one place, so
that the loudest news does not push every analysis out. One outlet and one category get at most a share, unless there is
not enough else. And the lead is what an editor pinned there, else news where there is any, else an analysis, and an
opinion last of all.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import ceil

from aggregator.config import Newsletter, Section, standing
from aggregator.edit.genre import Genre, genre
from aggregator.model import Pin, Ranked, Story

OUTLET_SHARE = 1 / 4
CATEGORY_SHARE = 1 / 3
LEAST_SHARE = 2
"""Even the smallest newsletter may tell two stories of one outlet."""
ITEMS_A_SECTION = 2
"""A section has a place of its own in a newsletter with room for so many items a section."""

_LEADS: Mapping[Genre, str] = {
    "news": "the best-ranked news story",
    "analysis": "the best-ranked analysis, as there is no news",
    "opinion": "the best-ranked opinion, as there is neither news nor analysis",
}
"""What may lead, the first choice first, and why."""
_NO_PINS: Mapping[str, Pin] = {}


@dataclass(frozen=True, slots=True)
class Why:
    """Why a story stands where it stands, or was left out; `figures` say how it was ranked, where it was."""

    said: str
    figures: str = ""

    def __str__(self) -> str:
        return "; ".join(part for part in (self.said, self.figures) if part)


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """`chosen` stands in order, the lead first; so does who else might lead in `turns`. `rest` is only on the web, the best
    first; `out` is what this newsletter does not tell at all, or not this time. Each has its reason, by story id.
    """

    chosen: tuple[Ranked, ...]
    quick: tuple[Ranked, ...]
    rest: tuple[Ranked, ...]
    out: tuple[Ranked, ...]
    turns: Mapping[str, int]
    """Story -> its turn to lead, from 1, of those that are chosen."""
    reasons: Mapping[str, Why]

    @property
    def more(self) -> int:
        return len(self.rest)


@dataclass(slots=True)
class _Desk:
    """What is chosen so far, and how much of each outlet and category that is. Several feeds of one title are one outlet."""

    newsletter: Newsletter
    kind: Mapping[str, str]
    chosen: dict[str, str] = field(default_factory=dict)
    outlets: Counter[str] = field(default_factory=Counter)
    categories: Counter[str] = field(default_factory=Counter)
    passed: dict[str, str] = field(default_factory=dict)

    @property
    def places(self) -> int:
        return self.newsletter.max_items

    @property
    def full(self) -> bool:
        return len(self.chosen) >= self.places

    def take(self, story: Story, why: str) -> None:
        self.chosen[story.id] = why
        self.outlets[story.lead.source_title] += 1
        if story.kicker is not None:
            self.categories[story.kicker] += 1

    def too_much(self, story: Story) -> str | None:
        """Why one more of this outlet or category would be too many, or None."""
        outlet_cap = self.newsletter.max_per_source or max(LEAST_SHARE, ceil(self.places * OUTLET_SHARE))
        if self.outlets[story.lead.source_title] >= outlet_cap:
            return f"{story.lead.source_title} has {_places(outlet_cap)} already"
        category_cap = self.newsletter.max_per_category or max(LEAST_SHARE, ceil(self.places * CATEGORY_SHARE))
        if story.kicker is not None and self.categories[story.kicker] >= category_cap:
            return f"the category {story.kicker} has {_places(category_cap)} already"
        return None


def select(
    ranked: Sequence[Ranked],
    newsletter: Newsletter,
    sections: Sequence[Section],
    pins: Mapping[str, Pin] = _NO_PINS,
) -> Selection:
    """`ranked` stands best first; that order is kept, the lead aside. `pins`: what an editor wants in, by story."""
    refused = {each.story.id: why for each in ranked if (why := _refusal(each.story, newsletter, pins))}
    eligible = [each for each in ranked if each.story.id not in refused]
    desk = _Desk(newsletter, {each.story.id: standing(sections, each.story.section) for each in eligible})
    wanted = [each for each in eligible if each.story.id in pins]
    leading = _leading(wanted if len(wanted) >= desk.places else eligible, sections, pins)
    for each, why in leading[:1]:
        desk.take(each.story, why)
    _pinned(desk, eligible, pins)
    for step in (_one_a_section, _by_rank, _whatever_is_left):
        step(desk, eligible)
    order = [each for each, _ in leading if each.story.id in desk.chosen]
    chosen = (*order[:1], *(each for each in eligible if each.story.id in desk.chosen and each not in order[:1]))
    waiting = [each for each in wanted if each.story.id not in desk.chosen]
    rest = [each for each in eligible if each.story.id not in desk.chosen and each.story.id not in pins]
    quick, web = rest[: newsletter.max_links], rest[newsletter.max_links :]
    return Selection(
        chosen=chosen,
        quick=tuple(quick),
        rest=tuple(web),
        out=(*waiting, *(each for each in ranked if each.story.id in refused)),
        turns={each.story.id: turn for turn, each in enumerate(order, start=1)},
        reasons={story: Why(why) for story, why in refused.items()} | _reasons(eligible, desk, pins),
    )


def refusal(story: Story, newsletter: Newsletter) -> str | None:
    """Why this newsletter does not tell a story that nobody pinned, whatever else there is; None where it may."""
    if not story.news:
        return "no news: it was there when its source was polled first"
    if newsletter.sections and story.section not in newsletter.sections:
        return f"the newsletter takes other sections than {story.section}"
    if newsletter.categories and not set(newsletter.categories) & set(story.categories):
        has = ", ".join(story.categories) or "no category"
        return f"the newsletter takes other categories (the story has {has})"
    return None


def _refusal(story: Story, newsletter: Newsletter, pins: Mapping[str, Pin]) -> str | None:
    return None if story.id in pins else refusal(story, newsletter)


def _leading(
    eligible: Sequence[Ranked], sections: Sequence[Section], pins: Mapping[str, Pin]
) -> list[tuple[Ranked, str]]:
    """In the order in which they may lead, with the reason that it would have: what was pinned to lead (last), then by
    genre, and within one by rank.
    """
    known = {section.slug: section for section in sections}
    slugs = {each.story.section for each in eligible}
    genres = {slug: genre(known.get(slug) or Section(slug=slug, title=slug)) for slug in slugs}
    turns = [(each, why) for wanted, why in _LEADS.items() for each in eligible if genres[each.story.section] == wanted]
    wanted_first = (pins[each.story.id] for each in eligible if each.story.id in pins and pins[each.story.id].lead)
    first = max(wanted_first, key=lambda pin: (pin.at, pin.story), default=None)
    if first is None:
        return turns
    turns = [(each, "an editor pinned it there" if each.story.id == first.story else why) for each, why in turns]
    return sorted(turns, key=lambda turn: turn[0].story.id != first.story)


def _pinned(desk: _Desk, eligible: Sequence[Ranked], pins: Mapping[str, Pin]) -> None:
    """Whatever its rank, and no share bars it."""
    for each in eligible:
        if not desk.full and each.story.id in pins and each.story.id not in desk.chosen:
            desk.take(each.story, "an editor pinned it")


def _one_a_section(desk: _Desk, eligible: Sequence[Ranked]) -> None:
    if desk.places < ITEMS_A_SECTION * len(set(desk.kind.values())):
        return
    seen = {desk.kind[story] for story in desk.chosen}
    for each in eligible:
        kind = desk.kind[each.story.id]
        if desk.full:
            return
        if kind not in seen and each.story.id not in desk.chosen and desk.too_much(each.story) is None:
            desk.take(each.story, f"its section, {kind}, has a place of its own")
            seen.add(kind)


def _by_rank(desk: _Desk, eligible: Sequence[Ranked]) -> None:
    for each in eligible:
        if desk.full:
            return
        if each.story.id in desk.chosen:
            continue
        why_not = desk.too_much(each.story)
        if why_not is None:
            desk.take(each.story, "by rank")
        else:
            desk.passed[each.story.id] = why_not


def _whatever_is_left(desk: _Desk, eligible: Sequence[Ranked]) -> None:
    """The shares are soft: better one outlet too often than an empty place."""
    for each in eligible:
        if desk.full:
            return
        if each.story.id not in desk.chosen:
            desk.take(each.story, f"nothing else was left, though {desk.passed[each.story.id]}")


def _reasons(eligible: Sequence[Ranked], desk: _Desk, pins: Mapping[str, Pin]) -> dict[str, Why]:
    found = {}
    for rank, each in enumerate(eligible, start=1):
        parts = " × ".join(f"{name} {value:.2f}" for name, value in each.parts.items())
        figures = f"rank {rank} of {len(eligible)}, score {each.score:.2f}" + (f" ({parts})" if parts else "")
        found[each.story.id] = Why(_why(each.story.id, desk, pins), figures)
    return found


def _why(story: str, desk: _Desk, pins: Mapping[str, Pin]) -> str:
    if story in desk.chosen:
        return desk.chosen[story]
    if story in pins:
        return f"pinned, but other pins took all {_places(desk.places)}; it waits for the next edition"
    return desk.passed.get(story, f"no place of {desk.places} was left")


def _places(count: int) -> str:
    return "1 place" if count == 1 else f"{count} places"
