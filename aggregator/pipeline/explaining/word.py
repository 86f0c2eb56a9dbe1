"""What an editor said of an entry, and what the rules would say: for `explain`."""

from collections.abc import Iterator

from aggregator.config import Config
from aggregator.pipeline.sorting import Sorter
from aggregator.store.entries import Stored

Line = tuple[str, str]


def why_none(sorter: Sorter, stored: Stored) -> str:
    """Why an entry has no category."""
    word = sorter.words.categories.get(stored.entry.id)
    return f"an editor said so, {word.at:%Y-%m-%dT%H:%M:%SZ}" if word is not None else "no rule applies"


def rules_lines(sorter: Sorter, config: Config, stored: Stored) -> Iterator[Line]:
    """Of what an editor said something: what would be without it."""
    entry = stored.entry
    if stored.judgement is None:
        return
    by_rules = sorter.by_rules(entry, stored.judgement.language)
    if entry.id in sorter.words.categories:
        for scored in by_rules.categories:
            category = config.category(scored.slug)
            yield "the rules say", f"{category.name if category else scored.slug}, {scored.score:.2f}: {scored.reason}"
        if not by_rules.categories:
            yield "the rules say", "no category"
    if entry.id in sorter.words.section:
        yield "the rules say", f"{by_rules.section.value}: {by_rules.section.reason}"
