"""Whose turn it is, on a loop of its own."""

import asyncio
from collections.abc import Iterable
from itertools import pairwise

import pytest

from aggregator.collect.turns import Line, Turns


class Watch:
    """How many are at work at once, in all and on each site, at most; and in which order they began."""

    def __init__(self) -> None:
        self.at_work: dict[str, int] = {}
        self.most: dict[str, int] = {}
        self.in_all = 0
        self.order: list[str] = []
        self.began: list[float] = []

    def begin(self, site: str) -> None:
        self.at_work[site] = self.at_work.get(site, 0) + 1
        self.most[site] = max(self.most.get(site, 0), self.at_work[site])
        self.in_all = max(self.in_all, sum(self.at_work.values()))
        self.order.append(site)
        self.began.append(asyncio.get_running_loop().time())

    def end(self, site: str) -> None:
        self.at_work[site] -= 1


async def work(turns: Turns, lines: dict[str, Line], watch: Watch, site: str) -> None:
    line = lines.setdefault(site, Line(site))
    await turns.take(line)
    try:
        watch.begin(site)
        await asyncio.sleep(0)
    finally:
        watch.end(site)
        turns.give(line)


def run(sites: Iterable[str], *, in_all: int, on_a_site: int, delay: float = 0) -> Watch:
    async def everything() -> Watch:
        turns = Turns(in_all=in_all, on_a_site=on_a_site, delay=lambda _: delay)
        watch, lines = Watch(), dict[str, Line]()
        await asyncio.gather(*(work(turns, lines, watch, site) for site in sites))
        return watch

    return asyncio.run(everything())


@pytest.mark.parametrize(("in_all", "on_a_site"), [(1, 1), (3, 1), (3, 2), (10, 2), (4, 10)])
def test_never_more_than_allowed_and_everyone_has_a_turn(in_all: int, on_a_site: int) -> None:
    watch = run("abcde" * 20 + "a" * 50, in_all=in_all, on_a_site=on_a_site)
    assert len(watch.order) == 150
    assert watch.in_all == min(in_all, 5 * on_a_site)
    assert max(watch.most.values()) <= on_a_site


def test_a_site_with_many_feeds_holds_up_no_other() -> None:
    watch = run("a" * 50 + "b", in_all=2, on_a_site=1)
    assert watch.order.index("b") < 3


def test_starts_on_one_site_are_apart_while_others_go_on() -> None:
    watch = run("aaab", in_all=4, on_a_site=4, delay=0.05)
    own = [began for began, site in zip(watch.began, watch.order, strict=True) if site == "a"]
    assert all(later - earlier >= 0.049 for earlier, later in pairwise(own))
    assert watch.order[1] == "b"


def test_one_that_gives_up_waiting_takes_no_turn_with_it() -> None:
    async def scene() -> list[str]:
        turns, line, said = Turns(in_all=1, on_a_site=1, delay=lambda _: 0), Line("a"), []
        await turns.take(line)
        waiting = [asyncio.create_task(turns.take(line)) for _ in range(3)]
        await asyncio.sleep(0)
        waiting[0].cancel()
        turns.give(line)
        waiting[1].cancel()
        await asyncio.wait(waiting[:2])
        await asyncio.wait_for(waiting[2], 5)
        said.append("third")
        turns.give(line)
        await turns.take(line)
        return said

    assert asyncio.run(scene()) == ["third"]


def test_nothing_begins_while_it_is_shut() -> None:
    async def scene() -> tuple[bool, bool]:
        turns, line = Turns(in_all=2, on_a_site=2, delay=lambda _: 0), Line("a")
        turns.shut()
        waiting = asyncio.create_task(turns.take(line))
        await asyncio.sleep(0.01)
        before = waiting.done()
        turns.open()
        await waiting
        return before, waiting.done()

    assert asyncio.run(scene()) == (False, True)
