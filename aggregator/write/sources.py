"""What the sources of a story say, once more as it is compared with: figures, words, characters."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction

from aggregator.write.numbers import Meaning, meanings
from aggregator.write.words import fold_word, han_runs, simplified, words

_SMALL = frozenset(("of", "the", "and", "for", "de", "in", "on"))


@dataclass(frozen=True, slots=True)
class Sources:
    """`texts` as they are; `latin`: the folded words of each, between blanks; `chinese`: all that is written in Chinese
    characters, simplified; `runs`: what stands together of it.
    """

    texts: tuple[str, ...]
    latin: tuple[str, ...]
    chinese: str
    runs: tuple[str, ...]
    figures: frozenset[Meaning]
    initials: tuple[str, ...]
    titles: tuple[str, ...] = ()

    def tells(self, phrase: Sequence[str]) -> bool:
        """These (folded) words, one after the other."""
        wanted = f" {' '.join(phrase)} "
        return any(wanted in text for text in self.latin)

    def abbreviates(self, letters: str) -> bool:
        """Whether they are the first letters of words that stand together: WHO, in a source that writes it out."""
        return any(letters in text for text in self.initials)


def of(texts: Iterable[str], published: Iterable[datetime], titles: Iterable[str] = ()) -> Sources:
    """`texts` with their titles; `published`: a briefing may say when that was, though the text says “today”."""
    told = tuple(texts)
    latin = tuple([fold_word(word) for word in words(text)] for text in told)
    chinese = simplified("\n".join(told))
    return Sources(
        texts=told,
        latin=tuple(f" {' '.join(some)} " for some in latin),
        chinese=chinese,
        runs=tuple(han_runs(chinese)),
        figures=frozenset().union(*map(meanings, told), _when(published)),
        initials=tuple("".join(word[0] for word in some if word and word not in _SMALL) for some in latin),
        titles=tuple(titles),
    )


def _when(published: Iterable[datetime]) -> frozenset[Meaning]:
    found: set[Meaning] = set()
    for moment in published:
        found |= {
            ("date", (moment.month, moment.day)),
            ("month", Fraction(moment.month)),
            ("day", Fraction(moment.day)),
            ("weekday", Fraction(moment.weekday())),
            ("plain", Fraction(moment.year)),
        }
    return frozenset(found)
