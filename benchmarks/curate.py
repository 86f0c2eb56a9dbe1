"""How fast entries are curated, and what it costs others: made-up news, English and Chinese (`invented.py`).

    python benchmarks/curate.py [--window 100000] [--times 10] [--entries 5000] [--backlog 5000]

A window of three days is curated first. Then as many entries as are asked for come, and the step is timed as a whole;
beside it what is no part of finding duplicates and stories (categories, sections, languages), done alone, with the
reading of the entries. Then the archive is made `--times` as large by copying all rows under other names and older dates, and the same is timed again. At last a backlog, while another
process writes: how long it waits. CPU seconds; the most memory that a process took which did nothing but curate.
"""

import argparse
import multiprocessing
import tempfile
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta
from itertools import islice
from multiprocessing.synchronize import Event
from pathlib import Path
from statistics import median
from typing import Any

from invented import NOW, news
from sqlalchemy import text

from aggregator.app import App
from aggregator.config import Config
from aggregator.curate import language
from aggregator.curate.classify import Classifier
from aggregator.curate.sections import Sections
from aggregator.model import Entry
from aggregator.store import entries, journal
from aggregator.store.engine import open_engine, writing

PAUSE = 0.02
ALONE = 2.0
CHUNK = 5000
WINDOW = timedelta(days=3)


def app_on(database: str) -> App:
    sources = [{"name": f"source{number}", "url": f"https://source{number}.example/feed"} for number in range(200)]
    publication = {"title": "Benchmark", "link": "https://desk.example"}
    config = Config.model_validate({"publication": publication, "database": database, "sources": sources})
    return App(config, clock=lambda: NOW)


def add(app: App, found: Iterable[Entry]) -> None:
    left = iter(found)
    while chunk := list(islice(left, CHUNK)):
        with writing(app.engine) as conn:
            entries.add(conn, chunk, news={one.id: True for one in chunk})


def fill(database: str, count: int) -> None:
    app = app_on(database)
    add(app, news(count, span=WINDOW))
    app.curate()
    app.close()


# --- one step --------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Step:
    entries: int
    duplicates: int
    whole: float
    """CPU seconds."""
    others: float
    before: int
    most: int
    """Kilobytes, before and at most."""

    def told(self) -> str:
        ours = self.whole - self.others
        return (
            f"{self.entries} entries, {self.duplicates} duplicates: {self.whole:.1f} CPU s, "
            f"{self.entries / self.whole:.0f} a second; duplicates and stories alone {self.entries / ours:.0f} a second; "
            f"{self.most / 1024:.0f} MB at most ({self.before / 1024:.0f} MB before)"
        )


def step(database: str, others: float, answer: "multiprocessing.Queue[Step]") -> None:
    app = app_on(database)
    before = most_memory()
    start = time.process_time()
    curated = app.curate()
    whole = time.process_time() - start
    answer.put(Step(curated.entries, curated.duplicates, whole, others, before, most_memory()))
    app.close()


def most_memory() -> int:
    """Of this process so far, in kilobytes; what `getrusage` says is inherited from whoever started it."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.partition("VmHWM:")[2].split()[0])


def beside(database: str, answer: "multiprocessing.Queue[float]") -> None:
    """CPU seconds for what is judged of an entry but whether it is a duplicate, and of which story."""
    app = app_on(database)
    classifier = Classifier(app.config.categories)
    sections = Sections(app.config.sections, app.config.news_section)
    with app.engine.connect() as conn:
        waiting = [stored.entry for stored in entries.waiting(conn, limit=10**9)]
    start = time.process_time()
    for entry in waiting:
        source = app.config.source(entry.source)
        spoken = language.detect(entry.title, entry.summary, entry.language)
        classifier.categories(entry, source, spoken)
        sections.choose(entry, source)
    answer.put(time.process_time() - start)
    app.close()


def spent(work: Callable[[], None]) -> float:
    start = time.process_time()
    work()
    return time.process_time() - start


def alone(work: Callable[..., None], *args: Any) -> Any:
    """What it answers, done in a process of its own, so that its memory is its own."""
    spawn = multiprocessing.get_context("spawn")
    answer: multiprocessing.Queue[Any] = spawn.Queue()
    process = spawn.Process(target=work, args=(*args, answer))
    process.start()
    found = answer.get(timeout=3600)
    process.join()
    return found


def more(database: str, count: int, *, seed: int) -> Step:
    app = app_on(database)
    add(app, news(count, seed=seed, first=seed * 10**8, span=timedelta(hours=3), end=NOW + timedelta(hours=3 * seed)))
    app.close()
    found: Step = alone(step, database, alone(beside, database))
    return found


# --- a larger archive ------------------------------------------------------------------------------------


def multiply(database: str, times: int) -> None:
    """All rows once more, under other names and 40 days older each time; features too, of which life brings new ones."""
    engine = open_engine(database)
    with engine.connect().execution_options(writes=True) as conn, conn.begin():
        (last,) = conn.execute(text("SELECT max(number) FROM profiles")).one()
        for again in range(1, times):
            for statement in _COPIES:
                conn.execute(text(statement), {"n": again, "days": f"-{40 * again} days", "last": last * again})
        conn.execute(text("UPDATE terms SET stories = stories * :times WHERE term NOT LIKE '%~%'"), {"times": times})
    engine.raw_connection().cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
    engine.dispose()


_OLDER = "strftime('%Y-%m-%d %H:%M:%f000', {}, :days)"
_ENTRY = (
    "id || '~' || :n, source, guid || '~' || :n, url, canonical_url || '~' || :n, title, summary, content, author, tags,"
    f" language, {_OLDER.format('published')}, updated, {_OLDER.format('seen')}, {_OLDER.format('at')}, words, digest,"
    f" news, {_OLDER.format('curated')}, section, section_reason, categories, duplicate_of || '~' || :n,"
    " duplicate_reason, story || '~' || :n, story_reason"
)
_NAMES = (
    "id, source, guid, url, canonical_url, title, summary, content, author, tags, language, published, updated, seen, at,"
    " words, digest, news, curated, section, section_reason, categories, duplicate_of, duplicate_reason, story, story_reason"
)
_VALUE = "value || '~' || :n"
_STORY = (
    "id || '~' || :n, lead || '~' || :n, title, summary, language, url, section, categories, related,"
    f" {_OLDER.format('first_published')}, {_OLDER.format('last_published')}, {_OLDER.format('updated')}, shown, heat"
)
_STORY_NAMES = (
    "id, lead, title, summary, language, url, section, categories, related, first_published, last_published, updated,"
    " shown, heat"
)
_COPIES = (
    f"INSERT INTO entries ({_NAMES}) SELECT {_ENTRY} FROM entries WHERE id NOT LIKE '%~%'",
    f"INSERT INTO entry_keys SELECT kind, {_VALUE}, entry || '~' || :n, seen FROM entry_keys WHERE entry NOT LIKE '%~%'",
    "INSERT INTO profiles SELECT number + :last, story || '~' || :n, data FROM profiles WHERE story NOT LIKE '%~%'",
    "INSERT INTO terms SELECT term || '~' || :n, stories, postings FROM terms WHERE term NOT LIKE '%~%' AND stories < 4",
    f"INSERT INTO stories ({_STORY_NAMES}) SELECT {_STORY} FROM stories WHERE id NOT LIKE '%~%'",
)


# --- beside another writer -------------------------------------------------------------------------------


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


def backlog(database: str, count: int) -> None:
    app = app_on(database)
    add(app, news(count, seed=7, span=WINDOW))
    writer = Writer(database)
    time.sleep(ALONE)
    quiet = writer.end()
    writer = Writer(database)
    app.curate()
    busy = writer.end()
    app.close()
    print(told("a writer alone", quiet))
    print(told("beside the curator", busy))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--window", type=int, default=100_000)
    parser.add_argument("--times", type=int, default=10)
    parser.add_argument("--entries", type=int, default=5000)
    parser.add_argument("--backlog", type=int, default=5000)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        database = f"sqlite:///{Path(folder) / 'archive.db'}"
        took = spent(lambda: fill(database, asked.window))
        print(f"window of {asked.window}: {asked.window / took:.0f} a second while it was filled")
        print(f"in a window of {asked.window}: {more(database, asked.entries, seed=2).told()}")
        if asked.times > 1:
            multiply(database, asked.times)
            size = asked.times * asked.window
            print(f"in an archive of {size}: {more(database, asked.entries, seed=3).told()}", flush=True)
        backlog(f"sqlite:///{Path(folder) / 'backlog.db'}", asked.backlog)


if __name__ == "__main__":
    main()
