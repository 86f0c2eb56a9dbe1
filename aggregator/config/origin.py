"""Where a configuration was read from, and what in it is shown to nobody."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote, unquote

Key = tuple[str | int, ...]

_USER = re.compile(r"(?<=://)[^/?#\s]*@")
_BARE = "%/:?@!$&'()*+,;="
_SHORTEST = 4
"""A shorter value is no secret, and would be found in every sentence."""


@dataclass(frozen=True, slots=True)
class Origin:
    """`hidden`: keys whose value came from the environment, each with the text in the file; `given`: the variables that
    stand in the sources and the writer, each with its value.
    """

    file: Path = Path("feeds.yaml")
    base: Path = Path()
    lines: Mapping[Key, int] = field(default_factory=dict)
    hidden: Mapping[Key, str] = field(default_factory=dict)
    given: Mapping[str, str] = field(default_factory=dict, repr=False)

    def masked(self, text: str) -> str:
        """A text that may hold the address of a source, without what is before an @, variables named instead of said."""
        text = _USER.sub("***@", text)
        for value, name in sorted(self._spellings(), reverse=True, key=lambda pair: len(pair[0])):
            text = text.replace(value, f"${{{name}}}")
        return text

    def _spellings(self) -> Iterator[tuple[str, str]]:
        """As it is, and as an address may spell it: libraries escape more of it, and less."""
        for name, value in self.given.items():
            if len(value) >= _SHORTEST:
                for said in (value, unquote(value)):
                    yield from ((spelled, name) for spelled in (said, quote(said, safe=""), quote(said, safe=_BARE)))
