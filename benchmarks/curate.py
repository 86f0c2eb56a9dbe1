"""Curating a backlog as a whole, and how long another process waits to write meanwhile; one late entry of an archive.

    python benchmarks/curate.py [ENTRIES [ARCHIVE]]

Entries of 120 words drawn from 4,000, all distinct, as after a first poll. The floor of the wait is the same writer in
the same run with nobody beside it. Figures are wall and CPU seconds, and the longest and the median write. With ARCHIVE,
so many entries of two years are there already, and one of two years ago comes late: seconds, and the most memory that
a process took which did nothing else.
"""

import multiprocessing
import random
import resource
import sys
import tempfile
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from multiprocessing.synchronize import Event
from pathlib import Path
from statistics import median

from aggregator.app import App
from aggregator.config import Config
from aggregator.curate.dedup import keys
from aggregator.model import Choice, Entry, Judgement
from aggregator.store import entries, journal
from aggregator.store.engine import open_engine, writing

WORDS = [f"word{number}" for number in range(4000)]
NOW = datetime(2020, 5, 14, 12, tzinfo=UTC)
PAUSE = 0.02
ALONE = 2.0


YEARS = 2 * 365 * 24 * 60
CHUNK = 1000


def entry(number: int, chance: random.Random, *, minutes: int = 2000) -> Entry:
    text = " ".join(chance.choices(WORDS, k=120))
    url = f"https://wire.example/{number}"
    return Entry(
        id=f"e{number:06}",
        source="wire",
        guid=url,
        url=url,
        canonical_url=f"wire.example/{number}",
        title=" ".join(chance.choices(WORDS, k=9)),
        summary=text[:300],
        content=f"<p>{text}</p>",
        author=None,
        tags=(),
        language="en",
        published=NOW - timedelta(minutes=chance.randrange(minutes)),
        updated=None,
        seen=NOW,
        words=120,
    )


def write_on(database: str, stop: Event, waits: "multiprocessing.Queue[list[float]]") -> None:
    engine, took = open_engine(database), list[float]()
    while not stop.is_set():
        begun = time.perf_counter()
        with writing(engine) as conn:
            journal.write(conn, NOW, "wire", "a note")
        took.append(time.perf_counter() - begun)
        time.sleep(PAUSE)
    waits.put(took)


class Writer:
    """Another process that writes a row again and again."""

    def __init__(self, database: str) -> None:
        self._stop = multiprocessing.Event()
        self._waits: multiprocessing.Queue[list[float]] = multiprocessing.Queue()
        self._process = multiprocessing.Process(target=write_on, args=(database, self._stop, self._waits))
        self._process.start()

    def end(self) -> list[float]:
        self._stop.set()
        took = self._waits.get(timeout=60)
        self._process.join()
        return took


def told(name: str, took: list[float]) -> str:
    return f"{name:<22} longest {max(took) * 1000:8.1f} ms   median {median(took) * 1000:6.2f} ms   of {len(took)}"


def app_on(database: str) -> App:
    source = {"name": "wire", "url": "https://wire.example/feed"}
    publication = {"title": "Benchmark", "link": "https://desk.example"}
    config = Config.model_validate({"publication": publication, "database": database, "sources": [source]})
    return App(config, clock=lambda: NOW)


def add(app: App, found: list[Entry]) -> None:
    with writing(app.engine) as conn:
        entries.add(conn, found, news={one.id: True for one in found})


def backlog(database: str, count: int) -> None:
    chance, app = random.Random(1), app_on(database)
    add(app, [entry(number, chance) for number in range(count)])
    writer = Writer(database)
    time.sleep(ALONE)
    alone = writer.end()
    writer = Writer(database)
    wall, cpu = time.perf_counter(), time.process_time()
    curated = app.curate()
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    beside = writer.end()
    app.close()
    print(f"{curated.entries} entries, {curated.stories} stories: {wall:.1f} s wall, {cpu:.1f} s CPU")
    print(told("a writer alone", alone))
    print(told("beside the curator", beside))


def fill(database: str, count: int) -> None:
    """An archive as curating leaves it, each entry a story of its own."""
    chance, app = random.Random(2), app_on(database)
    for start in range(0, count, CHUNK):
        add(app, [entry(number, chance, minutes=YEARS) for number in range(start, min(count, start + CHUNK))])
        with writing(app.engine) as conn:
            waiting = entries.waiting(conn, limit=CHUNK)
            entries.judge(conn, [judged(stored) for stored in waiting], NOW)
    app.close()


def judged(stored: entries.Stored) -> entries.Judged:
    founded = Choice(f"s{stored.entry.id[1:]}", "the first to tell it")
    judgement = Judgement(
        entry=stored.entry.id,
        language="en",
        categories=(),
        section=Choice("briefings", "no mark says otherwise"),
        duplicate_of=None,
        story=founded,
    )
    return entries.Judged(read=stored, judgement=judgement, keys=keys(stored.entry))


def curate_late(database: str, answer: "multiprocessing.Queue[tuple[float, int, int]]") -> None:
    app = app_on(database)
    before, start = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.perf_counter()
    app.curate()
    took, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    answer.put((took, before, after))
    app.close()


def archive(database: str, count: int) -> None:
    fill(database, count)
    app = app_on(database)
    add(app, [replace(entry(count, random.Random(3)), published=NOW - timedelta(days=729))])
    app.close()
    spawn = multiprocessing.get_context("spawn")
    answer: multiprocessing.Queue[tuple[float, int, int]] = spawn.Queue()
    process = spawn.Process(target=curate_late, args=(database, answer))
    process.start()
    took, before, after = answer.get(timeout=600)
    process.join()
    print(f"a late one among {count}: {took:.2f} s wall, {after / 1024:.0f} MB at most ({before / 1024:.0f} MB before)")


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 5000
    old = int(sys.argv[2]) if len(sys.argv) > 2 else 0
    with tempfile.TemporaryDirectory() as folder:
        backlog(f"sqlite:///{Path(folder) / 'backlog.db'}", count)
        if old:
            archive(f"sqlite:///{Path(folder) / 'archive.db'}", old)


if __name__ == "__main__":
    main()
