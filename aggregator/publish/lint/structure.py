"""Rules about how a mail is built: so that it is read aloud in its language, in its order, and shown as it was meant."""

import re
from collections.abc import Iterator
from functools import partial
from itertools import pairwise
from typing import Any

from aggregator.publish.lint.letter import Finding, Letter, line, style_of, words
from aggregator.typeset import width

LEAST_PREHEADER = 40
_finding = partial(Finding, part="html")
_error = partial(_finding, level="error")
_warning = partial(_finding, level="warning")
_TAG = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*")
_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
_LAYOUT = frozenset({"presentation", "none"})
_UNSPACED = frozenset({"zh", "ja", "ko", "ar", "fa", "he", "ur", "ps", "ug"})
"""Languages whose letters must not be drawn apart, and know no capitals."""


def language(letter: Letter) -> Iterator[Finding]:
    """Told on the document, and again on the first wrapper: Gmail, Yahoo and Outlook.com throw html and body away."""
    if letter.page is None:
        return
    root = letter.page.root
    wrapper = next((each for each in letter.page.body if isinstance(each.tag, str)), None)
    places = [("the document", root)] + ([("the first element of the body", wrapper)] if wrapper is not None else [])
    for where, element in places:
        if not _TAG.fullmatch(element.get("lang") or ""):
            said = f"{where} does not say its language: it is read aloud, and translated, by guess"
            yield _error(rule="lang", line=line(element), said=said, mend='write lang="en", or what it is')
        if (element.get("dir") or "").lower() not in {"ltr", "rtl", "auto"}:
            said = f"{where} does not say its direction"
            yield _error(rule="dir", line=line(element), said=said, mend='write dir="ltr" or dir="rtl"')


def foreign(letter: Letter) -> Iterator[Finding]:
    """What says a language of its own says one that there is."""
    for element in letter.page.elements if letter.page is not None else ():
        tag = element.get("lang")
        if tag is not None and not _TAG.fullmatch(tag) and not _is_frame(element):
            mend = 'as in lang="zh-Hant"'
            yield _error(rule="lang", line=line(element), said=f"lang={tag!r} is no language tag", mend=mend)


def _is_frame(element: Any) -> bool:
    """The document and what stands right in its body: told by the rule above."""
    above = element.getparent()
    return above is None or above.tag == "body"


def title(letter: Letter) -> Iterator[Finding]:
    if letter.page is not None and not any(words(each) for each in letter.page.root.findall("head/title")):
        mend = "write a <title> into the head"
        yield _error(rule="title", line=1, said="the document has no title: readers who listen hear none", mend=mend)


def headings(letter: Letter) -> Iterator[Finding]:
    """One of the first rank, and no rank left out on the way down."""
    found = letter.page.all(*_HEADINGS) if letter.page is not None else []
    first = [each for each in found if each.tag == "h1"]
    if letter.page is not None and len(first) != 1:
        said = f"{len(first) or 'no'} h1: one says what the mail is"
        at = line([*first[1:], *found, letter.page.body][0])
        yield _error(rule="headings", line=at, said=said, mend="make the masthead the only h1")
    elif found and found[0].tag != "h1":
        said = f"the first heading is {found[0].tag}, not h1"
        yield _error(rule="headings", line=line(found[0]), said=said, mend="begin with the masthead")
    for above, below in pairwise(found):
        if int(below.tag[1]) > int(above.tag[1]) + 1:
            said = f"{below.tag} follows {above.tag}: a rank is left out"
            yield _error(rule="headings", line=line(below), said=said, mend=f"make it h{int(above.tag[1]) + 1}")


def tables(letter: Letter) -> Iterator[Finding]:
    """Tables that only lay out say so, and have no gaps that a client would add."""
    for table in letter.page.all("table") if letter.page is not None else ():
        if (table.get("role") or "").lower() not in _LAYOUT:
            said = "a table without role: who listens hears rows and columns"
            yield _error(rule="table-role", line=line(table), said=said, mend='write role="presentation"')
            continue
        if missing := [name for name in ("cellpadding", "cellspacing", "border") if table.get(name) != "0"]:
            said = f"a layout table without {'=0, '.join(missing)}=0: clients put gaps and lines of their own"
            yield _warning(rule="table-gaps", line=line(table), said=said, mend='write cellpadding="0" and so on')
        for header in table.iter("th", "caption", "thead", "tfoot"):
            said = f"{header.tag} in a layout table: it makes data of it"
            yield _error(
                rule="table-header", line=line(header), said=said, mend="use td, and a heading where it is one"
            )


def images(letter: Letter) -> Iterator[Finding]:
    for image in letter.page.all("img") if letter.page is not None else ():
        if image.get("alt") is None:
            said = "an image without alt: where images are blocked, or read aloud, there is nothing"
            yield _error(
                rule="image-alt", line=line(image), said=said, mend='write what it says, or alt="" for ornament'
            )
        if not (image.get("width") and image.get("height")):
            said = "an image without width and height: Outlook shows it as large as its file, and the text jumps"
            yield _warning(rule="image-size", line=line(image), said=said, mend="write both as attributes")


def preheader(letter: Letter) -> Iterator[Finding]:
    """What inboxes show behind the subject: hidden text that comes before all else."""
    if letter.page is None:
        return
    first = next((each for each in letter.page.body.iter() if _has_text(each)), None)
    if first is None or not _is_hidden(first):
        said = "the first text of the body is not a hidden one: inboxes show whatever comes first behind the subject"
        at = line(first if first is not None else letter.page.body)
        yield _warning(rule="preheader", line=at, said=said, mend="begin with a sentence in a hidden div")
    elif (columns := width(words(first))) < LEAST_PREHEADER:
        said = f"the preheader has {columns} columns: inboxes fill up with what comes after it"
        yield _warning(rule="preheader", line=line(first), said=said, mend=f"write {LEAST_PREHEADER} or more")


def unspaced(letter: Letter) -> Iterator[Finding]:
    """Letter-spacing and capitals are for alphabets that have them."""
    if letter.page is None:
        return
    for element in letter.page.elements:
        if not element.get("style"):
            continue
        spaced = [each.name for each in style_of(element) if _spaces(each.name, each.value)]
        if spaced and (tag := _language_of(element)).split("-")[0].lower() in _UNSPACED:
            said = f"{spaced[0]} on a text in {tag}: it pulls apart what belongs together"
            yield _warning(rule="spaced-script", line=line(element), said=said, mend="leave it out for this language")


def _spaces(name: str, value: str) -> bool:
    return (name == "letter-spacing" and value not in {"0", "normal"}) or (
        name == "text-transform" and value == "uppercase"
    )


def _language_of(element: Any) -> str:
    return next((tag for each in (element, *element.iterancestors()) if (tag := each.get("lang"))), "")


def _has_text(element: Any) -> bool:
    return (
        isinstance(element.tag, str) and element.tag not in {"style", "script"} and bool((element.text or "").strip())
    )


def _is_hidden(element: Any) -> bool:
    around = (element, *element.iterancestors())
    return any(each.name == "display" and each.value == "none" for one in around for each in style_of(one))
