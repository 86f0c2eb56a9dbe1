"""Made-up news, as much as is asked for: events with words of their own, told by several, in English and in Chinese.

Words are drawn as in life (Zipf 1935): a few everywhere, most seldom. A fifth is Chinese; a tenth are copies of what
another source told, with a word changed and a line added.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import accumulate

from aggregator.model import Entry

NOW = datetime(2020, 5, 14, 12, tzinfo=UTC)
_SYLLABLES = [
    first + vowel
    for first in ["b", "c", "d", "f", "g", "h", "k", "l", "m", "n", "p", "r", "s", "t", "v", "w", "z"]
    for vowel in "aeiou"
]
_CHARACTERS = [chr(0x4E00 + number) for number in range(3000)]
_VOCABULARY = 40_000
_OPEN = 300
"""Events that are told at one time."""
_TOLD = (1, 1, 1, 2, 2, 3, 5, 9)
_SOURCES = 200


@dataclass(frozen=True)
class _Language:
    words: list[str]
    weights: list[float]
    space: str
    stop: str

    def text(self, chance: random.Random, own: list[str], count: int) -> str:
        """A third of it is of the event."""
        common = chance.choices(self.words, cum_weights=self.weights, k=count - count // 3)
        mixed = common + chance.choices(own, k=count // 3)
        chance.shuffle(mixed)
        return self.stop.join(self.space.join(mixed[start : start + 14]) for start in range(0, count, 14)) + self.stop


@dataclass
class _Event:
    language: _Language
    own: list[str]
    left: int
    told: list[Entry] = field(default_factory=list)


def _language(letters: list[str], lengths: tuple[int, int], space: str, stop: str) -> _Language:
    chance = random.Random(0)
    words = {"".join(chance.choices(letters, k=chance.randint(*lengths))): None for _ in range(_VOCABULARY)}
    return _Language(list(words), list(accumulate(1 / (rank + 2.7) for rank in range(len(words)))), space, stop)


def news(count: int, *, seed: int = 1, first: int = 0, span: timedelta, end: datetime = NOW) -> Iterator[Entry]:
    """`count` entries, numbered from `first`, of the time `span` before `end`, in the order in which they come."""
    english, chinese = _language(_SYLLABLES, (2, 4), " ", ". "), _language(_CHARACTERS, (1, 3), "", "。")
    chance = random.Random(seed)
    opened = [_event(chance, english, chinese) for _ in range(_OPEN)]
    for number in range(count):
        place = chance.randrange(_OPEN)
        event = opened[place]
        seen = end - span * (1 - (number + 1) / count)
        entry = _entry(chance, event, first + number, seen)
        event.told.append(entry)
        event.left -= 1
        if not event.left:
            opened[place] = _event(chance, english, chinese)
        yield entry


def _event(chance: random.Random, english: _Language, chinese: _Language) -> _Event:
    language = chinese if chance.random() < 0.2 else english
    return _Event(language, chance.choices(language.words, k=12), chance.choice(_TOLD))


def _entry(chance: random.Random, event: _Event, number: int, seen: datetime) -> Entry:
    language = event.language
    title, text = language.text(chance, event.own, 9), language.text(chance, event.own, 100)
    if event.told and chance.random() < 0.25:
        copied = chance.choice(event.told)
        title, text = copied.title, copied.content[3:-4].replace(event.own[0], event.own[1], 1) + title
    source = f"source{chance.randrange(_SOURCES)}"
    url = f"https://{source}.example/{number}"
    entry = Entry(
        id=f"e{number:011}",
        source=source,
        guid=url,
        url=url,
        canonical_url=url.removeprefix("https://"),
        title=title.rstrip(". 。"),
        summary=text[:300],
        content=f"<p>{text}</p>",
        published=seen - timedelta(minutes=chance.randrange(120)),
        seen=seen,
        words=100,
    )
    return replace(entry, language="zh" if not language.space else "en")
