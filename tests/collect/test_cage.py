"""Strangers' bytes cannot hang, fill or kill the process that asked for them."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from aggregator.collect.cage import PATIENCE, Cage, InProcess
from aggregator.collect.parse import MOST_ITEMS
from aggregator.config import Source
from aggregator.errors import ParseError
from aggregator.model import Page, Reading
from aggregator.protocols import Reader

FEEDS = Path(__file__).parent / "feeds"
URL = "https://news.example/feed.xml"
MEGABYTE = 1024**2


def page(body: bytes, content_type: str | None = None) -> Page:
    headers = {"content-type": content_type} if content_type else {}
    return Page(url=URL, final_url=URL, status=200, headers=headers, body=body)


def feed(inside: bytes) -> Page:
    return page(b"<rss version='2.0'><channel><title>T</title>" + inside + b"</channel></rss>")


GOOD = feed(b"<item><guid>1</guid><title>Good</title><pubDate>Thu, 14 May 2020 08:30:00 GMT</pubDate></item>")
BROKEN = b"<br>"
"""Leads to feedparser, which has inputs that it cannot stand."""
LONG_AUTHOR = feed(b"<item><author>" + b"a." * 30_000 + b"</author>" + BROKEN + b"</item>")
MANY_ITEMS = page(b'{"version": "https://jsonfeed.org/version/1.1", "items": [' + b"{}," * 2_000_000 + b"{}]}")


@pytest.fixture
def cage() -> Iterator[Cage]:
    with Cage(seconds=20) as made:
        yield made


def test_an_archive_of_ten_thousand_items_is_read_in_time() -> None:
    said = (
        "<title>Parish %d opens its archive</title><pubDate>Thu, 14 May 2020 08:30:00 GMT</pubDate><category>a</category>"
        "<description>&lt;p&gt;The &lt;b&gt;oldest&lt;/b&gt; of its papers are on show.&lt;/p&gt;</description>"
        "<author>desk@parish.example (Desk)</author><link>https://parish.example/</link>"
    )
    items = "".join(f"<item><guid>{number}</guid>{said % number}</item>" for number in range(10_000))
    with Cage(seconds=120) as cage:
        found = cage.read(Source(name="archive", url=URL), feed(items.encode()), datetime.now(UTC))
        spent = processor_seconds(child_of(cage))
    assert isinstance(found, Reading), found
    assert len(found.entries) == MOST_ITEMS
    assert spent < PATIENCE / 4, "on a machine that does nothing else; how busy this one is, is not the point"


def processor_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def child_of(cage: Cage) -> int:
    (pid,) = cage.pids
    return pid


def gone(pid: int) -> bool:
    """Ended; one that nobody has waited for yet counts."""
    for _ in range(500):
        try:
            if Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z":
                return True
        except FileNotFoundError:
            return True
        time.sleep(0.02)
    return False


@pytest.mark.parametrize("path", sorted(path for path in FEEDS.iterdir() if ".expect." not in path.name), ids=str)
def test_it_reads_like_the_reader_without_walls(path: Path, shared_cage: Reader, source: Source, now: datetime) -> None:
    found = page(path.read_bytes(), "text/xml")
    caged, free = shared_cage.read(source, found, now), InProcess().read(source, found, now)
    assert (caged.message if isinstance(caged, ParseError) else caged) == (
        free.message if isinstance(free, ParseError) else free
    )


@pytest.fixture(scope="module")
def shared_cage() -> Iterator[Reader]:
    with Cage(seconds=20) as made:
        yield made


def test_one_that_hangs_is_killed_and_the_next_page_is_read(source: Source, now: datetime) -> None:
    with Cage(seconds=1) as cage:
        assert isinstance(cage.read(source, GOOD, now), Reading)
        first = child_of(cage)
        hung = cage.read(source, LONG_AUTHOR, now)
        assert isinstance(hung, ParseError)
        assert "more than 1 s" in hung.message
        assert gone(first)
        assert isinstance(cage.read(source, GOOD, now), Reading)


def test_one_that_eats_memory_is_stopped_and_the_next_page_is_read(source: Source, now: datetime) -> None:
    with Cage(seconds=60, memory=170 * MEGABYTE) as cage:
        assert isinstance(cage.read(source, GOOD, now), Reading)
        full = cage.read(source, MANY_ITEMS, now)
        assert isinstance(full, ParseError)
        assert "more than 170 MB" in full.message
        assert isinstance(cage.read(source, GOOD, now), Reading)


def test_a_child_that_dies_is_replaced(cage: Cage, source: Source, now: datetime) -> None:
    cage.read(source, GOOD, now)
    os.kill(child_of(cage), signal.SIGKILL)
    assert isinstance(cage.read(source, GOOD, now), Reading | ParseError)
    assert isinstance(cage.read(source, GOOD, now), Reading)


@pytest.mark.parametrize("name", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_signals_of_the_terminal_are_the_parents(
    cage: Cage, source: Source, now: datetime, name: signal.Signals
) -> None:
    cage.read(source, GOOD, now)
    pid = child_of(cage)
    os.kill(pid, name)
    assert isinstance(cage.read(source, GOOD, now), Reading)
    assert child_of(cage) == pid


def test_leaving_ends_the_child(source: Source, now: datetime) -> None:
    with Cage() as cage:
        cage.read(source, GOOD, now)
        pid = child_of(cage)
    assert gone(pid)
    assert not cage.pids


def test_the_child_ends_when_the_parent_is_killed() -> None:
    script = (
        "from datetime import UTC, datetime\n"
        "from aggregator.collect.cage import Cage\n"
        "from aggregator.config import Source\n"
        "from aggregator.model import Page\n"
        "page = Page(url='http://x/', final_url='http://x/', status=200, headers={}, body=b'x')\n"
        "cage = Cage()\n"
        "cage.read(Source(name='s', url='http://x/'), page, datetime.now(UTC))\n"
        "print(cage.pids[0], flush=True)\n"
        "input()\n"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    with subprocess.Popen(
        [sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment
    ) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        parent.kill()
    assert gone(pid)


def test_no_secret_reaches_the_child(
    cage: Cage, source: Source, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SMTP_PASSWORD", "hush-hush")
    cage.read(source, GOOD, now)
    assert b"hush-hush" not in Path(f"/proc/{child_of(cage)}/environ").read_bytes()


def test_a_child_that_cannot_start_is_no_fault_of_the_page(
    source: Source, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", "/bin/false")
    with Cage() as cage, pytest.raises(RuntimeError, match="does not start"):
        cage.read(source, GOOD, now)
