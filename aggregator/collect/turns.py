"""Whose turn it is: so many requests at once in all, so many on a site, and a pause between two starts there.

One future for each that waits, and nothing at all for one that need not. asyncio's semaphores, one in the other, cost
a third of a request when hundreds wait: each release looks through all of them.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(slots=True, eq=False)
class Line:
    """Those who wait for one domain. A slow site holds up nobody but itself."""

    domain: str
    active: int = 0
    next_start: float = 0.0
    waiting: "deque[asyncio.Future[None]]" = field(default_factory=deque)
    is_listed: bool = False


class Turns:
    """`delay` tells the seconds between two starts on a domain. Used within one event loop."""

    def __init__(self, *, in_all: int, on_a_site: int, delay: Callable[[str], float]) -> None:
        self._loop = asyncio.get_running_loop()
        self._in_all = in_all
        self._on_a_site = on_a_site
        self._delay = delay
        self._active = 0
        self._listed: deque[Line] = deque()
        self._is_open = True

    def open(self) -> None:
        self._is_open = True
        self._admit()

    def shut(self) -> None:
        """Nothing new begins until `open`."""
        self._is_open = False

    async def take(self, line: Line) -> None:
        """Wait for a turn, first come, first served on each site; the sites take turns. `give` it back."""
        if not line.waiting and self._has_room() and line.active < self._on_a_site and self._pause(line) <= 0:
            self._begin(line)
            return
        turn: asyncio.Future[None] = self._loop.create_future()
        line.waiting.append(turn)
        self._list(line)
        self._admit()
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self.give(line)
            raise

    def give(self, line: Line) -> None:
        line.active -= 1
        self._active -= 1
        self._list(line)
        self._admit()

    def _admit(self) -> None:
        """Begin what may begin. A site that is full is listed again by the next that ends there, one that pauses later."""
        while self._listed and self._has_room():
            line = self._listed.popleft()
            line.is_listed = False
            while line.waiting and line.waiting[0].done():
                line.waiting.popleft()
            if not line.waiting or line.active >= self._on_a_site:
                continue
            if (pause := self._pause(line)) > 0:
                self._loop.call_later(pause, self._after_pause, line)
                continue
            turn = line.waiting.popleft()
            self._begin(line)
            turn.set_result(None)
            self._list(line)

    def _after_pause(self, line: Line) -> None:
        self._list(line)
        self._admit()

    def _list(self, line: Line) -> None:
        if line.waiting and not line.is_listed:
            line.is_listed = True
            self._listed.append(line)

    def _begin(self, line: Line) -> None:
        line.active += 1
        self._active += 1
        line.next_start = self._loop.time() + self._delay(line.domain)

    def _has_room(self) -> bool:
        return self._is_open and self._active < self._in_all

    def _pause(self, line: Line) -> float:
        return line.next_start - self._loop.time()
