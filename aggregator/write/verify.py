"""Whether a draft may be shown: whether it is a briefing at all, and whether all that can be checked of it is in the sources.

Every figure, name and quotation must occur there. What is said of them cannot be checked by a program: a briefing that
mixes up who did what to whom passes. Marking it, and naming its sources beside it, is for that.
"""

import re
import unicodedata
from collections.abc import Callable

from aggregator.typeset import chinese_script, is_whole, sentences, width
from aggregator.write import chinese, names
from aggregator.write.answer import Draft
from aggregator.write.instructions import has_invisible, spoken_to_machines
from aggregator.write.known import chinese_names
from aggregator.write.numbers import figures
from aggregator.write.prompt import LEAST, MOST
from aggregator.write.sources import Sources
from aggregator.write.sources import of as sources_of
from aggregator.write.words import fold_word, han_runs, simplified, traditional, words

Check = Callable[[Draft, Sources], str | None]
"""Why the draft does not hold, or None."""

_SHORTEST, _LONGEST = 40, 900
"""Columns of the whole."""
_LONGEST_SENTENCE = 420
_MARKUP = re.compile(
    r"[<>{}\[\]|`\\#*_~^]|&[a-z]+;|&#|\n|\t|https?:|www\.|\b[\w-]+\.(?:com|cn|org|net|io|info|biz|top|xyz|ru|tk|me|app|co|hk|tw)\b|\S@\S|(?<!\w)@\w"
)
_TALK = re.compile(r"\b(?:I|I'm|my|we|our|ours|us|you|your|yours|please)\b|\b(?:click|subscribe|sign up|visit our|call now|buy now|follow us)\b", re.IGNORECASE)  # fmt: skip
_TALK_CHINESE = re.compile(
    r"[你您咱]|我(?![国國军軍省市区區县縣校院们們])|我们|我們|请(?:点击|访问|关注|扫码|订阅|致电|联系)|点击|扫码|公众号|加微信|下单|立即购买"
)
_FUNCTION = frozenset(
    [
        "the",
        "a",
        "an",
        "of",
        "in",
        "on",
        "at",
        "to",
        "and",
        "for",
        "with",
        "by",
        "from",
        "as",
        "that",
        "is",
        "was",
        "were",
        "has",
        "have",
        "had",
        "will",
        "be",
        "been",
        "its",
        "their",
        "it",
        "said",
    ]
)
_ENGLISH_SHARE = 0.12
"""Of an English text so many words are such as every sentence has."""
_HAN_SHARE = 0.6
_SAID_SHARE = 0.5
"""Of the words, where all sources are in the language of the briefing."""
_QUOTES = re.compile(
    r"“([^”]*)”|\"([^\"]*)\"|‘([^’]{2,})’(?!\w)|(?<!\w)'([^']{2,})'(?!\w)|「([^」]*)」|『([^』]*)』|«([^»]*)»|„([^“]*)“"
)
_PIECES = re.compile(r"…|\.{3}")
_SIGNS = re.compile(r"[^\w]+", re.UNICODE)


def problem(draft: Draft, sources: Sources, *, language: str) -> str | None:
    """Why it may not be shown; None: it holds."""
    zh = language.lower().startswith("zh")
    checks: tuple[Check, ...] = (
        _form,
        _named,
        _markup,
        _talk_chinese if zh else _talk,
        (lambda draft, _: _chinese_text(draft.text, traditional_wanted=chinese_script(language) == "traditional"))
        if zh
        else _english_text,
        _quotations,
        _figures,
        _chinese_names if zh else _english_names,
        _chinese_words if zh else _english_words,
        _about,
    )
    return next((why for check in checks if (why := check(draft, sources)) is not None), None)


def held(draft: Draft, sources: Sources, *, language: str) -> str:
    """What of a draft that holds was found in the sources, for `explain`."""
    count = len(figures(draft.text))
    quoted = len(_quoted(draft.text))
    told = [f"{count} figure{'' if count == 1 else 's'}"]
    if not language.lower().startswith("zh"):
        named = names.names(draft.text)
        told.append(f"{named} word{'' if named == 1 else 's'} of names")
    told.append(f"{quoted} quotation{'' if quoted == 1 else 's'}")
    return f"{', '.join(told)} found in {len(sources.texts)} source{'' if len(sources.texts) == 1 else 's'}"


# --- whether it is a briefing ----------------------------------------------------------------------------


def _form(draft: Draft, _: Sources) -> str | None:
    count, told = len(draft.sentences), width(draft.text)
    if not LEAST <= count <= MOST:
        return f"it has {count} sentences, not {LEAST} to {MOST}"
    if not _SHORTEST <= told <= _LONGEST:
        return f"it has {told} columns, not {_SHORTEST} to {_LONGEST}"
    if len({text for text, _ in draft.sentences}) < count:
        return "it says a sentence twice"
    return next((why for text, _ in draft.sentences if (why := _sentence(text)) is not None), None)


def _sentence(text: str) -> str | None:
    if not is_whole(text):
        return f"“{text[-40:]}” does not end as a sentence does"
    if len(list(sentences(text))) > 1:
        return f"“{text[:40]}…” is more than one sentence"
    if width(text) > _LONGEST_SENTENCE:
        return f"a sentence has {width(text)} columns, more than {_LONGEST_SENTENCE}"
    return None


def _named(draft: Draft, sources: Sources) -> str | None:
    for text, numbers in draft.sentences:
        if not numbers:
            return f"“{text[:40]}…” names no source"
        if unknown := [number for number in numbers if not 1 <= number <= len(sources.texts)]:
            return f"it names a source {unknown[0]}, and there are {len(sources.texts)}"
    return None


def _markup(draft: Draft, _: Sources) -> str | None:
    if has_invisible(draft.text):
        return "it holds signs that nobody sees"
    if found := _MARKUP.search(draft.text):
        return f"it holds markup or an address: {found[0]!r}"
    if passage := spoken_to_machines(draft.text):
        return f"it speaks of instructions: “{passage[:60]}”"
    return None


def _talk(draft: Draft, _: Sources) -> str | None:
    found = _TALK.search(_QUOTES.sub(" ", draft.text).replace("US", "U S"))
    return f"it speaks to the reader, or of itself: “{found[0]}”" if found else None


def _talk_chinese(draft: Draft, _: Sources) -> str | None:
    found = _TALK_CHINESE.search(_QUOTES.sub(" ", draft.text))
    return f"it speaks to the reader, or of itself: “{found[0]}”" if found else None


def _english_text(draft: Draft, _: Sources) -> str | None:
    foreign = next((sign for sign in draft.text if sign.isalpha() and sign > "\u024f"), None)
    if foreign is not None:
        return f"it is to be in English, and has {foreign!r}"
    told = [word.lower() for word in words(draft.text)]
    if sum(word in _FUNCTION for word in told) < _ENGLISH_SHARE * len(told):
        return "it is not in English"
    return None


def _chinese_text(text: str, *, traditional_wanted: bool) -> str | None:
    letters = [sign for sign in text if sign.isalpha()]
    han = sum(map(len, han_runs(text)))
    if han < _HAN_SHARE * len(letters):
        return "it is not in Chinese"
    other = simplified(text) if not traditional_wanted else traditional(text)
    changed = sum(one != two for one, two in zip(unicodedata.normalize("NFKC", text), other, strict=False))
    if changed > han * 0.1:  # a few characters are right in either, as 后 and 台
        return f"it is not in {'traditional' if traditional_wanted else 'simplified'} characters"
    return None


# --- whether it is in the sources ------------------------------------------------------------------------


def _figures(draft: Draft, sources: Sources) -> str | None:
    for figure in figures(draft.text):
        if not figure.meanings & sources.figures:
            return f"the sources do not have the figure “{figure.shown}”"
    return None


def _quotations(draft: Draft, sources: Sources) -> str | None:
    told = [_SIGNS.sub("", simplified(text)).casefold() for text in sources.texts]
    for quoted in _quoted(draft.text):
        for piece in _PIECES.split(quoted):
            wanted = _SIGNS.sub("", simplified(piece)).casefold()
            if wanted and not any(wanted in text for text in told):
                return f"the sources do not have the quotation “{quoted[:60]}”"
    return None


def _quoted(text: str) -> list[str]:
    return [said for match in _QUOTES.finditer(text) if (said := next((part for part in match.groups() if part), ""))]


def _english_names(draft: Draft, sources: Sources) -> str | None:
    missing = names.missing_name(draft.text, sources)
    return None if missing is None else f"the sources do not have the name “{missing}”"


def _chinese_names(draft: Draft, sources: Sources) -> str | None:
    missing = chinese.missing_name(draft.text, sources)
    return None if missing is None else f"the sources do not have the name “{missing}”"


def _english_words(draft: Draft, sources: Sources) -> str | None:
    """Where all that is known is in English, most of what is said is said in its words."""
    if sources.chinese and any(han_runs(text) for text in sources.texts):
        return None
    wanted = {_stem(fold_word(word)) for word in words(draft.text) if len(word) > 3}  # noqa: PLR2004  short words are everywhere
    told = {_stem(word) for text in sources.latin for word in text.split()}
    if wanted and len(wanted & told) < _SAID_SHARE * len(wanted):
        return f"of its {len(wanted)} words the sources have {len(wanted & told)}"
    return None


def _stem(word: str) -> str:
    return word[:5]


def _chinese_words(draft: Draft, sources: Sources) -> str | None:
    if not all(han_runs(text) for text in sources.texts):
        return None
    pairs = {run[at : at + 2] for run in han_runs(simplified(draft.text)) for at in range(len(run) - 1)}
    known = {pair for pair in pairs if pair in sources.chinese}
    if pairs and len(known) < _SAID_SHARE * len(pairs):
        return f"of its {len(pairs)} pairs of characters the sources have {len(known)}"
    return None


def _about(draft: Draft, sources: Sources) -> str | None:
    """Something must tie it to what the headlines say: else a source's aside could become the whole of it."""
    heads = sources_of(sources.titles, ())
    if not sources.titles or _shares(draft.text, heads):
        return None
    in_chinese = bool(han_runs(draft.text))
    same_script = bool(heads.runs) if in_chinese else any(text.strip() for text in heads.latin)
    if same_script or heads.figures or (not in_chinese and chinese_names().search(heads.chinese)):
        return "it says nothing of what the headlines say"
    # Of headlines in another script without a known name or a figure nobody can tell: something of the sources, then.
    tied = in_chinese or figures(draft.text) or names.names(draft.text)
    return None if tied else "it names nothing that the sources name"


def _shares(text: str, heads: Sources) -> bool:
    """A figure, a name or a word that the headlines have."""
    if any(figure.meanings & heads.figures for figure in figures(text)):
        return True
    if names.shares_name(text, heads) or chinese.shares_name(text, heads):
        return True
    return _common_words(text, heads) or _common_pairs(text, heads)


def _common_words(text: str, heads: Sources) -> bool:
    told = {_stem(word) for line in heads.latin for word in line.split() if len(word) > 3}  # noqa: PLR2004  as above
    return any(_stem(word) in told for word in map(fold_word, words(text)) if word not in _FUNCTION)


def _common_pairs(text: str, heads: Sources) -> bool:
    return any(run[at : at + 2] in heads.chinese for run in han_runs(simplified(text)) for at in range(len(run) - 1))
