"""The seams: what the pipeline asks of the outside world, one method each. Tests pass working fakes."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Protocol

from aggregator.config import Source
from aggregator.errors import FetchError, ParseError, WriterError
from aggregator.model import Brief, FeedLink, Page, Prompt, Reading, Reply, Request, Story

Briefer = Callable[[Story, int], Brief]
"""A story's summary in so many columns: pages, feeds and mail ask one and the same."""


class Fetcher(Protocol):
    def batches(self, requests: Iterable[Request]) -> Iterator[Sequence[tuple[Request, Page | FetchError]]]:
        """Ask many at once and give the answers as they come, in any order, those together that are there together;
        one answer a request, failures as values.
        """
        ...


class Reader(Protocol):
    def read(self, source: Source, page: Page, now: datetime) -> Reading | ParseError:
        """Turn a page into entries; bounded in time and memory whatever the page holds. Called from several threads."""
        ...


class Finder(Protocol):
    def links(self, page: Page) -> tuple[FeedLink, ...] | ParseError:
        """The feeds that a page offers; bounded like reading."""
        ...


class Extractor(Protocol):
    def article(self, page: Page) -> str | ParseError:
        """The main text of an article's page as clean HTML, empty where there is none; bounded like reading."""
        ...


class Summariser(Protocol):
    def answer(self, prompt: Prompt) -> Reply | WriterError:
        """Ask a language model once; bounded in time and size, failures as values."""
        ...


class Session(Protocol):
    @property
    def alive(self) -> bool:
        """Whether the connection can take another letter."""
        ...

    def send(self, envelope_from: str, recipient: str, letter: bytes, before_dot: Callable[[], bool]) -> None:
        """Hand over one letter (CRLF lines, not dot-stuffed).

        `before_dot` is called when all but the final dot is written; where it answers False the connection is closed
        without the dot, and the letter is certainly not accepted: Deferred is raised.

        Raises Deferred, Refused or InDoubt.
        """
        ...


class Mailer(Protocol):
    def session(self) -> AbstractContextManager[Session]:
        """A connection to the mail server. Raises Deferred where there is none to be had."""
        ...
