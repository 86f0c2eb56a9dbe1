"""Many sources at once, politely. Callers see a plain generator.

A loop in a thread of its own asks; answers come to the caller through a queue. A caller that is slow holds the loop
back, and one that stops early ends it.
"""

import asyncio
import queue
import threading
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import suppress
from datetime import datetime

from aggregator.collect.budget import Budgets
from aggregator.collect.client import Client, Sessions, utc_now
from aggregator.collect.guard import Guard
from aggregator.collect.turns import Turns
from aggregator.config import PollSettings
from aggregator.errors import FetchError
from aggregator.model import Page, Request

Answer = tuple[Request, Page | FetchError]

_MOST_BYTES = 4 * 1024 * 1024
"""Of pages that wait for the caller."""


class HttpFetcher:
    """`exempt`: single addresses inside that may be asked although private networks are not allowed. `budgets`: what is
    known of each domain; what is learnt goes there too.
    """

    def __init__(
        self,
        settings: PollSettings,
        user_agent: str,
        *,
        exempt: frozenset[str] = frozenset(),
        budgets: Budgets | None = None,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self._settings = settings
        self._guard = Guard(allow_private=settings.allow_private_networks, exempt=exempt)
        self._sessions = lambda: Sessions(self._guard, user_agent)
        self._budgets = budgets if budgets is not None else Budgets()
        self._clock = clock

    def fetch(self, requests: Iterable[Request]) -> Generator[Answer, None, None]:
        for batch in self.batches(requests):
            yield from batch

    def batches(self, requests: Iterable[Request]) -> Generator[list[Answer], None, None]:
        """The answers as they come, those together that are there together."""
        asked = tuple(requests)
        if not asked:
            return
        round_ = _Round(self._settings, self._client, self._sessions, asked)
        try:
            yield from round_.batches()
        finally:
            round_.end()

    def _client(self, sessions: Sessions) -> Client:
        return Client(sessions, self._settings, self._guard, self._budgets, self._clock)


class _Round:
    """One call of `batches`: the thread, its loop, and the way of the answers out of it."""

    def __init__(
        self,
        settings: PollSettings,
        client: Callable[[Sessions], Client],
        sessions: Callable[[], Sessions],
        requests: tuple[Request, ...],
    ) -> None:
        self._client = client
        self._sessions = sessions
        self._requests = requests
        self._out: queue.SimpleQueue[Answer | BaseException | None] = queue.SimpleQueue()
        self._size = 2 * settings.concurrency
        self._bytes = 0
        self._loop = asyncio.new_event_loop()
        self._task: asyncio.Task[None] | None = None
        self._turns: Turns | None = None
        self._ended = False
        self._thread = threading.Thread(target=self._run, name="fetch", daemon=True)
        self._thread.start()

    def batches(self) -> Iterator[list[Answer]]:
        going = True
        while going:
            taken = [self._out.get()]
            with suppress(queue.Empty):
                while len(taken) < self._size:
                    taken.append(self._out.get_nowait())
            batch = []
            for answer in taken:
                if isinstance(answer, BaseException):
                    raise answer
                if answer is None:
                    going = False
                else:
                    batch.append(answer)
            self._take(sum(map(_weight, batch)))
            if batch:
                yield batch

    def _take(self, weight: int) -> None:
        """The caller has these now: there is room again."""

        def taken() -> None:
            self._bytes -= weight
            if self._turns is not None and not self._full():
                self._turns.open()

        self._in_loop(taken)

    def _full(self) -> bool:
        return self._out.qsize() >= self._size or self._bytes >= _MOST_BYTES

    def end(self) -> None:
        self._in_loop(self._cancel)
        self._thread.join()

    def _in_loop(self, callback: Callable[[], object]) -> None:
        with suppress(RuntimeError):  # the loop has ended by itself
            self._loop.call_soon_threadsafe(callback)

    def _cancel(self) -> None:
        self._ended = True
        if self._task is not None:
            self._task.cancel()

    def _run(self) -> None:
        with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
            try:
                runner.run(self._all())
            except asyncio.CancelledError:
                pass
            except BaseException as bug:  # noqa: BLE001  handed to the caller's thread and raised there
                self._out.put(bug)
        self._out.put(None)

    async def _all(self) -> None:
        if self._ended:
            return
        self._task = asyncio.current_task()
        sessions = self._sessions()
        try:
            async with asyncio.TaskGroup() as group:
                client = self._client(sessions)
                self._turns = client.turns
                for request in self._requests:
                    group.create_task(self._one(client, request))
        finally:
            await sessions.close()

    async def _one(self, client: Client, request: Request) -> None:
        self._hand_over((request, await client.page(request)))

    def _hand_over(self, answer: Answer) -> None:
        self._bytes += _weight(answer)
        self._out.put(answer)
        if self._turns is not None and self._full():
            self._turns.shut()


def _weight(answer: Answer) -> int:
    page = answer[1]
    return len(page.body) if isinstance(page, Page) else 0
