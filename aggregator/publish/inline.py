"""Styles into the elements, once an edition, and what must not get lost on the way.

premailer reads the document as libxml2 does, which moves what stands where HTML does not allow it: the blocks that a
letter is put together from must come out as they went in.
"""

import logging
import re

from lxml import etree

from aggregator.errors import RenderError
from aggregator.model import TOKEN_PLACEHOLDER
from aggregator.publish import blocks

_IGNORE = 'data-premailer="ignore"'


def inlined(document: str, css: str) -> str:
    """Raises RenderError where a template makes what must not go out."""
    made = by_premailer(document, css)
    if document.count(TOKEN_PLACEHOLDER) != made.count(TOKEN_PLACEHOLDER):
        raise RenderError(
            "a reader's link was lost in the mail", hint="write {{ unsubscribe_url }} into an href as it is"
        )
    if re.search(r"<link\b", made, re.IGNORECASE):
        raise RenderError(
            "the mail has a <link>", hint="mail clients load no style sheets: write it into mail/inline.css"
        )
    if _IGNORE in made:
        raise RenderError("a style block was not taken in", hint="style blocks stand in the head of mail/edition.html")
    if torn := _torn(document, made):
        raise RenderError(
            f"mail/edition.html: {torn} begins in one element and ends in another",
            hint="between call and endcall stand whole elements: a whole <tr>, <li> or <p>",
        )
    return made


def by_premailer(document: str, css: str) -> str:
    """With the one set of options under which dark mode and tokens survive."""
    from premailer import Premailer  # a tenth of a second that only who renders mail should pay

    try:
        made = Premailer(
            document,
            css_text=[css],
            allow_network=False,
            keep_style_tags=False,
            strip_important=False,
            disable_leftover_css=True,
            cssutils_logging_level=logging.CRITICAL,
            remove_classes=False,
        )
        done: str = made.transform(pretty_print=False)
    except Exception as error:
        # premailer lets through whatever lxml, cssutils and cssselect raise; all of it means the operator's CSS or HTML.
        raise RenderError(
            f"mail/edition.html could not be inlined: {error}",
            hint=f"it is one whole document; a style block with @-rules in it is marked {_IGNORE}",
        ) from error
    return done


def _torn(document: str, made: str) -> str:
    """The first block whose two ends do not stand in the same element; empty where there is none."""
    if blocks.names(document) != blocks.names(made):
        return "a block"
    begun: list[tuple[str, object]] = []
    for comment in etree.fromstring(made, etree.HTMLParser()).iter(etree.Comment):
        for name in blocks.names(comment.text or ""):
            if name.startswith("+"):
                begun.append((name[1:].split(" ")[0], comment.getparent()))
            elif begun and (first := begun.pop())[1] is not comment.getparent():
                return f"block {first[0]!r}"
    return ""
