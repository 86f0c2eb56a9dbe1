"""What kind of text an entry is. The first kind of evidence that speaks decides, the surest first."""

import re
from collections.abc import Callable, Collection, Iterator, Sequence
from urllib.parse import urlsplit

from aggregator.config import Section, Source
from aggregator.curate.features import said
from aggregator.curate.learned import Learned
from aggregator.curate.marks import TitleMarks
from aggregator.curate.style import long_read, own_view
from aggregator.curate.text import CJK, fold
from aggregator.model import Choice, Entry

_CJK = re.compile(f"[{CJK}]")
_PARTS = re.compile(r"\s*[/>|:]\s*")
"""Of a feed's category: Opinion > Columns."""

Look = Callable[[Entry, Source | None], Choice | None]
"""One kind of evidence: a section and why, or nothing."""


class Sections:
    def __init__(self, sections: Sequence[Section], news: str, learned: Look | None = None) -> None:
        """`news`: the section of what no evidence speaks of; `learned`: what examples say, where they say it surely."""
        self._slugs = {section.slug for section in sections}
        self._news = news
        self._titles = TitleMarks((section.slug, mark) for section in sections for mark in section.titles)
        self._addresses = [
            (section.slug, f"/{mark.lower().strip('/')}/") for section in sections for mark in section.addresses
        ]
        self._tags = {fold(tag): section.slug for section in reversed(sections) for tag in section.tags}
        self._authors = [(section.slug, mark, _whole(mark)) for section in sections for mark in section.authors]
        self._styles = {section.style: section.slug for section in reversed(sections) if section.style}
        self._order: tuple[tuple[str, Look], ...] = (
            ("title", self._by_title),
            ("address", self._by_address),
            ("tag", self._by_tag),
            ("source", self._by_source),
            ("learned", learned or _nothing),
            ("author", self._by_author),
            ("style", self._by_style),
        )

    def choose(self, entry: Entry, source: Source | None) -> Choice:
        return next(choice for _, choice in self.evidence(entry, source))

    def evidence(self, entry: Entry, source: Source | None) -> Iterator[tuple[str, Choice]]:
        """(kind of evidence, what it says) of all that speak. The first decides, and is found before the rest is looked at."""
        for kind, look in self._order:
            if choice := look(entry, source):
                yield kind, choice
        yield "news", Choice(self._news, "no mark says otherwise")

    def _by_title(self, entry: Entry, _: Source | None) -> Choice | None:
        found = self._titles.find(entry.title)
        return Choice(found[0], f"the title bears the mark “{found[1]}”") if found else None

    def _by_address(self, entry: Entry, _: Source | None) -> Choice | None:
        address = _parts(entry.url) if entry.url else ""
        found = next(((slug, mark) for slug, mark in self._addresses if mark in address), None)
        return Choice(found[0], f"the address has {found[1]}") if found else None

    def _by_tag(self, entry: Entry, _: Source | None) -> Choice | None:
        """A whole category first, then a part of one."""
        named = [(tag, fold(tag)) for tag in entry.tags]
        parts = [(tag, part) for tag, folded in named for part in _PARTS.split(folded) if part != folded]
        found = next(((tag, self._tags[folded]) for tag, folded in (*named, *parts) if folded in self._tags), None)
        return Choice(found[1], f"the feed's own category is “{found[0]}”") if found else None

    def _by_source(self, _: Entry, source: Source | None) -> Choice | None:
        if source is None or source.section is None or source.section not in self._slugs:
            return None
        return Choice(source.section, f"{source.title or source.name} stands there")

    def _by_author(self, entry: Entry, _: Source | None) -> Choice | None:
        author = fold(entry.author or "")
        found = next(((slug, mark) for slug, mark, whole in self._authors if author and whole.search(author)), None)
        return Choice(found[0], f"the author is “{entry.author}” (“{found[1]}”)") if found else None

    def _by_style(self, entry: Entry, _: Source | None) -> Choice | None:
        if "argument" in self._styles and (said := own_view(entry)):
            return Choice(self._styles["argument"], f"the text says whose view it is: “{said}”")
        if "long" in self._styles and (length := long_read(entry)):
            return Choice(self._styles["long"], f"a long text of few quotations: {length}")
        return None


def learned_section(learned: Learned | None, sections: Collection[str], confidence: float) -> Look | None:
    """What examples say of a text's kind, where they say it with at least this probability."""
    if learned is None:
        return None

    def look(entry: Entry, _: Source | None) -> Choice | None:
        guesses = learned.guess(*said(entry))
        best = next((guess for guess in guesses if guess.label in sections), None)
        is_sure = best is not None and best.probability >= confidence
        return Choice(best.label, f"learned: {best.probability:.0%}") if best and is_sure else None

    return look


def _nothing(_: Entry, __: Source | None) -> Choice | None:
    return None


def _parts(url: str) -> str:
    """The labels of the host before its domain, and the path, each between slashes: opinion.paper.example/a -> /opinion/a/."""
    try:
        found = urlsplit(url)
        host = found.hostname or ""
    except ValueError:
        return ""
    return "/".join(("", *host.split(".")[:-2], found.path.lower().strip("/"), ""))


def _whole(mark: str) -> re.Pattern[str]:
    """Whole words of a byline; in Chinese, anywhere."""
    literal = re.escape(fold(mark))
    return re.compile(literal if _CJK.search(mark) else rf"(?<!\w){literal}(?!\w)")
