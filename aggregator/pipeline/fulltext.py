"""new entries of a few lines -> their articles' pages -> full texts. Each page is asked for once, whatever comes of it."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from threading import Event

from sqlalchemy import Engine

from aggregator.collect.fulltext import available
from aggregator.collect.html import text_of
from aggregator.collect.normalise import LONGEST_SUMMARY, count_words, shorten
from aggregator.config import Config
from aggregator.errors import FetchError, ParseError
from aggregator.model import Entry, Page, Request
from aggregator.protocols import Extractor, Fetcher
from aggregator.store import entries, fulltexts, journal
from aggregator.store.engine import reading, writing
from aggregator.store.locks import exclusive

SHORT = 200
"""Words (some 1,200 characters, of Chinese 400): what has as many of its own is left as it is."""
MOST = 10
"""Articles of one source in one run."""
LEAST_WORDS = 100
"""What is shorter is a notice that there is more for those who pay, not the article."""
_LEAST_GAIN = 1.5
_REFUSALS = frozenset({401, 403, 429, 451})
_PAGE = re.compile(r"text/|application/xhtml|application/xml", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Completed:
    full: int = 0
    """Entries that have their article's text now."""
    kept: int = 0
    """Entries that stay as their feed gave them."""


def complete(
    engine: Engine,
    config: Config,
    *,
    fetcher: Fetcher,
    reader: Extractor,
    clock: Callable[[], datetime],
    wait: float = 0,
    stop: Event | None = None,
) -> Completed:
    """Fetch the articles of new entries that hold a few lines, of the sources with `fulltext: true`.

    One article a source at a time; a server that refuses (or says Retry-After) is not asked again in this run. Where
    the extra is not installed, nothing is done: `check` tells. Raises BusyError when another process is at it.
    """
    wanted = [source.name for source in config.sources if source.fulltext and not source.paused]
    if not wanted or not available():
        return Completed()
    done = Completed()
    ended = stop or Event()
    with exclusive(engine, "fulltext", wait=wait):
        queues = _queues(engine, config, wanted, clock())
        while queues and not ended.is_set():
            for entry, answer in _asked(fetcher, queues):
                taken = _keep(engine, entry, _full(reader, entry, answer), config.masked, clock())
                done = replace(done, full=done.full + taken, kept=done.kept + (not taken))
                if _refused(answer):
                    queues.pop(entry.source, None)
            queues = {name: rest for name, rest in queues.items() if rest}
            if queues:
                ended.wait(config.poll.per_host_delay.total_seconds())
    return done


def _queues(engine: Engine, config: Config, wanted: list[str], now: datetime) -> dict[str, list[Entry]]:
    """What is to be asked for, by source."""
    queues: dict[str, list[Entry]] = {}
    since = now - config.curate.story_window
    with reading(engine) as conn:
        for entry in fulltexts.untried(conn, wanted, since=since, shorter=SHORT, most=MOST):
            queues.setdefault(entry.source, []).append(entry)
    return queues


def _asked(fetcher: Fetcher, queues: dict[str, list[Entry]]) -> Iterator[tuple[Entry, Page | FetchError]]:
    """The next of each source. The headers of a source are for its feed, not for where its entries lead."""
    turn = {entry.id: entry for entry in (queue.pop(0) for queue in queues.values())}
    requests = [Request(source=entry.id, url=entry.url or "") for entry in turn.values()]
    for batch in fetcher.batches(requests):
        for request, answer in batch:
            yield turn[request.source], answer


def _refused(answer: Page | FetchError) -> bool:
    return isinstance(answer, FetchError) and (answer.status in _REFUSALS or "retry-after" in answer.headers)


def _full(reader: Extractor, entry: Entry, answer: Page | FetchError) -> Entry | str:
    """The entry with its full text, or why there is none."""
    if isinstance(answer, FetchError):
        return answer.message
    kind = answer.headers.get("content-type", "text/html")
    if not _PAGE.match(kind.strip()):
        return f"it is no page but {kind[:80]}"
    content = reader.article(answer)
    if isinstance(content, ParseError):
        return content.message
    text = text_of(content)
    words = count_words(text)
    if words < max(LEAST_WORDS, entry.words * _LEAST_GAIN):
        return f"the page has no more to say ({words} words)"
    summary = entry.summary or shorten(text, LONGEST_SUMMARY)
    return replace(entry, content=content, summary=summary, words=words)


def _keep(engine: Engine, entry: Entry, full: Entry | str, masked: Callable[[str], str], now: datetime) -> bool:
    """Write down what came of it, in one transaction."""
    taken = False
    said = f"no full text: {masked(full)}" if isinstance(full, str) else f"full text, {full.words} words"
    with writing(engine) as conn:
        if isinstance(full, Entry):
            taken = entries.fill(conn, entry, content=full.content, summary=full.summary, words=full.words)
            said = said if taken else "no full text: its feed changed it meanwhile"
        fulltexts.note(conn, entry.id, now, said)
        journal.write(conn, now, entry.id, said)
    return taken
