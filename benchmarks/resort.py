"""What it costs to see, and to do, what changed rules would move: made-up news of thirty days, English and Chinese.

    python benchmarks/resort.py [--entries 100000]

Every entry is a story of its own. The rules are those of the feeds.yaml that we ship; then one category is left out and
another weighs three times as much. CPU seconds; the most memory beyond what the process had before; how long the database was
held by the longest transaction of `categories apply`.
"""

import argparse
import random
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from itertools import islice
from pathlib import Path
from typing import TypeVar

from invented import NOW, news
from sqlalchemy import Engine, event, update

from aggregator.app import App
from aggregator.config import Config
from aggregator.config.load import load
from aggregator.curate import language
from aggregator.model import Entry
from aggregator.pipeline import plan_rules
from aggregator.pipeline.curator import Curator
from aggregator.pipeline.moves import WINDOW, preview
from aggregator.pipeline.sorting import Sorter
from aggregator.store import entries, sorting, stories
from aggregator.store.engine import reading, writing
from aggregator.store.tables import entries as table

CHUNK = 2000
Found = TypeVar("Found")
OURS = Path(__file__).parents[1] / "feeds.yaml"


def configs(database: str) -> tuple[Config, Config]:
    """Before the rules changed, and after."""
    shipped = load(OURS, {"SMTP_PASSWORD": "none", "SMTP_URL": "smtp://127.0.0.1:25"})
    before = shipped.model_copy(update={"database": database})
    _, second, *rest = before.categories
    more = second.model_copy(update={"weight": 3.0})
    return before, before.model_copy(update={"categories": (more, *rest)})


def about(config: Config, count: int) -> Iterator[Entry]:
    """News, every second of which has a term or two of our rules in its headline."""
    chance, terms = random.Random(1), [term for category in config.categories for term in category.any]
    for entry in news(count, span=timedelta(days=29)):
        said = chance.sample(terms, chance.choice((0, 0, 1, 2)))
        yield replace(entry, title=" ".join((entry.title, *said)))


def fill(app: App, count: int) -> None:
    """Judged by hand: curating so many would take half an hour."""
    with reading(app.engine) as conn:
        curator = Curator.on(conn, app.config)
    left = about(app.config, count)
    while chunk := list(islice(left, CHUNK)):
        with writing(app.engine) as conn:
            entries.add(conn, chunk, news={one.id: True for one in chunk})
            for one in chunk:
                values = {"curated": NOW, "story": f"s{one.id[1:]}", "story_reason": "", "section": "briefings"}
                values |= {"section_reason": "", "language": language.detect(one.title, one.summary, one.language)}
                conn.execute(update(table).where(table.c.id == one.id).values(**values))
            said = {one.id: curator.sorter.sort(one, None) for one in chunk}
            sorting.write(conn, {id_: (one.categories, one.section) for id_, one in said.items()})
            told_by = stories.reports(conn, [f"s{one.id[1:]}" for one in chunk], curator.outlets)
            stories.save(conn, curator.tell(conn, told_by, NOW))


@contextmanager
def longest(engine: Engine) -> Iterator[list[float]]:
    """Seconds for which writing transactions held the database."""
    held, began = [0.0], [0.0]

    def begin(_: object) -> None:
        began[0] = time.perf_counter()

    def end(_: object) -> None:
        held[0] = max(held[0], time.perf_counter() - began[0])

    event.listen(engine, "begin", begin)
    event.listen(engine, "commit", end)
    yield held
    event.remove(engine, "begin", begin)
    event.remove(engine, "commit", end)


def timed(what: str, count: int, do: Callable[[], Found]) -> Found:
    memory, began = _memory(), time.process_time()
    found = do()
    took = time.process_time() - began
    print(f"{what}: {took:.1f} CPU s, {took / count * 1e6:.0f} µs an entry; {_memory() - memory:.0f} MB more at most")
    return found


def _memory() -> float:
    """The most that this process took so far, in MB; what `getrusage` says is inherited from whoever started it."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--entries", type=int, default=100_000)
    count = parser.parse_args().entries
    with tempfile.TemporaryDirectory() as folder:
        before, after = configs(f"sqlite:///{folder}/resort.db")
        app = App(before, clock=lambda: NOW)
        timed(f"{count:,} entries are made", count, lambda: fill(app, count))
        since = NOW - WINDOW
        most = plan_rules.LOOKED_AT
        timed("plan", min(most, count), lambda: preview(app.engine, after, since=since, most=most))
        seen = timed("categories test", count, lambda: preview(app.engine, after, since=since))
        print(f"  {seen.moved:,} would move, {seen.gained:,} gain a further one, {seen.lost:,} lose one")
        changed = App(after, clock=lambda: NOW)
        with longest(changed.engine) as held:
            done = timed("categories apply", count, lambda: changed.resort(WINDOW))
        print(
            f"  {done.moved:,} moved, {done.stories:,} stories changed; the longest transaction: {held[0] * 1000:.0f} ms"
        )
        timed("categories apply, once more", count, lambda: changed.resort(WINDOW))
        with reading(changed.engine) as conn:
            timed("the sorter is made", 1, lambda: Sorter.on(conn, after))
        app.close()
        changed.close()


if __name__ == "__main__":
    main()
