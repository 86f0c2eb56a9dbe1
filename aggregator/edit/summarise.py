"""A summary by choosing whole sentences from what a story's reports say.

Nothing is written here: every sentence stands in one of the texts, without datelines, bylines and invitations to click.
The lead's own text comes first, in its order; what others add follows, where several of them say it and the lead did not.
A half sentence is only left where no whole one fits; it then ends in “…”.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from aggregator.edit.boilerplate import with_ellipsis
from aggregator.edit.central import Taken, choose
from aggregator.edit.passages import Sentence, passage, terms
from aggregator.model import Brief, Report, Story
from aggregator.typeset import fit, leading, sentences, width

COLUMNS_A_SENTENCE = 90
"""So much room a place has for each sentence: short ones do not make a long list."""
_OVER = 1.25
"""The first sentence may take a quarter more than the room, rather than be cut."""
_WRITTEN_OVER = 1.5
"""What was written for its length is left whole up to so much more."""
_MOST_TEXTS = 8
_MOST_OF_LEAD, _MOST_OF_OTHERS = 1000, 480
"""Columns of a text that are looked at, as estimated by its first characters."""
_SAMPLE, _MOSTLY_WIDE = 40, 1.5
_CLAUSES = "，；：,;:"
_LEAST_CLAUSE = 0.6  # of the room: a cut at a comma is nicer than one at a word, but not at any price

Texts = Sequence[Sequence[Sentence]]


@dataclass(frozen=True, slots=True)
class Picked:
    """A sentence of a brief: in which report it stands, which sentence of its text it is, and how much of what several
    reports tell it adds (from 0 to 1).
    """

    text: str
    report: Report
    place: int
    gain: float


def brief(story: Story, columns: int) -> Brief:
    """What a place of so many columns tells of a story: what was written of it, else sentences of its reports."""
    if story.written is not None:
        text = _as_written(story.written.text, columns, story.written.language)
        return Brief(text, story.written.language, story.written.model)
    texts, headline = _texts(story), terms(story.title)
    return Brief(_joined(_chosen(texts, headline, columns)) or _beginning(texts, columns), story.language)


def picked(story: Story, columns: int) -> list[Picked]:
    """The sentences of a brief that was chosen, in its order, each with its report."""
    reports = _reports(story)
    taken = _chosen(_texts(story), terms(story.title), columns) if story.written is None else []
    return [Picked(one.sentence.text, reports[one.passage], one.place + 1, one.gain) for one in taken]


def summarise(text: str, *, limit: int, language: str | None) -> str:
    """The first whole sentences of one text that fit in `limit` columns, where a Chinese character takes two."""
    shown = text
    # A sentence may read otherwise beside another one: again, until nothing changes. That makes it idempotent.
    while (shorter := _of_one(shown, limit, language)) != shown:
        shown = shorter
    return shown


def shorten(text: str, limit: int) -> str:
    """At most `limit` columns, cut between words (or at a clause) with “…”; nothing where no word fits."""
    if width(text) <= limit:
        return text
    kept = fit(text, limit - 1)
    if not kept:
        return ""
    clause = max(kept.rfind(mark) for mark in _CLAUSES)
    if clause > len(kept) * _LEAST_CLAUSE and not _inside_number(text, clause):
        kept = kept[:clause]
    kept = kept.rstrip(" \u3000,，、；;：:—–-")
    return f"{kept}…" if kept else ""


def _reports(story: Story) -> list[Report]:
    """Who told it in the lead's language and as the same kind of text, the lead first: a view that a columnist takes is no
    part of a report, nor a report of a view.
    """
    kind = story.language, story.lead.section
    others = (report for report in story.originals if report is not story.lead)
    alike = [report for report in others if (report.language, report.section) == kind]
    return [story.lead, *alike[: _MOST_TEXTS - 1]]


def _texts(story: Story) -> Texts:
    """The lead may have been lent a fuller summary: it is the story's."""
    lead, *others = _reports(story)
    told = [(story.summary, lead.title, _MOST_OF_LEAD)]
    told += [(report.summary, report.title, _MOST_OF_OTHERS) for report in others]
    return [passage(_opening(text, most), title, story.language) for text, title, most in told]


def _opening(text: str, columns: int) -> str:
    """What matters stands in front, and reading the rest would take most of the time."""
    wide = width(text[:_SAMPLE]) > _MOSTLY_WIDE * _SAMPLE
    most = columns // 2 if wide else columns
    return text if len(text) <= most else f"{text[:most]}…"


def _chosen(texts: Texts, headline: frozenset[str], columns: int) -> list[Taken]:
    return choose(texts, headline, room=columns, first=int(columns * _OVER), most=max(1, columns // COLUMNS_A_SENTENCE))


def _of_one(text: str, limit: int, language: str | None) -> str:
    texts = [passage(text, "", language)]
    taken = choose(texts, frozenset(), room=limit, first=limit, most=len(texts[0]))
    return _joined(taken) or _beginning(texts, limit)


def _joined(taken: Sequence[Taken]) -> str:
    return "".join(one.sentence.text + " " * one.sentence.space for one in taken).rstrip()


def _beginning(texts: Texts, columns: int) -> str:
    """Of the first text that has any: its first sentence, as far as it fits."""
    first = next((some[0].text for some in texts if some), "")
    return shorten(with_ellipsis(first), columns)


def _as_written(text: str, columns: int, language: str) -> str:
    """Whole, unless it is far too long: then its first sentences, at least one."""
    if width(text) <= columns * _WRITTEN_OVER:
        return text
    pieces = list(sentences(text, language))
    return leading(pieces, columns) or pieces[0].rstrip()


def _inside_number(text: str, place: int) -> bool:
    return text[place - 1 : place].isdigit() and text[place + 1 : place + 2].isdigit()
