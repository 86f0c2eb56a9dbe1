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
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from aggregator.config import Config  # noqa: E402  the tests' samples are beside this folder
from aggregator.model import Edition  # noqa: E402
from aggregator.publish import inline  # noqa: E402
from aggregator.publish.sheet import prepare, put_together  # noqa: E402
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


def premailer_alone(edition: Edition, config: Config) -> float:
    """Of rendering one letter: what premailer takes."""
    taken: list[float] = []
    by_premailer = inline.by_premailer

    def timed(document: str, css: str) -> str:
        done: list[str] = []
        taken.append(seconds(lambda: done.append(by_premailer(document, css))))
        return done[0]

    inline.by_premailer = timed
    try:
        least(lambda: prepare(edition, config, TEMPLATES))
    finally:
        inline.by_premailer = by_premailer
    return min(taken)


def report(whole: Edition, config: Config, chosen: Sequence[Edition]) -> None:
    sheet = prepare(whole, config, TEMPLATES)  # whatever loads at first use
    preparing = least(lambda: prepare(whole, config, TEMPLATES))
    each = [seconds(lambda edition=edition: put_together(sheet, edition)) for edition in chosen]  # type: ignore[misc]
    total = preparing + seconds(lambda: [put_together(sheet, edition) for edition in chosen])
    sizes = [len(put_together(sheet, edition).html.encode()) for edition in chosen]
    alone = sum(least(lambda edition=edition: prepare(edition, config, TEMPLATES)) for edition in chosen[:10]) / 10  # type: ignore[misc]
    premailer = sum(premailer_alone(edition, config) for edition in chosen[:10]) / 10
    print(
        f"{len(whole.items)} stories, {len(chosen):,} different letters of {min(sizes):,} to {max(sizes):,} bytes of HTML"
    )
    print(f"the sheet, once                   {preparing * 1e3:8.1f} ms")
    print(f"a letter, put together, median    {sorted(each)[len(each) // 2] * 1e3:8.3f} ms")
    print(f"                        longest   {max(each) * 1e3:8.3f} ms")
    print(f"the sheet and all letters         {total:8.2f} s")
    print(f"a letter rendered for itself      {alone * 1e3:8.1f} ms, of which premailer {premailer * 1e3:.1f} ms")
    print(
        f"all letters so                    {alone * len(chosen):8.1f} s, of which premailer {premailer * len(chosen):.1f} s"
    )


if __name__ == "__main__":
    stories = int(sys.argv[1]) if len(sys.argv) > 1 else 60
    edition = editions.many(stories)
    report(edition, editions.config(), variants(edition, _LETTERS))
