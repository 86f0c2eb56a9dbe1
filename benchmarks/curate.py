"""Curating a backlog as a whole, and how long another process waits to write meanwhile.

    python benchmarks/curate.py [ENTRIES]

Entries of 120 words drawn from 4,000, all distinct, as after a first poll. The floor of the wait is the same writer in
the same run with nobody beside it. Figures are wall and CPU seconds, and the longest and the median write.
"""

import multiprocessing
import random
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from multiprocessing.synchronize import Event
from pathlib import Path
from statistics import median

from aggregator.app import App
from aggregator.config import Config
from aggregator.model import Entry
from aggregator.store import entries, journal
from aggregator.store.engine import open_engine, writing

WORDS = [f"word{number}" for number in range(4000)]
NOW = datetime(2020, 5, 14, 12, tzinfo=UTC)
PAUSE = 0.02
ALONE = 2.0


def entry(number: int, chance: random.Random) -> Entry:
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
        published=NOW - timedelta(minutes=chance.randrange(2000)),
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


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 5000
    chance = random.Random(1)
    with tempfile.TemporaryDirectory() as folder:
        database = f"sqlite:///{Path(folder) / 'state.db'}"
        source = {"name": "wire", "url": "https://wire.example/feed"}
        publication = {"title": "Benchmark", "link": "https://desk.example"}
        app = App(
            Config.model_validate({"publication": publication, "database": database, "sources": [source]}),
            clock=lambda: NOW,
        )
        found = [entry(number, chance) for number in range(count)]
        with writing(app.engine) as conn:
            entries.add(conn, found, news={one.id: True for one in found})
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


if __name__ == "__main__":
    main()
