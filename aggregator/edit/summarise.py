"""A summary by choosing whole sentences, from the front, until the room is full.

Nothing is written here: what comes out is what the text has, without its datelines, bylines and invitations to
click. A half sentence is only left where even the first one is longer than the room; it then ends in “…”.
"""

import re

from aggregator.model import Brief, Story
from aggregator.typeset import fit, is_whole, leading, sentences, width

_DASH = r"\s*(?:—|–|--|-)\s*"
_OPENINGS = (
    # BEIJING (Agency) — · HONG KONG, May 14 (Agency) -- · (Agency) -
    re.compile(rf"^(?:[A-Z][A-Z.'’ ]{{2,30}}(?:,\s*[^()—–]{{2,30}}?)?\s*)?\([A-Z][\w .&/-]{{1,30}}\){_DASH}(?=\S)"),
    # BEIJING —
    re.compile(r"^[A-Z][A-Z.'’ ]{2,30}(?:,\s*[A-Z][\w. ]{2,20})?\s*(?:—|–|--)\s*(?=\S)"),
    # By Jane Doe and John Roe, Staff Writer |
    re.compile(r"^By (?:[A-Z][\w.'’-]+\s?(?:and |& )?){2,6}(?:,\s*[A-Z][\w ]{2,30})?\s*(?:[|—–•·]|--)\s*(?=\S)"),
    # （通讯社北京5月14日电） · 某某社北京14日电（记者某某） · 【某某2020年05月14日讯】
    re.compile(r"^[(（【〔\[][^()（）【】〔〕\[\]]{2,40}?(?:电|電|讯|訊|报道|報道|報導)[)）】〕\]]\s*"),
    re.compile(
        r"^[\u3400-\u9fff]{2,8}社[\u3400-\u9fff]{0,8}\d{1,2}[月日][^。，,\s]{0,6}(?:电|電)(?:[(（][^()（）]{1,30}[)）])?\s*"
    ),
    re.compile(r"^[(（](?:记者|記者|编辑|編輯|作者)[^()（）]{1,20}[)）]\s*"),
)
_BOILERPLATE = re.compile(
    r"""^[\[(（【<«\s]*(?:
        continue\ reading|read\ (?:more|on|the\ (?:full|whole|rest)|full)|keep\ reading|click\ (?:here|to)|see\ also:
        |subscribe\ (?:to|now|here)|sign\ up\ (?:for|to)|follow\ us|listen\ to\ this|this\ (?:article|story)\ (?:first|originally)
        |the\ post\ .{1,200}\ (?:appeared\ first|first\ appeared)\ on|originally\ published|photo(?:graph)?:|advertisement\b
        |by\ [A-Z][\w.'’-]+\ [A-Z][\w.'’-]+\.?$|reporting\ by\ |editing\ by\ |additional\ reporting
        |阅读全文|閱讀全文|继续阅读|繼續閱讀|点击(?:阅读|查看|这里)|點擊|查看(?:全文|更多)|更多(?:内容|精彩)|责任编辑|責任編輯
        |(?:文|图|圖|编辑|編輯|记者|記者|作者|来源|來源)[：:/／]|转载请|轉載請|未经授权|未經授權|本文(?:首发|首發|转自|轉自)|扫描二维码|关注我们
    )""",
    re.VERBOSE | re.IGNORECASE,
)
_CUT_SHORT = re.compile(r"\s*(?:\[\s*(?:…|\.{2,}|&hellip;)\s*\]|\(\s*(?:…|\.{3})\s*\)|\.{3,}|…+)\s*$")
_LATER = re.compile(
    # With a capital, which the text's own “must continue reading” has not, or after the end of a sentence.
    r"\s+(?:Continue [Rr]eading|Read [Mm]ore|Read [Ff]ull [Aa]rticle|Keep [Rr]eading)\b[^.!?。]{0,80}[.!?…»>→]*\s*$"
    r"|(?<=[.!?…”’)\]])\s+(?i:continue reading|read more|keep reading)\b[^.!?。]{0,80}[.!?…»>→]*\s*$"
    r"|\s*[\[(（【]?(?:阅读全文|閱讀全文|继续阅读|繼續閱讀|查看全文)[^。！？]{0,12}$",
)
_CLAUSES = "，；：,;:"
_LEAST_CLAUSE = 0.6  # of the room: a cut at a comma is nicer than one at a word, but not at any price


def brief(story: Story, columns: int) -> Brief:
    """What a place of so many columns tells of a story."""
    return Brief(summarise(story.summary, limit=columns, language=story.language), story.language)


def summarise(text: str, *, limit: int, language: str | None) -> str:
    """The first whole sentences that fit in `limit` columns, where a Chinese character takes two."""
    shown = " ".join(text.split())
    # What is taken away may lay bare what must go too: again, until nothing more goes. That makes it idempotent.
    while (shorter := _pass(shown, limit, language)) != shown:
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


def _pass(text: str, limit: int, language: str | None) -> str:
    text = _LATER.sub("", _without_opening(text))
    pieces = [piece for piece in sentences(text, language) if not _BOILERPLATE.match(piece)]
    if not pieces:
        return ""
    if len(pieces) > 1 and not _is_whole(pieces[-1]):
        pieces.pop()
    chosen = leading(pieces, limit)
    if chosen:
        return _CUT_SHORT.sub("…", chosen)
    return shorten(_CUT_SHORT.sub("…", pieces[0].strip()), limit)


def _without_opening(text: str) -> str:
    for opening in _OPENINGS:
        text = opening.sub("", text, count=1)
    return text


def _is_whole(piece: str) -> bool:
    """Not cut short by the feed: “… said it wo [...]” is no sentence."""
    return is_whole(piece) and not _CUT_SHORT.search(piece)


def _inside_number(text: str, place: int) -> bool:
    return text[place - 1 : place].isdigit() and text[place + 1 : place + 2].isdigit()
