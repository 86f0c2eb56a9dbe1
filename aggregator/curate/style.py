"""What kind of text an entry is by how it is written: its author's own view, by its own word; or long.

How much a text argues (we must, surely, rhetorical questions) was counted and left out: blogs and release notes do it as
much as columns. What says so outright is rare, and right.
"""

import re

from aggregator.curate.text import plain
from aggregator.model import Entry

_HEAD, _TAIL = 1200, 2000
"""Characters of markup at either end of a text: there it says who speaks."""
_OWN_VIEW = re.compile(
    r"""\b(?:views?|opinions?)\ (?:and\ \w+\ )?(?:expressed|stated|presented)\b[^.]{0,80}?
        \b(?:authors?|writers?|columnists?|(?:his|her|their|my)\ own|do(?:es)?\ not\ (?:necessarily\ )?(?:reflect|represent))
      | \bis\ an?\ (?:[\w’'-]+\ ){0,5}?(?:columnist|opinion\ (?:writer|contributor|editor)|op-ed\ contributor|guest\ essayist)\b
      | ^\W*to\ the\ editor\s*[:,]
      | \bthis\ (?:is\ an?|article\ is\ an?)\ (?:opinion|guest)\ (?:piece|column|essay|article)\b
      | (?:(?:仅|僅|只)代表|纯属|純屬)作者(?:本人|个人|個人)?(?:的)?(?:观点|觀點|立场|立場|意见|意見)
      | (?:观点|觀點|立场|立場)?不代表本(?:报|報|刊|网|網|台|臺|站|社|平台)[^。]{0,6}?(?:观点|觀點|立场|立場)
      | [（(](?:本文)?作者(?:系|係|为|為|是)[^（）()。]{2,60}[）)]
      | 笔者(?:认为|以为|看来|主张)|筆者(?:認為|以為|看來|主張)|本文(?:认为|主张)|本文(?:認為|主張)""",
    re.VERBOSE | re.IGNORECASE,
)
_NEEDED = ("view", "opinion", "columnist", "contributor", "essay", "editor", "作者", "不代表", "笔者", "筆者", "本文")
"""One of these is in all that the pattern above finds; looking for them costs a fraction of it."""
_LONG = 1500
"""Words, of which a Chinese character is half a one."""
_SPEECH = re.compile(r"""[：:，,]\s*["“「]|[,，。.!?！？]["”」](?=[\s\w]|$)""")
_MOST_SPEECH = 10
"""Beginnings and ends of speech in a thousand words: a report has as many as that, an essay mostly a third of it. What
quotation marks merely hold at a distance, as Chinese essays do, is not counted.
"""
_DATELINE = re.compile(
    r"^\W*(?:[A-Z][A-Z .,’'-]{2,40}(?:,? [A-Z][a-z]+\.? \d{1,2})?\s*(?:\([A-Za-z ./]+\))?\s*[-—–]"
    r"|.{0,40}?(?:[社网報报]|记者)[^。]{0,20}\d{1,2}(?:日|日电|日電|日讯|日訊))"
)
_NO_ARTICLE = re.compile(
    r"""\b(?:transcript|full\ text|live(?:\ updates?|blog|\ blog)?|round-?up|digest|newsletter|links|podcast|episode|
        weekly|daily|deals?|sale|release\ notes|changelog|best|top\ \d+|\d+\ (?:\w+\ ){0,3}(?:best|ways|tips|tools|things))\b
      | 全文|实录|實錄|直播|早报|早報|晚报|晚報|周报|周報|週報|周刊|週刊|日报|日報|速览|速覽|汇总|彙總|公告|通知|图卦|圖卦|
        第\s*\d+\s*[期集回]|书单|書單""",
    re.VERBOSE | re.IGNORECASE,
)


def own_view(entry: Entry) -> str | None:
    """The words by which a text says that it is its author's own view."""
    ends = (entry.summary, entry.content[:_HEAD], entry.content[_HEAD:][-_TAIL:])
    texts = (plain(end).strip() for end in ends if _may_say(end.lower()))
    found = next((match for text in texts if (match := _OWN_VIEW.search(text))), None)
    return " ".join(found[0].split()) if found else None


def _may_say(lowered: str) -> bool:
    return any(word in lowered for word in _NEEDED)


def long_read(entry: Entry) -> str | None:
    """Its length, where it is long as an essay is: few quotations, no dateline, and no kind that is long in any case."""
    if entry.words < _LONG or _NO_ARTICLE.search(entry.title):
        return None
    text = plain(entry.content).strip()
    if _DATELINE.match(text) or len(_SPEECH.findall(text)) * 1000 > _MOST_SPEECH * entry.words:
        return None
    return f"{entry.words} words"
