"""Polling as a whole, side by side in one run: us, a bare aiohttp loop, and lemon24/reader where it is installed.

    python benchmarks/poll.py [--sources 1000] [--entries 20] [--peer PYTHON] [--runs 1]

One server on loopback, in a process of its own and on a core of its own, answers all of them: feeds of some 84 KB (20 entries of 3 KB of HTML),
with ETags that count. Each contender is a process too, told round by round to poll everything:

    first       everything is new
    304         nothing is; each answer says so
    same        each answer is the whole feed again, the same bytes
    few         5 % of the feeds have one entry more, the others say 304
    late        as "304", each answer 200 ms late (wall time counts)
    nothing     ten times as many sources, none of them due (ours alone)

Figures are CPU seconds of a contender with its children, wall seconds, and the sum of its processes' peaks of memory. The bare loop asks the same, keeps its validators and
throws the bodies away: what polling costs beyond it is parsing, cleaning, storing and manners. `--peer` names a Python
that has reader and sgmllib3k: `python -m venv peer && peer/bin/pip install reader==3.26 sgmllib3k`.
"""

import argparse
import asyncio
import json
import multiprocessing
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

SENTENCE = (
    "The office said on Thursday that the figures for {} were lower than those of a year ago, and gave its reasons. "
)
ROUNDS = ("first", "304", "same", "few", "late")
AT_ONCE, WHEN_LATE = 64, 500
"""Requests under way: our default, and what a network with such delays asks for."""
TICKS = os.sysconf("SC_CLK_TCK")


# --- the server ------------------------------------------------------------------------------------------


def feed(source: int, entries: int, more: int) -> bytes:
    items = "".join(
        f"<item><title>Report {number} of desk {source}</title><link>https://s{source}.example/{number}</link>"
        f"<guid>s{source}-{number}</guid><pubDate>Thu, 14 May 2020 {number % 24:02}:00:00 GMT</pubDate>"
        f"<description><![CDATA[{paragraphs(source, number)}]]></description></item>"
        for number in range(entries + more, more, -1)
    )
    return (
        f"<?xml version='1.0'?><rss version='2.0'><channel><title>Desk {source}</title>{items}</channel></rss>".encode()
    )


def paragraphs(source: int, number: int) -> str:
    said = SENTENCE.format(number) * 6
    link = f'<a href="https://s{source}.example/{number}/more">more</a>'
    return "".join(f"<p>{said}<b>{source}</b> and {link}.</p>" for _ in range(4))


def serve(port: "multiprocessing.Queue[int]", entries: int) -> None:
    from aiohttp import web

    pinned(1)
    mode = {"round": "first"}
    made: dict[tuple[int, int], bytes] = {}

    async def answer(request: web.Request) -> web.Response:
        number = int(request.match_info["number"])
        if mode["round"] == "late":
            await asyncio.sleep(0.2)
        more = int(mode["round"] in {"few", "late"} and number % 20 == 0)
        tag = f'"{number}-{more}"'
        if request.headers.get("If-None-Match") == tag and mode["round"] != "same":
            return web.Response(status=304, headers={"ETag": tag})
        body = made.get((number, more)) or made.setdefault((number, more), feed(number, entries, more))
        return web.Response(body=body, headers={"ETag": tag, "Content-Type": "application/rss+xml; charset=utf-8"})

    async def turn(request: web.Request) -> web.Response:
        mode["round"] = request.match_info["round"]
        return web.Response()

    async def run() -> None:
        application = web.Application()
        application.add_routes([web.get("/round/{round}", turn), web.get("/{number}", answer)])
        runner = web.AppRunner(application, access_log=None)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0, backlog=4096)
        await site.start()
        port.put(runner.addresses[0][1])
        await asyncio.Event().wait()

    asyncio.run(run())


# --- contenders: each gives a function that polls once and says what it saw ------------------------------


def ours(base: str, sources: int, folder: str) -> Callable[[str], str]:
    from aggregator.app import App
    from aggregator.config import Config

    def config(count: int, at_once: int = AT_ONCE) -> Config:
        return Config.model_validate(
            {
                "publication": {"title": "Benchmark", "link": "https://benchmark.example"},
                "database": f"sqlite:///{Path(folder) / 'ours.db'}",
                "poll": {"allow_private_networks": True, "concurrency": at_once, "per_host": at_once},
                "sources": [{"name": f"s{number}", "url": f"{base}/{number}"} for number in range(count)],
            }
        )

    app = App(config(sources))
    made = multiprocessing.Process(target=lambda: app.engine.connect().close())
    made.start()  # elsewhere: a database is made once, and what makes it takes memory
    made.join()
    waiting = App(config(sources, WHEN_LATE)).in_place_of(app)

    def poll(which: str) -> str:
        if which == "nothing":
            return nothing(app)
        done = (waiting if which == "late" else app).poll(force=True)
        unchanged = sum(result.outcome == "unchanged" for result in done.results)
        return f"{len(done.results)} sources, {done.new} new, {unchanged} unchanged, {len(done.failed)} failed"

    def nothing(before: App) -> str:
        """The polling of ten times as many, each known, none due: met outside of what is measured."""
        app = App(config(sources * 10)).in_place_of(before)
        met(app)
        began = spent()
        done = app.poll()
        return f"{len(done.results)} of {sources * 10} sources due, {spent() - began:.2f} CPU s without meeting them"

    return poll


def met(app: Any) -> None:
    from datetime import timedelta

    from aggregator.collect import schedule
    from aggregator.store import sources
    from aggregator.store.engine import writing

    with writing(app.engine) as conn:
        later = app.clock() + timedelta(days=1)
        sources.remember(conn, [schedule.first_state(source, later) for source in app.config.sources])


def bare(base: str, sources: int, _: str) -> Callable[[str], str]:
    import aiohttp

    tags: dict[int, str] = {}

    async def ask(at_once: int) -> int:
        slots = asyncio.Semaphore(at_once)
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:

            async def one(number: int) -> int:
                headers = {"If-None-Match": tags[number]} if number in tags else {}
                async with slots, session.get(f"{base}/{number}", headers=headers) as answer:
                    tags[number] = answer.headers["ETag"]
                    return len(await answer.read())

            return sum(await asyncio.gather(*(one(number) for number in range(sources))))

    return lambda which: f"{asyncio.run(ask(WHEN_LATE if which == 'late' else AT_ONCE)) / 1e6:.1f} MB"


def reader(base: str, sources: int, folder: str) -> Callable[[str], str]:
    from reader import make_reader  # type: ignore[import-not-found]

    made = make_reader(str(Path(folder) / "reader.db"))
    for number in range(sources):
        made.add_feed(f"{base}/{number}")

    def poll(_: str) -> str:
        made.update_feeds(workers=20, scheduled=False)
        return f"{made.get_entry_counts().total} entries in all"

    return poll


CONTENDERS: dict[str, Callable[[str, int, str], Callable[[str], str]]] = {
    "aggregator": ours,
    "bare loop": bare,
    "reader": reader,
}


def pinned(core: int) -> None:
    """Onto one core, children included: two threads of one core, at work together, each look twice as slow, and a
    contender of several processes would pay for what one of a single process does not.
    """
    cores = sorted(os.sched_getaffinity(0))
    if len(cores) > 1:
        os.sched_setaffinity(0, {cores[core]})


def contend(name: str, base: str, sources: int, folder: str) -> None:
    """Poll once for each line on standard input; a line of JSON for each round."""
    pinned(0)
    poll = CONTENDERS[name](base, sources, folder)
    print("{}", flush=True)
    for line in sys.stdin:
        cpu, wall = spent(), time.monotonic()
        said = poll(line.strip())
        figures = {"cpu": spent() - cpu, "wall": time.monotonic() - wall, "peak": peak(), "said": said}
        print(json.dumps(figures), flush=True)


def spent() -> float:
    """CPU seconds of this process and its children, living and dead."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    living = (Path(f"/proc/{child}/stat").read_text().rpartition(")")[2].split()[11:13] for child in children())
    return sum(one.ru_utime + one.ru_stime for one in used) + sum(int(tick) for pair in living for tick in pair) / TICKS


def children() -> list[str]:
    return [pid for task in Path("/proc/self/task").iterdir() for pid in (task / "children").read_text().split()]


def peak() -> float:
    """MB: the most that each of its living processes ever held, together."""
    found = [Path(f"/proc/{pid}/status").read_text() for pid in ["self", *children()]]
    return sum(int(text.partition("VmHWM:")[2].split()[0]) for text in found) / 1024


# --- the run ---------------------------------------------------------------------------------------------


@contextmanager
def contender(python: str, name: str, base: str, sources: int) -> Iterator[Callable[[str], dict[str, Any]]]:
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])}
    with tempfile.TemporaryDirectory() as folder:
        command = [python, __file__, "--as", name, "--base", base, "--folder", folder, "--sources", str(sources)]
        with subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
        ) as process:
            assert process.stdin is not None
            assert process.stdout is not None
            answers = process.stdout

            def ask(which: str) -> dict[str, Any]:
                assert process.stdin is not None
                process.stdin.write(f"{which}\n")
                process.stdin.flush()
                return dict(json.loads(answers.readline()))

            answers.readline()
            yield ask
            process.stdin.close()


def main() -> None:
    options = arguments()
    if options.contender:
        contend(options.contender, options.base, options.sources, options.folder)
        return
    port: multiprocessing.Queue[int] = multiprocessing.Queue()
    server = multiprocessing.Process(target=serve, args=(port, options.entries), daemon=True)
    server.start()
    base = f"http://127.0.0.1:{port.get()}"
    wanted = {"aggregator": sys.executable, "bare loop": sys.executable} | (
        {"reader": options.peer} if options.peer else {}
    )
    try:
        runs = [one_run(wanted, base, options) for _ in range(options.runs)]
    finally:
        server.terminate()
        server.join()
    report(runs, options.sources)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sources", type=int, default=1000)
    parser.add_argument("--entries", type=int, default=20)
    parser.add_argument("--runs", type=int, default=1)
    parser.add_argument("--peer", help="a Python that has reader 3.26")
    for name in ("--as", "--base", "--folder"):
        parser.add_argument(name, dest=name.strip("-") if name != "--as" else "contender", help=argparse.SUPPRESS)
    return parser.parse_args()


def one_run(wanted: dict[str, str], base: str, options: argparse.Namespace) -> dict[str, dict[str, dict[str, Any]]]:
    import urllib.request

    found: dict[str, dict[str, dict[str, Any]]] = {}
    for name, python in wanted.items():
        rounds = (*ROUNDS, "nothing") if name == "aggregator" else ROUNDS
        with contender(python, name, base, options.sources) as ask:
            for which in rounds:
                urllib.request.urlopen(f"{base}/round/{which}").close()
                if which == "late":
                    ask("late")  # takes what "few" did not: then all is 304
                found.setdefault(which, {})[name] = shown(which, name, ask(which))
    return found


def shown(which: str, name: str, figures: dict[str, Any]) -> dict[str, Any]:
    cpu, wall, memory, said = (figures[key] for key in ("cpu", "wall", "peak", "said"))
    print(f"{which:<8} {name:<11} {cpu:7.2f} CPU s {wall:7.2f} s {memory:6.0f} MB   {said}", flush=True)
    return figures


def report(runs: list[dict[str, dict[str, dict[str, Any]]]], sources: int) -> None:
    """The medians, and how many times ours the others' are."""
    print(
        f"\n{len(runs)} runs, medians\n{'round':<8} {'contender':<11} {'CPU s':>7} {'wall':>7} {'feeds/s':>8} {'× ours':>7}"
    )
    for which in runs[0]:
        mine = middle(runs, which, "aggregator", "cpu")
        for name in runs[0][which]:
            cpu, wall = middle(runs, which, name, "cpu"), middle(runs, which, name, "wall")
            print(f"{which:<8} {name:<11} {cpu:7.2f} {wall:7.2f} {sources / wall:8.0f} {cpu / mine:7.2f}")


def middle(runs: list[dict[str, dict[str, dict[str, Any]]]], which: str, name: str, figure: str) -> float:
    return statistics.median(float(run[which][name][figure]) for run in runs)


if __name__ == "__main__":
    main()
