"""The whole job on the sample sources: real HTTP, a real database, real SMTP, all on loopback."""

import json
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from aggregator.app import App
from aggregator.config import Config
from aggregator.config.load import load
from aggregator.demo.samples import NOW
from aggregator.demo.server import serve
from aggregator.demo.sink import SmtpSink
from aggregator.demo.workspace import SUBSCRIBERS, config_text
from aggregator.errors import UsageError
from aggregator.pipeline import Composed, Curated, Delivered, Polled, Published
from aggregator.store import editions, stories, subscribers
from aggregator.store.engine import reading, writing

Say = Callable[[str], None]
_MARK = "made by aggregator demo"


@dataclass(frozen=True, slots=True)
class Outcome:
    polled: Polled
    curated: Curated
    composed: tuple[Composed, ...]
    published: Published
    delivered: Delivered
    stories: int
    front: Path
    letters: Path
    seconds: float


def run(folder: Path, say: Say) -> Outcome:
    """Do it all in `folder`; done again there, it finds nothing new and mails nobody twice.

    Raises UsageError where the folder holds a workspace of somebody's own.
    """
    started = time.monotonic()
    folder = folder.resolve()
    _own(folder)
    with _world(folder) as app:
        return _steps(app, folder, say, started)


def _own(folder: Path) -> None:
    """The demo overwrites its own feeds.yaml, and nobody else's."""
    file = folder / "feeds.yaml"
    if file.exists() and _MARK not in file.read_text(encoding="utf-8", errors="replace")[:400]:
        raise UsageError(
            f"{folder} holds a workspace that is not the demo's", hint="name another folder: aggregator demo DIR"
        )
    try:
        (folder / "state").mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(
            f"cannot make {folder}: {error.strerror}", hint="name another folder: aggregator demo DIR"
        ) from error


@contextmanager
def _world(folder: Path) -> Iterator[App]:
    """The sample sources and the mail sink, at work, and a publication that is configured for them.

    The ports are remembered: a second run asks the same addresses, and gets its 304.
    """
    letters = folder / "mail"
    state = folder / "state"
    with serve(state / "http.port") as server, SmtpSink(letters, state / "smtp.port") as sink:
        config = _configured(folder, server.base_url, sink.port)
        app = App(config, clock=lambda: NOW)
        try:
            yield app
        finally:
            app.close()


def _configured(folder: Path, base_url: str, smtp_port: int) -> Config:
    file = folder / "feeds.yaml"
    text = f"# {_MARK}: written anew by every run\n{config_text(base_url, smtp_port)}"
    if not file.exists() or file.read_text(encoding="utf-8") != text:
        file.write_text(text, encoding="utf-8")
    return load(file, os.environ)


def _steps(app: App, folder: Path, say: Say, started: float) -> Outcome:
    from aggregator.send.addresses import normal

    with writing(app.engine) as conn:
        for newsletter in app.config.newsletters:
            zone, met = app.config.zone_of(newsletter).key, NOW - newsletter.schedule.longest_gap
            editions.meet(conn, newsletter.name, schedule=str(newsletter.schedule), zone=zone, now=met)
        for name, email, wanted in SUBSCRIBERS:
            subscribers.add(conn, email=email, key=normal(email), name=name, newsletters=wanted, now=NOW)
    say(f"poll      {len(app.config.sources)} sources on 127.0.0.1 (one of them is slow)")
    polled = app.poll(force=True)
    say(f"          {polled.new} new entries; {len(polled.failed)} failed on purpose")
    curated = app.curate()
    say(f"curate    {curated.entries} entries, {curated.duplicates} of them duplicates")
    composed = app.compose()
    for each in composed:
        say(f"compose   {each.newsletter}: {each.outcome}")
    if not composed:
        say("compose   no newsletter is due")
    published = app.publish()
    say(f"publish   {len(published.written)} of {published.pages} files changed")
    for error in published.failed:
        say(f"          {error.message}")
    delivered = app.deliver()
    say(f"deliver   {delivered.accepted} letters")
    with reading(app.engine) as conn:
        told = len(stories.all_ids(conn))
    front = app.config.output_folder / "index.html"
    seconds = time.monotonic() - started
    return Outcome(polled, curated, composed, published, delivered, told, front, folder / "mail", seconds)


def as_json(outcome: Outcome) -> str:
    return json.dumps(
        {
            "sources": len(outcome.polled.results),
            "failed": [result.source for result in outcome.polled.failed],
            "new": outcome.polled.new,
            "duplicates": outcome.curated.duplicates,
            "stories": outcome.stories,
            "editions": [f"{each.newsletter}/{each.number}" for each in outcome.composed if each.number is not None],
            "files_written": len(outcome.published.written),
            "letters": outcome.delivered.accepted,
            "front": str(outcome.front),
            "mail": str(outcome.letters),
            "seconds": round(outcome.seconds, 2),
        },
        ensure_ascii=False,
    )
