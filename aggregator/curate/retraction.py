"""Whether a publisher took an article back by a mark in its headline: “RETRACTED: …”, “[Removed]”, “此文已删除”.

An article *about* a retraction bears the same words. So a mark counts only where it is set off at the start or is all
that is left, and only before the headline that stood there: `takes_back` wants to know what that was.
"""

import re

from aggregator.curate.text import CJK, fold

_THING = r"(?:(?:this|the) )?(?:article|story|report|post|page|item|paper|content|entry|news item)"
_DONE = r"(?:retracted|withdrawn|removed|deleted|taken down|unpublished)"
_ENGLISH = (
    rf"(?:{_DONE}|retraction|retraction notice|notice of retraction|mandatory kill"
    rf"|{_THING}(?: (?:is|was|has been|have been))? {_DONE}(?: by (?:its |the )?(?:author|authors|publisher|editor|editors))?"
    rf"|{_THING} (?:is )?(?:no longer|not) available)"
)
# Simplified: both are folded before they are compared.
_CHINESE = (
    r"(?:(?:此|本|该|这篇|原)?(?:文|文章|报道|新闻|稿件|稿|内容|帖子|帖|视频)?(?:已经|已被|已由|已|被)"
    r"(?:作者|发布者|编辑部|编辑|本报|本网|本站|平台)?(?:撤稿|撤回|撤下|撤销|删除|下架|撤)"
    r"|撤稿|撤稿声明|撤稿启事|撤回|撤回声明)"
)
_MARK = rf"(?:{_ENGLISH}|{_CHINESE})"
_OPEN, _CLOSE = r"[\[({<【〔〖*]{1,2}", r"[\])}>】〕〗*]{1,2}"
_SET_OFF = re.compile(
    rf"(?:{_OPEN}\s*(?P<bracketed>{_MARK})\s*{_CLOSE}\s*[:|-]?|(?P<bare>{_MARK})\s*(?:[:|]|-\s))(?P<rest>.*)"
)
_ALONE = re.compile(rf"(?:{_MARK})[.!。]?")
# What has none of these bears no mark: it need not be folded.
_HINT = re.compile("retract|withdr|remov|delet|taken down|unpublish|available|kill|撤|删|刪|下架", re.IGNORECASE)
_LETTERS = re.compile(r"[^\w]|_")
_GRAM = 3
_HALF = 0.5


def mark(title: str) -> tuple[str, str] | None:
    """The mark of a headline and what follows it, folded; None where there is none."""
    if not _HINT.search(title):
        return None
    folded = fold(title)
    if _ALONE.fullmatch(folded):
        return folded, ""
    found = _SET_OFF.fullmatch(folded)
    return (found["bracketed"] or found["bare"], found["rest"].strip()) if found else None


def takes_back(title: str, before: str) -> bool:
    """Whether this headline says that the article under the headline `before` is taken back."""
    found = mark(title)
    if found is None or mark(before) is not None:
        return False
    return not found[1] or is_same(found[1], before)


def is_same(one: str, other: str) -> bool:
    """The same headline, perhaps cut or slightly reworded."""
    first, second = _grams(one), _grams(other)
    return bool(first and second) and len(first & second) >= _HALF * min(len(first), len(second))


def is_very(one: str, other: str) -> bool:
    """Letter by letter the same headline."""
    first, second = (_LETTERS.sub("", fold(text)) for text in (one, other))
    return len(first) > _GRAM and first == second


def _grams(text: str) -> set[str]:
    folded = fold(text)
    letters = _LETTERS.sub("", folded)
    size = 2 if re.search(f"[{CJK}]", folded) else _GRAM
    return {letters[place : place + size] for place in range(len(letters) - size + 1)}
