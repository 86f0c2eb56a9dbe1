"""What it costs to publish a large archive, and then one story more: the whole command.

    python benchmarks/publish.py [--stories 100000] [--database postgresql://…] [--keep FOLDER]

Made-up news of three years, English and Chinese, in the categories of the feeds.yaml that we ship; a fifth of the stories
are told by two sources, and each names up to three related ones. Then nothing happens, one story is new, one is changed,
one is taken back. Of each run: seconds of the clock and of the
processor, the most memory that it took, and how many files were written and removed.
"""

import argparse
import json
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from itertools import islice
from pathlib import Path

from invented import NOW, news
from sqlalchemy import Connection, bindparam, update

from aggregator.app import App
from aggregator.config.load import load
from aggregator.curate.assemble import assemble
from aggregator.model import Entry
from aggregator.pipeline.outlets import outlets
from aggregator.store import entries, retractions, stories
from aggregator.store.engine import writing
from aggregator.store.tables import entries as table

CHUNK = 2000
SPAN = timedelta(days=3 * 365)
SOURCES = 200
OURS = Path(__file__).parents[1] / "feeds.yaml"
MEASURED = """
import resource, sys
from aggregator.cli import main
sys.argv = ["aggregator", *sys.argv[1:]]
try:
    main()
finally:
    used = resource.getrusage(resource.RUSAGE_SELF)
    print(used.ru_utime + used.ru_stime, used.ru_maxrss // 1024, file=sys.stderr)
"""


def workspace(folder: Path, database: str | None) -> Path:
    shipped = load(OURS, {"SMTP_PASSWORD": "none", "SMTP_URL": "smtp://127.0.0.1:25"})
    said = shipped.model_dump(mode="json", include={"categories", "sections"}, exclude_defaults=True)
    said["publication"] = {"title": "The Benchmark", "link": "https://briefing.example", "description": "All of it."}
    said["sources"] = [
        {"name": f"source{at}", "title": f"Source {at}", "url": f"https://source{at}.example/feed"}
        for at in range(SOURCES)
    ]
    if database is not None:
        said["database"] = database
    file = folder / "feeds.yaml"
    file.write_text(json.dumps(said, ensure_ascii=False), encoding="utf-8")
    return file


class Archive:
    """Judged by hand, and written in bulk: curating so many would take an hour."""

    def __init__(self, app: App) -> None:
        self.app, self.chance = app, random.Random(1)
        self.slugs = [category.slug for category in app.config.categories]
        self.sections = [section.slug for section in app.config.text_sections]
        self.ids: list[str] = []
        """Of the entries that found a story, in the order in which they came."""

    def add(self, chunk: Sequence[Entry]) -> list[str]:
        """The stories that these entries make."""
        founders = [entry for entry in chunk if self.chance.random() > 1 / 6] or list(chunk[:1])
        story_of = dict.fromkeys((entry.id for entry in founders), "")
        rows, last = [], f"s{founders[0].id[1:]}"
        for entry in chunk:
            last = f"s{entry.id[1:]}" if entry.id in story_of else last
            categories = [
                [slug, 3.0, "made up"] for slug in self.chance.sample(self.slugs, self.chance.choice((0, 1, 1, 2)))
            ]
            rows.append(
                {"of": entry.id, "story": last, "section": self.chance.choice(self.sections), "categories": categories}
            )
        with writing(self.app.engine) as conn:
            entries.add(conn, chunk, news={entry.id: True for entry in chunk})
            judged = {"curated": NOW, "story_reason": "", "section_reason": "", "language": table.c.language}
            judged |= {name: bindparam(name) for name in ("story", "section", "categories")}
            conn.execute(update(table).where(table.c.id == bindparam("of")).values(judged), rows)
            return self.tell(conn, list(dict.fromkeys(row["story"] for row in rows)))

    def tell(self, conn: Connection, ids: Sequence[str]) -> list[str]:
        config, made = self.app.config, []
        told_by = stories.reports(conn, ids, outlets(conn, config))
        before = stories.standing(conn, told_by)
        for id_, reports in told_by.items():
            said = {"sections": config.sections, "news": config.news_section, "before": before.get(id_), "now": NOW}
            near = tuple(self.chance.sample(self.ids[-50:], min(len(self.ids), self.chance.randrange(4))))
            story = assemble(id_, reports, **said)
            made.append(story if id_ in before else replace(story, related=near))
            self.ids.append(id_)
        stories.save(conn, made)
        return [story.id for story in made]


def fill(archive: Archive, count: int) -> None:
    left, made = news(round(count * 1.25), span=SPAN), 0
    while made < count:
        made += len(archive.add(list(islice(left, CHUNK))))


def publish(file: Path, label: str) -> None:
    command = [sys.executable, "-c", MEASURED, "--config", str(file), "publish"]
    began = time.perf_counter()
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    took = time.perf_counter() - began
    if done.returncode:
        sys.exit(done.stderr)
    said = done.stdout.strip().rpartition(" in ")[0]
    cpu, memory = done.stderr.split()[-2:]
    print(f"{label:<20} {took:8.2f} s {float(cpu):8.2f} CPU s {int(memory):5} MB  {said}", flush=True)


def change(archive: Archive, what: Callable[[Connection], None]) -> None:
    with writing(archive.app.engine) as conn:
        what(conn)


def rewrite(archive: Archive) -> None:
    """The headline of a story that others name, half a year old."""
    story = archive.ids[-len(archive.ids) // 6]

    def rewritten(conn: Connection) -> None:
        (lead,) = [one.entry for one in entries.of_story(conn, story)][:1]
        entries.add(conn, [replace(lead, title=f"{lead.title} after all")], news={lead.id: True})
        archive.tell(conn, [story])

    change(archive, rewritten)


def retract(archive: Archive) -> None:
    story = archive.ids[-len(archive.ids) // 3]
    change(
        archive,
        lambda conn: void(
            retractions.retract(conn, {one.entry.id: "gone" for one in entries.of_story(conn, story)}, NOW)
        ),
    )


def void(_: object) -> None:
    pass


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--stories", type=int, default=100_000)
    parser.add_argument("--database")
    parser.add_argument("--keep", type=Path, help="work there, and leave it")
    said = parser.parse_args()
    folder = said.keep or Path(tempfile.mkdtemp())
    folder.mkdir(parents=True, exist_ok=True)
    file = workspace(folder, said.database)
    app = App(load(file, {}), clock=lambda: NOW)
    archive = Archive(app)
    began = time.perf_counter()
    fill(archive, said.stories)
    print(f"{len(archive.ids):,} stories made in {time.perf_counter() - began:.0f} s", flush=True)
    publish(file, "the first time")
    publish(file, "nothing happened")
    archive.add(list(news(1, seed=2, first=9_000_000, span=timedelta(minutes=1))))
    publish(file, "one story is new")
    rewrite(archive)
    publish(file, "one is changed")
    retract(archive)
    publish(file, "one is taken back")
    publish(file, "nothing happened")
    app.close()
    if said.keep is None:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
