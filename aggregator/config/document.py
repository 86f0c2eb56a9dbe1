"""The text of a YAML file -> nodes that know where they stand.

Built from the parser's events rather than by its own composer, so that each thing we do not allow (aliases, tags,
a second document, nesting without end, the same key twice) is refused by name, with its line, before it costs
anything. Scalars follow YAML 1.2: true and false alone are booleans, `no` and 07:00 are text.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml import events as yaml
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.reader import ReaderError

from aggregator.errors import ConfigError, Mistake

Event = Any  # the library declares no types for what its events carry

_DEEPEST = 30
_INTEGER = re.compile(r"[-+]?[0-9]{1,18}")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]{1,3})?")
_WORDS = {
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
    **dict.fromkeys(("null", "Null", "NULL", "~", ""), None),
}
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Scalar:
    """`line` counts from 1; `start` and `end` are places in the text, quotes included."""

    text: str
    plain: bool
    line: int
    start: int
    end: int

    @property
    def value(self) -> str | int | float | bool | None:
        if not self.plain:
            return self.text
        if self.text in _WORDS:
            return _WORDS[self.text]
        if _INTEGER.fullmatch(self.text):
            return int(self.text)
        return float(self.text) if _FLOAT.fullmatch(self.text) else self.text


@dataclass(frozen=True, slots=True)
class Sequence:
    items: "tuple[Node, ...]"
    flow: bool
    line: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Mapping:
    pairs: "tuple[tuple[Scalar, Node], ...]"
    flow: bool
    line: int
    start: int
    end: int

    def get(self, key: str) -> "Node | None":
        return next((value for name, value in self.pairs if name.text == key), None)


Node = Scalar | Sequence | Mapping


def read_text(data: bytes, file: str) -> str:
    """UTF-8, with or without a byte order mark. Raises ConfigError with the place of the first byte that is not."""
    try:
        return data.decode("utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        problem = f"byte 0x{data[error.start]:02x} at offset {error.start} is not UTF-8"
    raise ConfigError([Mistake(file, line, "", problem, "save the file as UTF-8")])


def read_nodes(text: str, file: str) -> tuple[Node | None, list[Mistake]]:
    """The document, None where there is none, and what is wrong with it beside its syntax.

    Raises ConfigError where it is no YAML at all.
    """
    builder = _Builder(file)
    try:
        events = YAML(typ="safe", pure=True).parse(text)
        root = builder.document(iter(events))
    except YAMLError as error:
        wrong = _syntax(error, text, file)
    except (ValueError, OverflowError) as error:  # a \U escape beyond Unicode, a %YAML number beyond sense
        wrong = Mistake(file, None, "", f"this is no YAML: {error}")
    else:
        return root, builder.mistakes
    raise ConfigError([wrong])


class _Builder:
    """Follows the events of one document and remembers what is refused."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.mistakes: list[Mistake] = []

    def document(self, events: Iterator[Event]) -> Node | None:
        root: Node | None = None
        documents = 0
        for event in events:
            if isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if documents > 1:
                    self.refuse(event, "", "a second document begins here", "leave one, without ---")
                    break
            elif isinstance(event, yaml.NodeEvent):
                root = self.node(event, events, ())
        return root

    def node(self, event: Event, events: Iterator[Event], path: tuple[str | int, ...]) -> Node:
        self.check(event, path)
        if len(path) > _DEEPEST:
            wrong = Mistake(self.file, _line(event), "", f"more than {_DEEPEST} levels of lists and mappings")
            raise ConfigError([*self.mistakes, wrong])
        if isinstance(event, yaml.MappingStartEvent):
            return self.mapping(event, events, path)
        if isinstance(event, yaml.SequenceStartEvent):
            return self.sequence(event, events, path)
        return self.scalar(event, path)

    def check(self, event: Event, path: tuple[str | int, ...]) -> None:
        key = show_path(path)
        if isinstance(event, yaml.AliasEvent):
            self.refuse(event, key, f"the alias *{event.anchor} is not allowed", "write the value out")
        elif event.anchor is not None:
            self.refuse(
                event, key, f"the anchor &{event.anchor} is not allowed", "write each value out where it stands"
            )
        tag = None if isinstance(event, yaml.AliasEvent) else event.tag
        if tag is not None:
            self.refuse(event, key, f"the tag {tag} is not allowed", "write the plain value")

    def scalar(self, event: Event, path: tuple[str | int, ...]) -> Scalar:
        if isinstance(event, yaml.AliasEvent):
            return Scalar("", plain=False, line=_line(event), start=event.start_mark.index, end=event.end_mark.index)
        text = str(event.value)
        if _LONE_SURROGATE.search(text):
            self.refuse(event, show_path(path), "half a surrogate pair is no character", "write the character itself")
            text = _LONE_SURROGATE.sub("\ufffd", text)
        return Scalar(text, event.style is None, _line(event), event.start_mark.index, event.end_mark.index)

    def sequence(self, start: Event, events: Iterator[Event], path: tuple[str | int, ...]) -> Sequence:
        items: list[Node] = []
        while not isinstance(event := next(events), yaml.SequenceEndEvent):
            items.append(self.node(event, events, (*path, len(items))))
        flow = bool(start.flow_style)
        return Sequence(tuple(items), flow, _line(start), start.start_mark.index, event.end_mark.index)

    def mapping(self, start: Event, events: Iterator[Event], path: tuple[str | int, ...]) -> Mapping:
        pairs: dict[str, tuple[Scalar, Node]] = {}
        while not isinstance(event := next(events), yaml.MappingEndEvent):
            scalar = isinstance(event, yaml.ScalarEvent | yaml.AliasEvent)
            key = self.node(event, events, path if scalar else (*path, "?"))
            if not isinstance(key, Scalar):
                self.refuse(
                    event, show_path(path), "a list or mapping cannot be a key", "write a name before the colon"
                )
                self.node(next(events), events, (*path, "?"))
                continue
            value = self.node(next(events), events, (*path, key.text))
            if key.text in pairs:
                first = pairs[key.text][0].line
                self.refuse(
                    event, show_path((*path, key.text)), f"this key is there already, in line {first}", "keep one"
                )
            pairs[key.text] = (key, value)
        flow = bool(start.flow_style)
        return Mapping(tuple(pairs.values()), flow, _line(start), start.start_mark.index, event.end_mark.index)

    def refuse(self, event: Event, key: str, message: str, hint: str) -> None:
        self.mistakes.append(Mistake(self.file, _line(event), key, message, hint))


def show_path(path: tuple[str | int, ...]) -> str:
    """As in sources[3].url."""
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path).removeprefix(".")


def _line(event: Event) -> int:
    return int(event.start_mark.line) + 1


def _syntax(error: YAMLError, text: str, file: str) -> Mistake:
    if isinstance(error, ReaderError):
        place = min(error.position, len(text))
        character = f"character U+{ord(text[place]):04X}" if place < len(text) else "this character"
        return Mistake(file, text.count("\n", 0, place) + 1, "", f"{character} is not allowed", "remove it")
    if not isinstance(error, MarkedYAMLError):
        return Mistake(file, None, "", "this is no YAML")
    mark = error.problem_mark or error.context_mark
    line = int(mark.line) + 1 if mark is not None else None
    problem = str(error.problem or error.context or "this is no YAML")
    if mark is not None and text[mark.index : mark.index + 1] == "\t":
        return Mistake(file, line, "", "a tab stands where indentation is", "indent with spaces")
    reference = mark is not None and text[mark.index - 1 : mark.index + 1] == "${"
    hint = "put ${NAME} in quotes where it stands between brackets" if reference else _hint(problem)
    return Mistake(file, line, "", f"this is no YAML: {problem}", hint)


def _hint(problem: str) -> str | None:
    if "mapping values are not allowed" in problem or "could not find expected ':'" in problem:
        return "put a text that holds a colon in quotes, and a space after each key's colon"
    if "<block end>" in problem:
        return "look at the indentation of this line and the one before it"
    return None
