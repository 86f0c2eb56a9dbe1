"""Whole letters as readers get them: of the sample editions, with the head that is sent, and ready to be spoiled."""

from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path

from aggregator.config import Config
from aggregator.model import TOKEN_PLACEHOLDER, Delivery, Edition
from aggregator.publish import mail
from aggregator.publish.lint import Letter, Own
from aggregator.send.message import prepare
from tests.support import editions

ROOT = Path(__file__).parents[2]
OWN = Own("https://briefing.example.org", "https://read.example.org")
SAMPLES: dict[str, tuple[Edition, Config]] = {
    "english": (editions.english(), editions.config()),
    "chinese": (editions.chinese(), editions.config("zh-Hans")),
    "traditional": (replace(editions.chinese(), language="zh-Hant"), editions.config("zh-Hant")),
    "arabic": (replace(editions.english(), language="ar"), editions.config("ar")),
    "one story": (editions.single(), editions.config()),
}


@cache
def letter(name: str, *, plain: bool = False) -> Letter:
    edition, config = SAMPLES[name]
    made = mail.render_plain(edition, config) if plain else mail.render(edition, config, (ROOT / "templates",))
    return Letter(made.html, made.text, raw(edition, config, made), OWN)


def raw(edition: Edition, config: Config, made: mail.Mail) -> bytes:
    prepared = prepare(config, config.newsletters[0], edition, made.html, made.text)
    at = edition.composed
    sample = Delivery(
        id=1, newsletter="daily", number=1, subscriber=1, email="reader@example.org", name=None, subscription=1,
        state="planned", attempts=0, token=0, message_id="<one@example.org>", updated=at, due=at, created=at,
    )  # fmt: skip
    return prepared.letter(sample, TOKEN_PLACEHOLDER)


@dataclass(frozen=True, slots=True)
class Spoiled:
    """One thing made wrong. `old` gives way to `new`, once, in one part; `at` is found on the line that is told, where
    that is not the line of `new`; `line` is that line, where it stands for itself.
    """

    rule: str
    new: str = field(repr=False)
    old: str = "</h1>"
    part: str = "html"
    at: str = ""
    line: int = 0
    told_in: str = ""
    """The part in which it is found, where that is another one."""

    def spoil(self, good: Letter) -> Letter:
        if self.part == "html":
            return replace(good, html=self._change(good.html or ""), raw=None)
        if self.part == "text":
            return replace(good, text=self._change(good.text or ""), raw=None)
        return Letter.read(self._change((good.raw or b"").decode()).encode(), good.own)

    def told_on(self, spoiled: Letter) -> int:
        whole = {"html": spoiled.html, "text": spoiled.text, "head": (spoiled.raw or b"").decode("utf-8", "replace")}
        content = whole[self.part] or ""
        return self.line or content.count("\n", 0, content.index(self.at or self.new.lstrip("\r\n"))) + 1

    def _change(self, content: str) -> str:
        assert self.old in content, self.old
        return content.replace(self.old, self.new, 1)


def page(snippet: str) -> str:
    """What stands after the masthead."""
    return f"</h1>\n{snippet}"
