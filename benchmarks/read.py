"""Reading as a whole: 1,000 feeds of 20 entries with 3 KB of HTML each, in CPU milliseconds a feed.

    python benchmarks/read.py [FEEDS] [ENTRIES]

Parsing and normalising alone are measured in this process, the whole way through a `Cage` by this process and its
child together; the child's start is told apart, with the memory that it takes.
"""

import os
import sys
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from aggregator.collect.cage import Cage
from aggregator.collect.normalise import Label, normalise
from aggregator.collect.parse import parse
from aggregator.errors import ParseError
from aggregator.model import Page

URL = "https://desk.example/feed.xml"
NOW = datetime(2020, 5, 15, tzinfo=UTC)
LABEL = Label("desk", None, None)
SENTENCE = "The office said on Thursday that the figures for {} were lower than a year ago, and gave its reasons. "
SENTENCES = 29
"""Make 3 KB."""


def feed(source: int, entries: int) -> bytes:
    items = "".join(
        f"<item><title>Report {number} of desk {source}</title><link>https://s{source}.example/{number}</link>"
        f"<guid>s{source}-{number}</guid><pubDate>Thu, 14 May 2020 {number % 24:02}:00:00 GMT</pubDate>"
        f"<description><![CDATA[<p>{SENTENCE.format(number) * SENTENCES}<a href='/more'>More</a></p>]]></description></item>"
        for number in range(entries)
    )
    return (
        f"<?xml version='1.0'?><rss version='2.0'><channel><title>Desk {source}</title>{items}</channel></rss>".encode()
    )


def timed(label: str, work: Callable[[Any], object], pages: Sequence[Any]) -> None:
    cpu = time.process_time()
    for page in pages:
        work(page)
    print(f"{label:<28} {(time.process_time() - cpu) / len(pages) * 1000:7.3f} ms a feed")


def child_spent(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def child_memory(pid: int, name: str) -> str:
    status = Path(f"/proc/{pid}/status").read_text()
    return next(line.split(":")[1].strip() for line in status.splitlines() if line.startswith(name))


def caged(bodies: list[bytes]) -> None:
    with Cage() as cage:
        cage.read(LABEL, Page(url=URL, final_url=URL, status=200, headers={}, body=b"x"), NOW)
        (pid,) = cage.pids
        before = child_spent(pid)
        print(f"{'a child: start':<28} {before * 1000:7.0f} ms, {child_memory(pid, 'VmRSS')}")
        own = time.process_time()
        for body in bodies:
            found = cage.read(LABEL, Page(url=URL, final_url=URL, status=200, headers={}, body=body), NOW)
            assert not isinstance(found, ParseError)
        own = (time.process_time() - own) / len(bodies) * 1000
        theirs = (child_spent(pid) - before) / len(bodies) * 1000
        print(f"{'through a cage: child':<28} {theirs:7.3f} ms a feed, at most {child_memory(pid, 'VmHWM')}")
        print(f"{'through a cage: parent':<28} {own:7.3f} ms a feed")


def main() -> None:
    feeds, entries = (int(word) for word in [*sys.argv[1:], *("1000", "20")[len(sys.argv) - 1 :]])
    bodies = [feed(number, entries) for number in range(feeds)]
    print(f"{feeds} feeds of {entries} entries, {len(bodies[0]) / 1000:.0f} KB each")
    parsed = [parse(body, None, URL) for body in bodies]
    timed("parse", lambda body: parse(body, None, URL), bodies)
    timed("normalise", lambda one: normalise(LABEL, one, URL, NOW), parsed)
    caged(bodies)


if __name__ == "__main__":
    main()
