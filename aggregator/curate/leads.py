"""Which of the copies of one article leads: its origin before who passed it on, then the earlier, then the fuller.

An origin is told by evidence alone: a copy says whose text it is ("(Reuters) -", "来源：新华社", a headline that ends in
"- Reuters"), and the outlet or the address of another copy is that publisher's.
"""

import re
from collections.abc import Iterable, Sequence
from urllib.parse import urlsplit

from aggregator.curate.text import CJK, fold, plain
from aggregator.model import Choice, Entry

Copy = tuple[Entry, str]
"""An entry and the title of its outlet."""

_ENDS = 300
"""Characters at the beginning and at the end of a text in which its credits stand."""
_SHORTEST_PREFIX = 3
_LETTERS = re.compile(r"[^\w]|_")
_ARTICLE = re.compile(r"\Athe\s+|\s+\Z")

# One publisher a line, in all the names that it is credited by and the names of its hosts.
_PUBLISHERS = """
    ap associatedpress apnews 美联社
    afp agencefrancepresse 法新社
    reuters thomsonreuters 路透 路透社
    bloomberg bloombergnews 彭博 彭博社
    xinhua xinhuanews xinhuanet xinhuanewsagency 新华社 新华网 新华通讯社
    chinanews chinanewsservice cns 中新社 中新网 中国新闻社 中国新闻网
    cna centralnewsagency focustaiwan 中央社 中央通讯社 中央社新闻网
    peoplesdaily peopledaily people 人民日报 人民网
    kyodo kyodonews 共同社
    yonhap yonhapnewsagency 韩联社
    dpa 德新社
    tass 塔斯社
    efe 埃菲社
    pti presstrustofindia
    upi unitedpressinternational
"""
_AGENCIES = frozenset(names.split()[0] for names in _PUBLISHERS.strip().splitlines())
_KNOWN = {name: names.split()[0] for names in _PUBLISHERS.strip().splitlines() for name in names.split()}

_NAME = rf"(?P<name>[{CJK}\w][{CJK}\w .&'-]{{1,40}}?)"
_STOP = r"(?=\s*(?:[)\]\"|,;。，；、]|\.\s|\.?\Z|https?:| - |\s{2}))"
# Whoever writes so names the origin, known to us or not. In folded text.
_SAID = re.compile(
    rf"(?:\bsource\s?: ?|\b(?:originally |first )(?:published|appeared) (?:by|on|in|at) |\brepublished from "
    rf"|\bcourtesy of |(?:文章|新闻|资料|稿件|信息)?来源\s?: ?|(?:本文|文章|转载|转)(?:来)?自\s?:? ?|原载于?\s?:? ?|首发于\s?:? ?)\"?{_NAME}\"?{_STOP}"
)
# These name an origin only if the name is an agency's, or an outlet's among the copies.
_MAYBE = re.compile(
    rf"\((?P<desk>[{CJK}]{{2,5}}?社)|\((?P<dateline>[\w .&'-]{{2,40}})\)\s?(?:-|:|\w)|(?P<agency>[{CJK}]{{2,4}}[社网])(?=[{CJK}\w ]{{0,20}}(?:电|讯|报道|记者))"
)
_PARTS = re.compile(r"\s+[-|/·•]+\s+|\s*[|_]\s*|,\s*|\bfor\b|\(|\)")


def leader(copies: Sequence[Copy]) -> Choice:
    """The value is the entry's id. The answer depends on which copies there are, not on their order."""
    said = {entry.id: _credits(entry) for entry, _ in copies}
    forms = {entry.id: _forms(entry, outlet) for entry, outlet in copies}
    known = frozenset(_KNOWN.values()).union(*forms.values())
    credited = {id_: sure | {name for name in maybe if _is(name, known)} for id_, (sure, maybe) in said.items()}
    named = frozenset[str]().union(*credited.values())

    def rank(entry: Entry) -> int:
        mine = forms[entry.id]
        if any(_is(name, mine) for name in named):
            return 0
        return 2 if credited[entry.id] else 1

    first = min(copies, key=lambda copy: (rank(copy[0]), copy[0].when, -copy[0].words, copy[0].id))
    return Choice(first[0].id, _reason(first, copies, [rank(entry) for entry, _ in copies], rank(first[0])))


def agency(title: str, text: str, author: str | None) -> str | None:
    """The agency whose report a text says that it is, by the name that all its names stand for; None where it names none, or
    more than one.
    """
    sure, maybe = _said(title, text, author)
    named = (sure | maybe) & _AGENCIES
    return next(iter(named)) if len(named) == 1 else None


def voice(outlet: str) -> str:
    """An outlet by what all its names stand for."""
    return _name(outlet) or outlet


def _reason(first: Copy, copies: Sequence[Copy], ranks: Sequence[int], best: int) -> str:
    if len(copies) == 1:
        return "the only copy"
    rivals = [copy for copy, rank in zip(copies, ranks, strict=True) if rank == best]
    if len(rivals) == 1:
        return f"{first[1]} is whom the copies credit" if best == 0 else "the others credit another outlet"
    earlier = [copy for copy, _ in rivals if copy.when == first[0].when]
    if len(earlier) == 1:
        return "the earliest"
    return "the fullest of the earliest" if len({copy.words for copy in earlier}) > 1 else "the first by its id"


def _credits(entry: Entry) -> tuple[frozenset[str], frozenset[str]]:
    """Names of origins: those that are said to be one, and those that may be."""
    return _said(entry.title, plain(entry.content) if entry.content else entry.summary, entry.author)


def _said(title: str, body: str, author: str | None) -> tuple[frozenset[str], frozenset[str]]:
    ends = body if len(body) <= 2 * _ENDS else f"{body[:_ENDS]}  {body[-_ENDS:]}"
    text = fold(ends)
    sure = {_name(found["name"]) for found in _SAID.finditer(text)}
    maybe = {_name(name) for found in _MAYBE.finditer(text) for name in found.groups() if name}
    label = _PARTS.split(fold(title))
    maybe |= {_name(label[0]), _name(label[-1])} if len(label) > 1 else set()
    maybe |= {_name(part) for part in _PARTS.split(fold(author or ""))}
    return frozenset(sure - {""}), frozenset(maybe - {""})


def _forms(entry: Entry, outlet: str) -> frozenset[str]:
    """The names by which a copy's outlet may be credited: its title and the labels of its host."""
    place = urlsplit(entry.canonical_url or "").hostname or ""
    labels = [label for label in place.split(".")[:-1] if len(label) >= _SHORTEST_PREFIX]
    return frozenset(_name(form) for form in (outlet, *labels)) - {""}


def _name(text: str) -> str:
    letters = _LETTERS.sub("", _ARTICLE.sub("", fold(text)))
    return _KNOWN.get(letters, letters)


def _is(name: str, forms: Iterable[str]) -> bool:
    """Whether a credit names one of these; "BBC" is the outlet "BBC News"."""
    return any(
        name == form
        or (min(len(name), len(form)) >= _SHORTEST_PREFIX and (form.startswith(name) or name.startswith(form)))
        for form in forms
    )
