"""A reply becomes a draft, or is of no use. Read strictly: one JSON object of the form that was asked for, and nothing else."""

import re
from dataclasses import dataclass

import msgspec

from aggregator.model import Reply

_FENCE = re.compile(r"\A```(?:json|JSON)?[ \t]*\n(.*)\n[ \t]*```\Z", re.DOTALL)
_THOUGHTS = re.compile(r"\A\s*<think(?:ing)?>.*?</think(?:ing)?>", re.DOTALL)
_FULL = frozenset(("length", "max_tokens"))
_WHOLE = frozenset(("", "stop", "stop_sequence", "eos_token", "end_turn"))
"""Servers have several words for it."""


class _Sentence(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    text: str
    sources: tuple[int, ...]


class _Answer(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    sentences: tuple[_Sentence, ...]


_DECODER = msgspec.json.Decoder(_Answer)


@dataclass(frozen=True, slots=True)
class Draft:
    """Sentences, each with the numbers of the sources that it names. Not verified yet."""

    sentences: tuple[tuple[str, tuple[int, ...]], ...]
    between: str = " "
    """What stands between two of them: nothing, in Chinese."""

    @property
    def text(self) -> str:
        return self.between.join(text for text, _ in self.sentences)

    @property
    def named(self) -> tuple[int, ...]:
        """The sources that are named, each once."""
        return tuple(sorted({number for _, numbers in self.sentences for number in numbers}))


@dataclass(frozen=True, slots=True)
class Useless:
    """An answer that is none, and why."""

    reason: str


def read(reply: Reply, *, language: str) -> Draft | Useless:
    if reply.refusal:
        return Useless(f"the model refused: {reply.refusal[:120]}")
    if reply.finish in _FULL:
        return Useless("the answer is cut short: it is longer than writer.answer_tokens")
    if reply.finish not in _WHOLE:
        return Useless(f"the answer ended by “{reply.finish[:40]}”")
    if reply.text is None or not reply.text.strip():
        return Useless("the answer is empty")
    return _decoded(_THOUGHTS.sub("", reply.text, count=1).strip(), language)


def _decoded(text: str, language: str) -> Draft | Useless:
    """Models without a schema put the object into a fence, which says nothing; what stands around one does."""
    fenced = _FENCE.match(text)
    try:
        answer = _DECODER.decode((fenced[1] if fenced else text).encode("utf-8", "strict"))
    except (msgspec.DecodeError, UnicodeEncodeError, RecursionError) as error:
        return Useless(f"the answer is not the JSON that was asked for: {str(error)[:120]}")
    between = "" if language.lower().startswith("zh") else " "
    return Draft(tuple((one.text.strip(), one.sources) for one in answer.sentences), between)
