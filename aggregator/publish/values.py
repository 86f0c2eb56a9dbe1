"""What the templates of an edition are given, be it a mail or a page."""

from collections.abc import Sequence
from functools import partial

from aggregator.config import Config
from aggregator.model import TOKEN_PLACEHOLDER, Edition, EditionItem, EditionSection
from aggregator.publish.labels import labels

_LEAST_WORDS = 100
"""A text of fewer words is taken for an excerpt."""
_CONTENTS = 8


def of_edition(edition: Edition, config: Config) -> dict[str, object]:
    newsletter = config.newsletter(edition.newsletter)
    return {
        "edition": edition,
        "config": config,
        "figures": partial(_figures, edition.language),
        "description": newsletter.description if newsletter is not None else "",
        "subscribe_url": f"{config.public_url}/subscribe",
        "unsubscribe_url": unsubscribe_url(config),
        "preferences_url": f"{config.public_url}/p/{TOKEN_PLACEHOLDER}",
        "feed_url": f"{config.site_url}/editions/{edition.newsletter}/atom.xml",
        "home_url": f"{config.site_url}/",
    }


def unsubscribe_url(config: Config) -> str:
    return f"{config.public_url}/u/{TOKEN_PLACEHOLDER}"


def contents(edition: Edition) -> list[EditionItem]:
    """Where there are more than fit: the lead and the best of each section, then the next best, round by round."""
    lead = [edition.lead] if edition.lead is not None else []
    rounds = _rounds(edition.sections)
    taken = {item.story for item in (*lead, *rounds[: _CONTENTS - len(lead)])}
    return [item for item in edition.items if item.story in taken]


def _rounds(sections: Sequence[EditionSection]) -> list[EditionItem]:
    longest = max((len(section.items) for section in sections), default=0)
    return [section.items[turn] for turn in range(longest) for section in sections if turn < len(section.items)]


def _figures(language: str, item: EditionItem) -> str:
    """“ · 640 words · 3 min”; nothing where all that we have of a text is an excerpt, whose length says little."""
    if not item.minutes or item.words < _LEAST_WORDS:
        return ""
    words = labels(language)
    # An entry counts a Chinese character as half a word; who reads Chinese expects characters.
    both_chinese = language.lower().startswith("zh") and (item.language or "").lower().startswith("zh")
    length = words["characters"].format(count=f"{2 * item.words:,}") if both_chinese else ""
    length = length or words["words"].format(count=f"{item.words:,}")
    return f" · {length} · {words['minutes'].format(count=item.minutes)}"
