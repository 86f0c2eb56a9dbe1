"""Nodes -> the plain data that is validated, with `${NAME}` filled in from the environment.

A draft knows the line of each key, and which values came from the environment: those are never shown again.
"""

import re
from collections.abc import Mapping as MappingOf
from dataclasses import dataclass, field, replace
from typing import Any

from aggregator.config.document import Mapping, Node, Scalar, Sequence, show_path
from aggregator.config.origin import Key
from aggregator.errors import Mistake

_REFERENCE = re.compile(r"(?P<literal>\$\$\{)|\$\{(?P<inside>[^}]*)(?P<closed>\}?)")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


@dataclass(frozen=True, slots=True)
class Draft:
    """`hidden`: keys whose value came from the environment, each with the text in the file; `given`: the variables that
    stand in the sources and the writer, each with its value. `unset`: keys whose variable is missing, so that nothing can be said of
    the value.
    """

    file: str
    data: Any = None
    lines: dict[Key, int] = field(default_factory=dict)
    hidden: dict[Key, str] = field(default_factory=dict)
    given: dict[str, str] = field(default_factory=dict, repr=False)
    unset: set[Key] = field(default_factory=set)
    mistakes: list[Mistake] = field(default_factory=list)

    def mistake(self, key: Key, message: str, hint: str | None = None) -> Mistake:
        return Mistake(self.file, self.line(key), show_path(key), message, hint)

    def line(self, key: Key) -> int | None:
        """Of the key, or of the nearest thing around it that stands in the file."""
        while key and key not in self.lines:
            key = key[:-1]
        return self.lines.get(key)

    def rows(self, name: str) -> list[tuple[Key, dict[str, Any]]]:
        """The mappings of a list, whatever else is in it: what is wrong with the rest is said elsewhere."""
        listed = self.data.get(name) if isinstance(self.data, dict) else None
        if not isinstance(listed, list):
            return []
        return [((name, index), row) for index, row in enumerate(listed) if isinstance(row, dict)]


def fill_in(root: Node, file: str, environ: MappingOf[str, str] | None) -> Draft:
    """`environ` None: every variable counts as set to something that we do not know."""
    draft = Draft(file)
    data = _plain(root, (), draft, environ)
    return replace(draft, data=data)


def escape(text: str) -> str:
    """So that a text is read back as it is, whatever it holds."""
    return text.replace("${", "$${")


def _plain(node: Node, key: Key, draft: Draft, environ: MappingOf[str, str] | None) -> Any:
    draft.lines.setdefault(key, node.line)
    if isinstance(node, Sequence):
        return [_plain(item, (*key, index), draft, environ) for index, item in enumerate(node.items)]
    if isinstance(node, Mapping):
        found = {}
        for name, value in node.pairs:
            draft.lines[*key, name.text] = name.line
            found[name.text] = _plain(value, (*key, name.text), draft, environ)
        return found
    if isinstance(node.value, str) and "${" in node.value:
        return _filled(node, key, draft, environ)
    return node.value


def _filled(node: Scalar, key: Key, draft: Draft, environ: MappingOf[str, str] | None) -> str:
    def known(found: re.Match[str]) -> str:
        if found["literal"]:
            return "${"
        name = found["inside"]
        if not found["closed"] or not _NAME.fullmatch(name):
            draft.unset.add(key)
            draft.mistakes.append(
                draft.mistake(
                    key, "${ begins no name of a variable", "write ${NAME}, or $${ for the characters themselves"
                )
            )
            return ""
        draft.hidden[key] = node.text
        if environ is None:
            draft.unset.add(key)
        elif name not in environ:
            draft.unset.add(key)
            draft.mistakes.append(
                draft.mistake(key, f"the environment variable {name} is not set", f"set it, as in: export {name}=…")
            )
        value = environ.get(name, "") if environ is not None else ""
        if key[:1] in {("sources",), ("writer",)}:
            draft.given[name] = value
        return value

    return _REFERENCE.sub(known, node.text)
