"""Rules about size, and about style blocks: what Gmail cuts off, and why it throws a whole block away."""

import re
from collections.abc import Iterator
from functools import partial

from aggregator.publish.lint import css
from aggregator.publish.lint.letter import Finding, Letter, Level, line, style_of

WARN_BYTES, MAX_BYTES = 75_000, 90_000
"""Gmail clips at some 102 KB; counted in UTF-8, as it is before it is encoded for the wire."""
MAX_STYLE = 16_000
_NO_SPACE = re.compile(r"[^\s!]!\s*important", re.IGNORECASE)
_finding = partial(Finding, part="html")


def size(letter: Letter) -> Iterator[Finding]:
    if letter.html is None:
        return
    count = len(letter.html.encode("utf-8", "replace"))
    if count >= WARN_BYTES:
        level: Level = "error" if count > MAX_BYTES else "warning"
        said = (
            f"{count / 1000:.0f} KB of HTML: Gmail hides what comes after some 102 KB, the link to unsubscribe with it"
        )
        yield _finding(level=level, rule="size", line=1, said=said, mend="tell fewer stories, or less of each")


def style_size(letter: Letter) -> Iterator[Finding]:
    """Each block, and all together."""
    total, told = 0, False
    for sheet in letter.page.blocks if letter.page is not None else ():
        total += len(sheet.text.encode("utf-8", "replace"))
        if total > MAX_STYLE and not told:
            told = True
            said = f"more than {MAX_STYLE // 1000} KB of style blocks: Gmail keeps none of what is over it"
            yield _finding(level="error", rule="style-size", line=sheet.line, said=said, mend="style in fewer rules")


def style_place(letter: Letter) -> Iterator[Finding]:
    if letter.page is None:
        return
    for style in letter.page.all("style"):
        if any(above.tag == "body" for above in style.iterancestors()):
            said = "a style block in the body: Gmail and Yahoo leave it out"
            yield _finding(level="error", rule="style-place", line=line(style), said=said, mend="put it into the head")


def nested_at_rules(letter: Letter) -> Iterator[Finding]:
    for sheet in _sheets(letter):
        for at in sheet.ats:
            if at.inside:
                said = f"@{at.name} inside @{at.inside[-1]}: Gmail throws the whole style block away"
                mend = "join the two conditions with `and`, or leave one out"
                yield _finding(level="error", rule="nested-at-rule", line=at.line, said=said, mend=mend)


def css_comments(letter: Letter) -> Iterator[Finding]:
    for sheet in _sheets(letter):
        if (start := sheet.text.find("/*")) >= 0:
            at = sheet.line + sheet.text.count("\n", 0, start)
            said = "a comment in a style block: Gmail's app drops the block for accounts that are not Google's"
            yield _finding(level="warning", rule="css-comment", line=at, said=said, mend="keep it in the template")


def important_space(letter: Letter) -> Iterator[Finding]:
    for sheet in _sheets(letter):
        for found in _NO_SPACE.finditer(sheet.text):
            at = sheet.line + sheet.text.count("\n", 0, found.start())
            said = "!important without a space before it: some clients do not know it then"
            yield _finding(level="error", rule="important-space", line=at, said=said, mend="write `red !important`")


def important_lost(letter: Letter) -> Iterator[Finding]:
    """A condition's rule that says less than the style attribute: dark mode that never comes."""
    if letter.page is None:
        return
    for sheet in _sheets(letter):
        for rule in sheet.rules:
            weak = {
                each.name: each for each in rule.declarations if not each.important and not each.name.startswith("--")
            }
            if not rule.media or not weak:
                continue
            inline = {each.name for _, element in letter.page.matched(rule.selector) for each in style_of(element)}
            for name in sorted(weak.keys() & inline):
                said = f"{name} under @media without !important: the style attribute is stronger, and nothing changes"
                mend = "write ` !important` behind it (premailer takes it away unless told not to)"
                yield _finding(level="error", rule="important-lost", line=weak[name].line, said=said, mend=mend)


def not_inlined(letter: Letter) -> Iterator[Finding]:
    """Plain rules in a block, and not one style in the elements: where blocks are dropped, nothing is left."""
    if letter.page is None or any(element.get("style") for element in letter.page.body.iter()):
        return
    for sheet in letter.page.blocks:
        plain = [rule for rule in sheet.rules if not rule.media and rule.selector != ":root"]
        if plain:
            said = "the styles stand in a block alone: a client that drops it shows bare text"
            mend = "write them into the elements (an inliner does it)"
            yield _finding(level="warning", rule="not-inlined", line=plain[0].line, said=said, mend=mend)
            return


def _sheets(letter: Letter) -> list[css.Sheet]:
    return letter.page.blocks if letter.page is not None else []
