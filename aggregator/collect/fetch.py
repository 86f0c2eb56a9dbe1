"""Many sources at once, politely. Callers see a plain generator.

A loop in a thread of its own asks; answers come to the caller through a queue. A caller that is slow holds the loop
back, and one that stops early ends it.
"""

import asyncio
import queue
import threading
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import suppress

from aggregator.collect.client import Client, open_session
from aggregator.collect.guard import Guard
from aggregator.config import PollSettings
from aggregator.errors import FetchError
from aggregator.model import Page, Request

Answer = tuple[Request, Page | FetchError]


class HttpFetcher:
    """`exempt`: single addresses inside that may be asked although private networks are not allowed."""

    def __init__(self, settings: PollSettings, user_agent: str, *, exempt: frozenset[str] = frozenset()) -> None:
        self._settings = settings
        self._user_agent = user_agent
        self._guard = Guard(allow_private=settings.allow_private_networks, exempt=exempt)

    def fetch(self, requests: Iterable[Request]) -> Generator[Answer, None, None]:
        asked = tuple(requests)
        if not asked:
            return
        round_ = _Round(self._settings, self._guard, self._user_agent, asked)
        try:
            yield from round_.answers()
        finally:
            round_.end()


class _Round:
    """One call of `fetch`: the thread, its loop, and the way of the answers out of it."""

    def __init__(self, settings: PollSettings, guard: Guard, user_agent: str, requests: tuple[Request, ...]) -> None:
        self._settings = settings
        self._guard = guard
        self._user_agent = user_agent
        self._requests = requests
        self._out: queue.SimpleQueue[Answer | BaseException | None] = queue.SimpleQueue()
        self._size = 2 * settings.concurrency
        self._loop = asyncio.new_event_loop()
        self._task: asyncio.Task[None] | None = None
        self._open = asyncio.Event()
        self._ended = False
        self._thread = threading.Thread(target=self._run, name="fetch", daemon=True)
        self._thread.start()

    def answers(self) -> Iterator[Answer]:
        while (answer := self._out.get()) is not None:
            if isinstance(answer, BaseException):
                raise answer
            if not self._open.is_set() and self._out.qsize() <= self._size // 2:
                self._in_loop(self._open.set)
            yield answer

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
        self._open.set()
        async with open_session(self._guard, self._user_agent) as session, asyncio.TaskGroup() as group:
            client = Client(session, self._settings, self._guard, self._open)
            for request in self._requests:
                group.create_task(self._one(client, request))

    async def _one(self, client: Client, request: Request) -> None:
        self._hand_over((request, await client.page(request)))

    def _hand_over(self, answer: Answer) -> None:
        self._out.put(answer)
        if self._out.qsize() >= self._size:
            self._open.clear()
            if self._out.qsize() < self._size:  # the caller emptied it in between and will not look again
                self._open.set()
