"""Which stories an edition tells, and why each one is in or out.

The ranking decides; three things bend it. A section that has anything gets one place, so that the loudest news does
not push every analysis out. One outlet and one category get at most a share, unless there is not enough else. And
the lead is news where there is any, else an analysis, and an opinion last of all.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from math import ceil

from aggregator.config import Newsletter, Section
from aggregator.edit.genre import Genre, genre
from aggregator.model import Ranked, Story

MAX_QUICK = 8
OUTLET_SHARE = 1 / 4
CATEGORY_SHARE = 1 / 3
LEAST_SHARE = 2
"""Even the smallest newsletter may tell two stories of one outlet."""
ITEMS_A_SECTION = 2
"""A section has a place of its own in a newsletter with room for so many items a section."""

_LEADS: Mapping[Genre, str] = {
    "news": "lead: the best-ranked news story",
    "analysis": "lead: the best-ranked analysis, as there is no news",
    "opinion": "lead: the best-ranked opinion, as there is neither news nor analysis",
}
"""What may lead, the first choice first, and why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """`chosen` stands in order, the lead first; `more` counts what is only on the web; `reasons` is by story id."""

    chosen: tuple[Ranked, ...]
    quick: tuple[Ranked, ...]
    more: int
    reasons: Mapping[str, str]


@dataclass(slots=True)
class _Desk:
    """What is chosen so far, and how much of each outlet and category that is. Several feeds of one title are one outlet."""

    places: int
    kind: Mapping[str, str]
    chosen: dict[str, str] = field(default_factory=dict)
    outlets: Counter[str] = field(default_factory=Counter)
    categories: Counter[str] = field(default_factory=Counter)
    passed: dict[str, str] = field(default_factory=dict)

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
        outlet_cap = max(LEAST_SHARE, ceil(self.places * OUTLET_SHARE))
        if self.outlets[story.lead.source_title] >= outlet_cap:
            return f"{story.lead.source_title} has {outlet_cap} places already"
        category_cap = max(LEAST_SHARE, ceil(self.places * CATEGORY_SHARE))
        if story.kicker is not None and self.categories[story.kicker] >= category_cap:
            return f"the category {story.kicker} has {category_cap} places already"
        return None


def select(ranked: Sequence[Ranked], newsletter: Newsletter, sections: Sequence[Section]) -> Selection:
    """`ranked` stands best first; that order is kept, the lead aside."""
    refused = {each.story.id: why for each in ranked if (why := refusal(each.story, newsletter))}
    eligible = [each for each in ranked if each.story.id not in refused]
    desk = _Desk(places=newsletter.max_items, kind=_kinds(eligible, sections))
    lead, why = _lead(eligible, sections) or (None, "")
    if lead is not None:
        desk.take(lead.story, why)
    for step in (_one_a_section, _by_rank, _whatever_is_left):
        step(desk, eligible)
    chosen = [each for each in eligible if each.story.id in desk.chosen]
    chosen.sort(key=lambda each: each is not lead)
    rest = [each for each in eligible if each.story.id not in desk.chosen]
    quick, more = rest[:MAX_QUICK], rest[MAX_QUICK:]
    return Selection(
        chosen=tuple(chosen),
        quick=tuple(quick),
        more=len(more),
        reasons=refused | _reasons(eligible, desk, {each.story.id for each in quick}),
    )


def refusal(story: Story, newsletter: Newsletter) -> str | None:
    """Why this newsletter does not tell a story, whatever else there is; None where it may."""
    if not story.news:
        return "left out: no news: it was there when its source was polled first"
    if newsletter.sections and story.section not in newsletter.sections:
        return f"left out: the newsletter takes other sections than {story.section}"
    if newsletter.categories and not set(newsletter.categories) & set(story.categories):
        has = ", ".join(story.categories) or "no category"
        return f"left out: the newsletter takes other categories (the story has {has})"
    return None


def _kinds(eligible: Iterable[Ranked], sections: Sequence[Section]) -> dict[str, str]:
    """Story id -> section; a section that the configuration does not have any more counts as the first."""
    known = [section.slug for section in sections]
    first = known[0] if known else ""
    return {each.story.id: each.story.section if each.story.section in known else first for each in eligible}


def _lead(eligible: Sequence[Ranked], sections: Sequence[Section]) -> tuple[Ranked, str] | None:
    """The best-ranked of the first genre that there is any of, and why."""
    known = {section.slug: section for section in sections}
    slugs = {each.story.section for each in eligible}
    genres = {slug: genre(known.get(slug) or Section(slug=slug, title=slug)) for slug in slugs}
    for wanted, why in _LEADS.items():
        for each in eligible:
            if genres[each.story.section] == wanted:
                return each, why
    return None


def _one_a_section(desk: _Desk, eligible: Sequence[Ranked]) -> None:
    if desk.places < ITEMS_A_SECTION * len(set(desk.kind.values())):
        return
    seen = {desk.kind[story] for story in desk.chosen}
    for each in eligible:
        kind = desk.kind[each.story.id]
        if kind not in seen and each.story.id not in desk.chosen and desk.too_much(each.story) is None:
            desk.take(each.story, f"chosen: its section, {kind}, has a place of its own")
            seen.add(kind)


def _by_rank(desk: _Desk, eligible: Sequence[Ranked]) -> None:
    for each in eligible:
        if desk.full:
            return
        if each.story.id in desk.chosen:
            continue
        why_not = desk.too_much(each.story)
        if why_not is None:
            desk.take(each.story, "chosen: by rank")
        else:
            desk.passed[each.story.id] = why_not


def _whatever_is_left(desk: _Desk, eligible: Sequence[Ranked]) -> None:
    """The shares are soft: better one outlet too often than an empty place."""
    for each in eligible:
        if desk.full:
            return
        if each.story.id not in desk.chosen:
            desk.take(each.story, f"chosen: nothing else was left, though {desk.passed[each.story.id]}")


def _reasons(eligible: Sequence[Ranked], desk: _Desk, quick: set[str]) -> dict[str, str]:
    found = {}
    for rank, each in enumerate(eligible, start=1):
        story = each.story.id
        why = desk.chosen.get(story)
        if why is None:
            kind = "quick link" if story in quick else "only on the web"
            why = f"{kind}: {desk.passed.get(story, f'no place of {desk.places} was left')}"
        parts = ", ".join(f"{name} {value:.2f}" for name, value in sorted(each.parts.items()))
        found[story] = f"{why}; rank {rank} of {len(eligible)}, score {each.score:.2f}" + (
            f" ({parts})" if parts else ""
        )
    return found
