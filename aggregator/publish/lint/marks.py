"""Rules about what stands for something else: readers' tokens, marks of templates, signs that no document may have."""

import re
from collections.abc import Iterator
from typing import Any

from aggregator.model import TOKEN_PLACEHOLDER
from aggregator.publish.lint.letter import Finding, Letter, Part, line, words

_LEAVING = re.compile(
    r"unsubscribe|opt.?out|退订|退訂|取消订阅|取消訂閱|إلغاء الاشتراك|abmelden|abbestellen|désabonner|désinscrire|darse de baja"
    r"|cancelar|disiscri|descadastrar|отписаться|відписатися|配信停止|購読解除|구독 취소|uitschrijven",
    re.IGNORECASE,
)
_MARK = re.compile(r"\{\{|\}\}|\{%|%\}|\{#|#\}|<%|\*\|[A-Z_]+\|\*")
_BLOCK_MARK = re.compile("[\ufdd0-\ufdef]")
"""Non-characters: what blocks are marked with, and no text of a feed has."""
_ILLEGAL = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_REFERENCE = re.compile(
    r"&#(?:x0*(?:[0-8bcef]|1[0-9a-f]|7f|d[89a-f][0-9a-f]{2})|0*(?:[0-8]|1[124-9]|2[0-9]|3[01]|127))(?![0-9a-z])",
    re.IGNORECASE,
)
_OURS_ALONE = ("href", "src", "style", "class", "id", "lang", "dir")
"""Attributes that hold no words of a feed."""
_REPLACED = "\ufffd"


def tokens(letter: Letter) -> Iterator[Finding]:
    """As often in one part as in the other, and as often on the wire as in both."""
    if letter.html is None or letter.text is None:
        return
    html, text = letter.html.count(TOKEN_PLACEHOLDER), letter.text.count(TOKEN_PLACEHOLDER)
    if html != text:
        said = f"a reader's own links: {html} in the HTML, {text} in the text"
        yield _error("tokens", "html", _line_of(letter.html, TOKEN_PLACEHOLDER), said, "give both parts the same links")
    # The head has it once more, in List-Unsubscribe.
    if letter.head is not None and html and letter.head.body.count(TOKEN_PLACEHOLDER.encode()) != html + text:
        said = "a reader's token is broken by the encoding of the letter"
        yield _error("tokens-encoded", "head", 1, said, "give the token a line of its own that is short")


def token_places(letter: Letter) -> Iterator[Finding]:
    """A token in any other address would tell a stranger who reads."""
    if letter.page is not None and letter.html is not None:
        ours = [link for link in letter.page.all("a") if _is_ours(link.get("href") or "", letter)]
        if letter.html.count(TOKEN_PLACEHOLDER) > sum(
            (link.get("href") or "").count(TOKEN_PLACEHOLDER) for link in ours
        ):
            lines = {line(link) for link in ours}
            found = (at for at, each in enumerate(letter.html.split("\n"), 1) if TOKEN_PLACEHOLDER in each)
            at = next((at for at in found if at not in lines), 1)
            said = "a reader's token outside of a link to our own pages: whoever is there could act for the reader"
            yield _error("token-place", "html", at, said, "take it out: only the links in the foot have it")
    for at, each in enumerate((letter.text or "").split("\n"), 1):
        if TOKEN_PLACEHOLDER in each and not all(
            _is_ours(word, letter) for word in each.split() if TOKEN_PLACEHOLDER in word
        ):
            said = "a reader's token outside of an address of our own"
            yield _error("token-place", "text", at, said, "take it out: only the addresses in the foot have it")


def way_out(letter: Letter) -> Iterator[Finding]:
    """In both parts, where readers look for it: a link to unsubscribe."""
    mend = "write {{ unsubscribe_url }} into the foot of the template"
    if letter.page is not None and not any(_leaves(link, letter) for link in letter.page.all("a")):
        last = (letter.html or "").rstrip().count("\n") + 1
        yield _error("unsubscribe", "html", last, "no link to unsubscribe", mend)
    if letter.text is not None and letter.text.strip() and not _leaves_by_text(letter.text, letter):
        yield _error("unsubscribe", "text", letter.text.rstrip().count("\n") + 1, "no link to unsubscribe", mend)


def template_marks(letter: Letter) -> Iterator[Finding]:
    """In a text they may be what a story is about; anywhere else a template was not filled in."""
    mend = "look at the template: a name misspelt, or a mark that is not closed"
    if letter.page is not None and _MARK.search(letter.page.html):
        for element in letter.page.elements:
            if any(_MARK.search(element.get(name, "")) for name in _OURS_ALONE):
                yield _error("template-marks", "html", line(element), "a template's mark in an attribute", mend)
            elif any(map(_MARK.search, _texts(element))):
                yield _warning("html", line(element), "what looks like a template's mark stands in the text", mend)
    for at, each in enumerate((letter.text or "").split("\n"), 1):
        if _MARK.search(each):
            yield _warning("text", at, "what looks like a template's mark stands in the text", mend)
    for part, content in _parts(letter):
        if found := _BLOCK_MARK.search(content):
            at = content.count("\n", 0, found.start()) + 1
            yield _error("template-marks", part, at, "a mark of a block was left", mend)


def illegal(letter: Letter) -> Iterator[Finding]:
    """Controls and halves of characters: some clients show nothing after one."""
    for part, content in _parts(letter):
        found = _ILLEGAL.search(content) or (_REFERENCE.search(content) if part == "html" else None)
        if found is not None:
            at, sign = content.count("\n", 0, found.start()) + 1, found[0]
            named = sign if len(sign) > 1 else f"U+{ord(sign):04X}"
            yield _error("illegal-character", part, at, f"{named} cannot stand in a letter", "take it out")


def lost(letter: Letter) -> Iterator[Finding]:
    for part, content in _parts(letter):
        if _REPLACED in content:
            said, at = "U+FFFD: bytes that were no text once stood here", _line_of(content, _REPLACED)
            mend = "read its source by the charset that it is in"
            yield Finding(level="warning", rule="lost-character", part=part, line=at, said=said, mend=mend)


def _parts(letter: Letter) -> Iterator[tuple[Part, str]]:
    if letter.html is not None:
        yield "html", letter.html
    if letter.text is not None:
        yield "text", letter.text


def _is_ours(address: str, letter: Letter) -> bool:
    if TOKEN_PLACEHOLDER not in address:
        return False
    if letter.own is None:
        return address.lower().startswith(("https://", "http://"))
    return address.startswith(tuple(f"{letter.own.public_url}/{page}/{TOKEN_PLACEHOLDER}" for page in "up"))


def _leaves(link: Any, letter: Letter) -> bool:
    address = link.get("href") or ""
    if letter.own is not None and _is_unsent(letter):
        return address == f"{letter.own.public_url}/u/{TOKEN_PLACEHOLDER}"
    return bool(_LEAVING.search(words(link)) or _LEAVING.search(address)) and address.lower().startswith(
        ("http", "mailto:")
    )


def _leaves_by_text(text: str, letter: Letter) -> bool:
    if letter.own is not None and _is_unsent(letter):
        return f"{letter.own.public_url}/u/{TOKEN_PLACEHOLDER}" in text.split()
    return bool(_LEAVING.search(text))


def _is_unsent(letter: Letter) -> bool:
    """Whether readers' tokens are still to be put in."""
    return any(TOKEN_PLACEHOLDER in (part or "") for part in (letter.html, letter.text))


def _texts(element: Any) -> Iterator[str]:
    if element.tag not in {"style", "script"}:
        yield element.text or ""
    yield element.tail or ""
    yield from (value for name, value in element.attrib.items() if name not in _OURS_ALONE)


def _line_of(content: str, mark: str) -> int:
    return content.count("\n", 0, max(0, content.find(mark))) + 1


def _error(rule: str, part: Part, at: int, said: str, mend: str) -> Finding:
    return Finding(level="error", rule=rule, part=part, line=at, said=said, mend=mend)


def _warning(part: Part, at: int, said: str, mend: str) -> Finding:
    return Finding(level="warning", rule="template-marks", part=part, line=at, said=said, mend=mend)
