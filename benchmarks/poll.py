"""Polling as a whole: 500 sources of 20 entries over loopback, all new and then all 304.

    python benchmarks/poll.py [SOURCES] [ENTRIES]

The server is a process of its own. The floor beside it asks the same addresses with bare aiohttp and throws the
answers away: what polling costs beyond that is parsing, cleaning, storing and manners. Figures are CPU seconds of the
poller with its children, wall seconds, and peak memory of the largest process.
"""

import asyncio
import hashlib
import multiprocessing
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from aggregator.app import App
from aggregator.config import Config

SENTENCE = (
    "The office said on Thursday that the figures for {} were lower than those of a year ago, and gave its reasons. "
)


def feed(source: int, entries: int) -> bytes:
    items = "".join(
        f"<item><title>Report {number} of desk {source}</title><link>https://s{source}.example/{number}</link>"
        f"<guid>s{source}-{number}</guid><pubDate>Thu, 14 May 2020 {number % 24:02}:00:00 GMT</pubDate>"
        f"<description><![CDATA[<p>{SENTENCE.format(number) * 8}<a href='/more'>More</a></p>]]></description></item>"
        for number in range(entries)
    )
    return (
        f"<?xml version='1.0'?><rss version='2.0'><channel><title>Desk {source}</title>{items}</channel></rss>".encode()
    )


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    entries = 20

    def do_GET(self) -> None:
        tag = f'"{hashlib.blake2b(self.path.encode(), digest_size=6).hexdigest()}"'
        unchanged = self.headers.get("If-None-Match") == tag
        body = b"" if unchanged else feed(int(self.path.strip("/")), self.entries)
        self.send_response(304 if unchanged else 200)
        self.send_header("ETag", tag)
        self.send_header("Content-Type", "application/rss+xml; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


def serve(port: "multiprocessing.Queue[int]", entries: int) -> None:
    Handler.entries = entries
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.request_queue_size = 256
    port.put(server.server_address[1])
    server.serve_forever()


def spent() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def timed(label: str, work: Callable[[], str]) -> None:
    cpu, wall = spent(), time.monotonic()
    said = work()
    cpu, wall = spent() - cpu, time.monotonic() - wall
    peak = max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)) / 1024
    print(f"{label:<26} {cpu:7.2f} CPU s {wall:7.2f} s {peak:7.0f} MB   {said}")


def floor(base: str, sources: int) -> str:
    import aiohttp

    async def ask() -> int:
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=64)) as session:

            async def one(number: int) -> int:
                async with session.get(f"{base}/{number}") as answer:
                    return len(await answer.read())

            return sum(await asyncio.gather(*(one(number) for number in range(sources))))

    return f"{asyncio.run(ask()) / 1e6:.1f} MB"


def polled(app: App, *, force: bool = False) -> str:
    done = app.poll(force=force)
    unchanged = sum(result.outcome == "unchanged" for result in done.results)
    return f"{len(done.results)} sources, {done.new} new, {unchanged} unchanged, {len(done.failed)} failed"


def main() -> None:
    sources, entries = (int(word) for word in [*sys.argv[1:], *("500", "20")[len(sys.argv) - 1 :]])
    port: multiprocessing.Queue[int] = multiprocessing.Queue()
    server = multiprocessing.Process(target=serve, args=(port, entries), daemon=True)
    server.start()
    base = f"http://127.0.0.1:{port.get()}"
    with tempfile.TemporaryDirectory() as folder:
        config = Config.model_validate(
            {
                "publication": {"title": "Benchmark", "link": "https://benchmark.example"},
                "database": f"sqlite:///{Path(folder) / 'a.db'}",
                "poll": {"allow_private_networks": True, "per_host": 64},
                "sources": [{"name": f"s{number}", "url": f"{base}/{number}"} for number in range(sources)],
            }
        )
        app = App(config)
        app.engine.connect().close()
        timed("floor: ask, throw away", lambda: floor(base, sources))
        timed("poll, all new", lambda: polled(app))
        timed("poll, all 304", lambda: polled(app, force=True))
        app.close()
    server.terminate()
    server.join()


if __name__ == "__main__":
    main()
