"""A rendered template in pieces: what is always there, slots for words, and blocks that may be left out or moved.

A template marks a block by `{% call block("item", item) %} … {% endcall %}`: Jinja sees to it that it ends. In the
rendered document a mark is a name between two non-characters, which Unicode keeps for a program's own use and trusted
text has not (`trust`); in HTML it is a comment besides, so that it may stand between the rows of a table and goes
through premailer as it is.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from jinja2.runtime import Macro
from markupsafe import Markup

from aggregator.model import EditionItem, EditionSection, Link

_OPEN, _CLOSE = "\ufdd0", "\ufdd1"
NON_CHARACTERS = "\ufdd0-\ufdef"
"""A range for a regular expression."""
_MARK = re.compile(f"(?:<!--)?{_OPEN}([^{_OPEN}{_CLOSE}]*){_CLOSE}(?:-->)?")

OF_STORIES = ("line", "lead", "item")
OF_NOTHING = ("opening", "contents", "also", "related", "quick", "more")
KINDS: Mapping[str, type | None] = {
    **dict.fromkeys(OF_STORIES, EditionItem),
    "section": EditionSection,
    "link": Link,
    **dict.fromkeys(OF_NOTHING, None),
}
"""The kinds of block, each with what it is given."""

Scope: TypeAlias = tuple[str, str]
"""A kind, and the key of the block around it: the items of one section, the side lines of one story."""
Part: TypeAlias = "str | Slot | Row"
Parts: TypeAlias = tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Slot:
    name: str


@dataclass(frozen=True, slots=True)
class Row:
    """Blocks of one kind in one place: those that are wanted stand there, in the order in which they are wanted."""

    scope: Scope
    blocks: Mapping[str, Parts]


# --- marking ---------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Marks:
    """What a template marks its blocks with. Keys may hold any text: in a mark stands their number."""

    comments: bool
    """Whether marks are comments: in HTML."""
    keys: list[str] = field(default_factory=list)

    def block(self, kind: str, thing: EditionItem | EditionSection | Link | None = None, *, caller: Macro) -> str:
        """For `call`: a block of a kind, and which story, section or link it tells."""
        if kind not in KINDS:
            raise ValueError(f"there is no block {kind!r}; there are {', '.join(KINDS)}")
        given = KINDS[kind]
        if given is None:
            self.keys.append("")
        elif thing is not None and isinstance(thing, given):
            self.keys.append(key(thing))
        else:
            raise TypeError(f"block {kind!r} is given the story, section or link that it tells")
        return self._mark(f"+{kind} {len(self.keys) - 1}") + caller() + self._mark("-")

    def _mark(self, name: str) -> str:
        return Markup(f"<!--{mark(name)}-->") if self.comments else mark(name)  # noqa: S704  our own signs


def mark(name: str) -> str:
    return f"{_OPEN}{name}{_CLOSE}"


def slots(names: Sequence[str]) -> Mapping[str, str]:
    return {name: mark(name) for name in names}


def has_mark(text: str) -> bool:
    return _OPEN in text


def names(document: str) -> list[str]:
    """The marks of a document, in their order."""
    return _MARK.findall(document)


def key(thing: EditionItem | EditionSection | Link) -> str:
    match thing:
        case EditionItem():
            return thing.story
        case EditionSection():
            return thing.slug
        case Link():
            return f"{thing.url} {thing.title}"


# --- taking apart ----------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Begun:
    kind: str
    key: str
    around: str
    parts: list[Part] = field(default_factory=list)


def parse(document: str, keys: Sequence[str] = ()) -> Parts:
    """Raises ValueError for a mark that is none any more."""
    begun = [_Begun("", "", "")]
    for place, piece in enumerate(_MARK.split(document)):
        if place % 2 == 0:
            begun[-1].parts += _literal(piece)
        elif piece.startswith("+"):
            kind, number = piece[1:].split(" ")
            begun.append(_Begun(kind, keys[int(number)] or begun[-1].key, begun[-1].key))
        elif piece == "-":
            done = begun.pop()
            _put(begun[-1].parts, done)
        else:
            begun[-1].parts.append(Slot(piece))
    return tuple(begun[0].parts)


def _literal(text: str) -> Iterator[str]:
    if _OPEN in text or _CLOSE in text:
        raise ValueError("a slot or a block was changed: no filter may be put on it")
    if text:
        yield text


def _put(parts: list[Part], done: _Begun) -> None:
    """Beside the blocks of its kind, where it follows them."""
    scope, name = (done.kind, done.around), done.key if KINDS[done.kind] else ""
    beside = parts[:-1] if parts and isinstance(parts[-1], str) and not parts[-1].strip() else parts
    if beside and isinstance(last := beside[-1], Row) and last.scope == scope and name:
        parts[len(beside) - 1 :] = [Row(scope, {**last.blocks, name: tuple(done.parts)})]
    else:
        parts.append(Row(scope, {name: tuple(done.parts)}))


def walk(parts: Parts) -> Iterator[Slot | Row]:
    """Every slot and every row, those inside of blocks too."""
    for part in parts:
        if isinstance(part, str):
            continue
        yield part
        if isinstance(part, Row):
            for inner in part.blocks.values():
                yield from walk(inner)


# --- putting together ------------------------------------------------------------------------------------


def fill(parts: Parts, wanted: Mapping[Scope, Sequence[str]], say: Callable[[str], str]) -> str:
    out: list[str] = []
    _fill(parts, wanted, say, out)
    return "".join(out)


def _fill(parts: Parts, wanted: Mapping[Scope, Sequence[str]], say: Callable[[str], str], out: list[str]) -> None:
    for part in parts:
        if isinstance(part, str):
            out.append(part)
        elif isinstance(part, Slot):
            out.append(say(part.name))
        else:
            for name in wanted.get(part.scope, ()):
                _fill(part.blocks[name], wanted, say, out)
