"""Cut and join the text of a YAML file at the places of its nodes; all else in it stays as it is."""

import json
import re
from collections.abc import Mapping as MappingOf
from typing import Any

from aggregator.config.document import Mapping, Node, Scalar, Sequence

_WORD = r"[A-Za-z0-9\u3400-\u9fff][A-Za-z0-9\u3400-\u9fff_./?&=%+~@-]*"
_PLAIN = re.compile(rf"/|/?{_WORD}(?: {_WORD})*")
_ADDRESS = re.compile(r"https?://[A-Za-z0-9_./:?&=%+~@-]*[A-Za-z0-9_/=-]")
_SPECIAL = re.compile(r"[\x7f-\xa0\u2028\u2029\ufeff\ufffe\uffff\ud800-\udfff]")
_RESERVED = {"true", "false", "null", "yes", "no", "on", "off", "y", "n"}


def append_rows(text: str, head: Scalar, listed: Node, rows: list[dict[str, Any]]) -> str:
    """Add items to the list under a key, in the style of its last item."""
    if isinstance(listed, Sequence) and listed.flow:
        return _into_brackets(text, listed, [flow(row) for row in rows])
    last = listed.items[-1] if isinstance(listed, Sequence) else None
    column = _column(text, listed.start) if last else _column(text, head.start) + 2
    place = _line_end(text, _content_end(text, last) if last else head.end)
    newline = _newline(text)
    if isinstance(last, Mapping) and not last.flow:
        lines = [f"{newline}{' ' * (column + 2)}".join(_pairs(row)) for row in rows]
    else:
        lines = [flow(row) for row in rows]
    return text[:place] + "".join(f"{newline}{' ' * column}- {line}" for line in lines) + text[place:]


def with_list(text: str, root: Mapping, key: str) -> str:
    """With this key of the whole file, whose list may be empty: a new one stands at the end."""
    if any(name.text == key for name, _ in root.pairs):
        return text
    if root.flow:
        return set_key(text, root, key, [])
    newline = _newline(text)
    indent = " " * _column(text, root.pairs[0][0].start)
    return f"{text}{'' if text.endswith(newline) else newline}{newline}{indent}{key}:{newline}"


def remove_item(text: str, listed: Sequence, index: int) -> str:
    item = listed.items[index]
    if listed.flow:
        return _without(text, item.start, item.end)
    start = _dash_line(text, item, _column(text, listed.start))
    return text[:start] + text[_next_line(text, _content_end(text, item)) :]


def set_key(text: str, row: Mapping, key: str, value: Any) -> str:
    for name, old in row.pairs:
        if name.text == key:
            colon = text.index(":", name.end) + 1
            return f"{text[:colon]} {flow(value)}{text[max(colon, _own_end(text, old)) :]}"
    last, value_node = row.pairs[-1]
    place = max(_own_end(text, value_node), text.index(":", last.end) + 1)
    if row.flow:
        return f"{text[:place]}, {key}: {flow(value)}{text[place:]}"
    place = _line_end(text, place)
    indent = " " * _column(text, row.pairs[0][0].start)
    return f"{text[:place]}{_newline(text)}{indent}{key}: {flow(value)}{text[place:]}"


def remove_key(text: str, row: Mapping, key: str) -> str:
    names = [name.text for name, _ in row.pairs]
    if key not in names:
        return text
    index = names.index(key)
    name, value = row.pairs[index]
    end = max(_own_end(text, value), text.index(":", name.end) + 1)
    if row.flow:
        return _without(text, name.start, end)
    if index == 0 and len(row.pairs) > 1:  # it may share its line with the dash
        return text[: name.start] + text[row.pairs[1][0].start :]
    return text[: _line_start(text, name.start)] + text[_next_line(text, end) :]


def flow(value: Any) -> str:
    """On one line: a scalar, [a, b], or {a: b}."""
    if isinstance(value, bool) or value is None:
        return json.dumps(value)
    if isinstance(value, int | float):
        return str(value)
    if isinstance(value, MappingOf):
        return f"{{{', '.join(_pairs(value))}}}"
    if isinstance(value, list):
        return f"[{', '.join(flow(item) for item in value)}]"
    return _scalar(str(value))


def _pairs(row: MappingOf[str, Any]) -> list[str]:
    return [f"{_scalar(key)}: {flow(value)}" for key, value in row.items()]


def _scalar(text: str) -> str:
    """Plain where that is read back as the same text, by YAML 1.1 as well; else in double quotes."""
    plain = _PLAIN.fullmatch(text) or _ADDRESS.fullmatch(text)
    if plain and text.lower() not in _RESERVED and isinstance(Scalar(text, True, 0, 0, 0).value, str):  # noqa: FBT003  plain
        return text
    return _SPECIAL.sub(lambda found: f"\\u{ord(found[0]):04x}", json.dumps(text, ensure_ascii=False))


def _into_brackets(text: str, listed: Sequence, rows: list[str]) -> str:
    joined = ", ".join(rows)
    if not listed.items:
        return f"{text[: listed.start + 1]}{joined}{text[listed.start + 1 :]}"
    place = _content_end(text, listed.items[-1])
    return f"{text[:place]}, {joined}{text[place:]}"


def _without(text: str, start: int, end: int) -> str:
    """A part of a flow collection goes, and one comma with it."""
    after = re.compile(r"\s*,[ \t]*").match(text, end)
    if after:
        return text[:start] + text[after.end() :]
    return re.sub(r"\s*,\s*$", "", text[:start]) + text[end:]


def _content_end(text: str, node: Node) -> int:
    """Where its last own character ends: the parser lets blocks reach over the comments and blank lines behind them."""
    if isinstance(node, Scalar):
        return node.start + len(text[node.start : node.end].rstrip())
    if node.flow:
        return node.end
    if isinstance(node, Sequence):
        return max((_content_end(text, item) for item in node.items), default=node.start)
    return max(max(name.end, _own_end(text, value)) for name, value in node.pairs)


def _own_end(text: str, value: Node) -> int:
    """An empty value has no place of its own: the parser puts it where the next thing begins."""
    return -1 if value.start == value.end and isinstance(value, Scalar) else _content_end(text, value)


def _dash_line(text: str, item: Node, column: int) -> int:
    """The start of the line with the dash before a block item: all dashes of a list stand in one column."""
    start = _line_start(text, item.start)
    while start > 0 and text[start : start + column + 1] != f"{' ' * column}-":
        start = _line_start(text, start - 1)
    return start


def _column(text: str, place: int) -> int:
    return place - _line_start(text, place)


def _line_start(text: str, place: int) -> int:
    return text.rfind("\n", 0, place) + 1


def _line_end(text: str, place: int) -> int:
    end = text.find("\n", place)
    end = len(text) if end < 0 else end
    return end - 1 if text[end - 1 : end] == "\r" and end > place else end


def _next_line(text: str, place: int) -> int:
    end = text.find("\n", place)
    return len(text) if end < 0 else end + 1


def _newline(text: str) -> str:
    return "\r\n" if "\r\n" in text else "\n"
