"""What a thousand readers with as many different wishes cost: `python benchmarks/mails.py [STORIES]`.

An edition of 60 stories (of the tests' samples) is prepared once, and 1,000 different letters, HTML and text, are put
together from it, each with a random part of the stories and another lead. Beside that stands what the same letter costs
when it is rendered for itself, and premailer's part of it. CPU time of one core; a letter's is the least of several.
"""

import random
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from aggregator.config import Config  # noqa: E402  the tests' samples are beside this folder
from aggregator.model import Edition  # noqa: E402
from aggregator.publish import inline  # noqa: E402
from aggregator.publish import sheet as sheet_module  # noqa: E402
from aggregator.publish.sheet import Sheet, prepare, put_together  # noqa: E402
from aggregator.send.message import prepare as serialise  # noqa: E402
from tests.support import editions  # noqa: E402

TEMPLATES = (ROOT / "templates",)
_LETTERS = 1000
_ROUNDS = 5
_SEED = 20


def variants(whole: Edition, count: int) -> list[Edition]:
    """Every one different: a tenth to all of the stories, in their order, the first of them as the lead."""
    draw = random.Random(_SEED)
    made: dict[tuple[str, ...], Edition] = {}
    while len(made) < count:
        wanted = draw.sample(whole.items, draw.randint(len(whole.items) // 10 or 1, len(whole.items)))
        made[tuple(item.story for item in wanted)] = _of(whole, {item.story for item in wanted}, wanted[0].story)
    return list(made.values())


def _of(whole: Edition, stories: set[str], lead: str) -> Edition:
    sections = tuple(
        replace(section, items=tuple(item for item in section.items if item.story in stories and item.story != lead))
        for section in whole.sections
    )
    led = next(item for item in whole.items if item.story == lead)
    return replace(
        whole,
        lead=led,
        sections=tuple(section for section in sections if section.items),
        subject=led.headline,
        opening=f"{len(stories)} stories of your own choice, led by one of {led.source}. {whole.opening}",
        minutes=len(stories),
        more=len(whole.items) - len(stories),
    )


def seconds(work: Callable[[], object]) -> float:
    begun = time.process_time()
    work()
    return time.process_time() - begun


def least(work: Callable[[], object]) -> float:
    return min(seconds(work) for _ in range(_ROUNDS))


def without_inlining(edition: Edition, config: Config) -> Sheet:
    """The blocks as the template has them: what premailer would get for each letter."""
    by_us = sheet_module.inlined
    sheet_module.inlined = lambda document, _css: document
    try:
        return prepare(edition, config, TEMPLATES)
    finally:
        sheet_module.inlined = by_us


def report(whole: Edition, config: Config, chosen: Sequence[Edition]) -> None:
    css = (TEMPLATES[0] / "mail" / "inline.css").read_text(encoding="utf-8")
    sheet = prepare(whole, config, TEMPLATES)
    once = least(lambda: prepare(whole, config, TEMPLATES))
    letters = [put_together(sheet, edition) for edition in chosen]
    each = [least(partial(put_together, sheet, edition)) for edition in chosen]
    every = seconds(lambda: [put_together(sheet, edition) for edition in chosen])
    newsletter = config.newsletters[0]
    pairs = list(zip(chosen, letters, strict=True))
    wire = seconds(lambda: [serialise(config, newsletter, one, made.html, made.text) for one, made in pairs])
    bare = without_inlining(whole, config)
    some = [put_together(bare, edition).html for edition in chosen[:20]]
    alone = sum(least(partial(inline.by_premailer, html, css)) for html in some) / len(some)
    sizes = [len(made.html.encode()) for made in letters]
    count = len(letters)
    print(f"{len(whole.items)} stories; {count:,} different letters of {min(sizes):,} to {max(sizes):,} bytes of HTML")
    print(f"the sheet, once                      {once * 1e3:9.1f} ms")
    print(f"a letter put together: median        {sorted(each)[count // 2] * 1e3:9.3f} ms")
    print(f"                       longest       {max(each) * 1e3:9.3f} ms")
    print(f"the sheet and all letters            {once + every:9.2f} s")
    print(f"  and serialised for the wire        {once + every + wire:9.2f} s")
    print(f"beside it, premailer for each letter {alone * 1e3:9.1f} ms")
    print(f"                 for all letters     {alone * count:9.1f} s")


if __name__ == "__main__":
    stories = int(sys.argv[1]) if len(sys.argv) > 1 else 60
    edition = editions.many(stories)
    report(edition, editions.config(), variants(edition, _LETTERS))
