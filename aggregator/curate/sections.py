"""What kind of text an entry is: the marks of its title, then its address, the feed's word, the source's own section."""

import re
from collections.abc import Sequence
from urllib.parse import urlsplit

from aggregator.config import Section, Source
from aggregator.curate.text import CJK, fold
from aggregator.model import Choice, Entry

_CJK = re.compile(f"[{CJK}]")
# Quotation marks are not among them: “观点” in the middle of a title is what somebody is quoted with.
_OPEN, _CLOSE = r"[\[(【〔〖]", r"[\])】〕〗]"
_BAR = r"[|/·]"
_BARS = str.maketrans(dict.fromkeys("丨│∣︱︳❘", "|"))
"""Before folding, which makes a dash of one and nothing of another. As a character, 丨 stands in no title."""


class Sections:
    def __init__(self, sections: Sequence[Section], news: str) -> None:
        """`news`: the section of what no rule speaks of."""
        self._titles = [(section.slug, mark, _title_mark(mark)) for section in sections for mark in section.titles]
        self._addresses = [
            (section.slug, f"/{mark.lower().strip('/')}/") for section in sections for mark in section.addresses
        ]
        self._tags = {fold(tag): section.slug for section in sections for tag in section.tags}
        self._default = news
        self._slugs = {section.slug for section in sections}

    def choose(self, entry: Entry, source: Source | None) -> Choice:
        """The first rule that speaks, in the order: title, address, feed category, source, default."""
        folded = fold(entry.title.translate(_BARS))
        for slug, mark, pattern in self._titles:
            if pattern.search(folded):
                return Choice(slug, f"the title bears the mark “{mark}”")
        address = _parts(entry.url) if entry.url else ""
        for slug, mark in self._addresses:
            if mark in address:
                return Choice(slug, f"the address has {mark}")
        for tag in entry.tags:
            if fold(tag) in self._tags:
                return Choice(self._tags[fold(tag)], f"the feed's own category is “{tag}”")
        if source is not None and source.section in self._slugs:
            return Choice(source.section or self._default, f"{source.title or source.name} stands there")
        return Choice(self._default, "no mark says otherwise")


def _parts(url: str) -> str:
    """The labels of the host before its domain, and the path, each between slashes: opinion.paper.example/a -> /opinion/a/."""
    found = urlsplit(url)
    labels = (found.hostname or "").split(".")[:-2]
    return "/".join(("", *labels, found.path.lower().strip("/"), ""))


def _title_mark(mark: str) -> re.Pattern[str]:
    """Marks count only where they are set off: in brackets or by a bar at either end, by a colon at the start.

    Between brackets a Chinese mark may follow its paper's name (【明报社评】).
    """
    folded = fold(mark)
    literal = re.escape(folded.rstrip(" |:"))
    if _CJK.search(folded):
        bracketed = rf"{_OPEN}[{CJK}]{{0,6}}{literal}\s*{_CLOSE}"
        return re.compile(rf"^{bracketed}|{bracketed}$|^{literal}\s*(?:{_BAR}|:|$)|{_BAR}\s*{literal}$")
    if folded[-1:] in "|:":
        return re.compile(rf"^(?:{_OPEN}\s*)?{literal}\s*(?:[|:]|{_CLOSE})|\|\s*{literal}$")
    return re.compile(rf"^{literal}\b")
