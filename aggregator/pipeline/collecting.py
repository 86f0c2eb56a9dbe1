"""A round of collecting, in its order: what hubs pushed, what is due, then what that leaves to do."""

from collections.abc import Callable, Sequence
from datetime import datetime
from threading import Event
from typing import Any, Protocol

from sqlalchemy import Engine

from aggregator.collect.budget import Budgets
from aggregator.config import Config
from aggregator.pipeline import alerts
from aggregator.pipeline.fulltext import complete
from aggregator.pipeline.missed import propose
from aggregator.pipeline.poll import Polled, poll
from aggregator.pipeline.push import subscribe
from aggregator.pipeline.pushed import read_pushed
from aggregator.pipeline.settle import PollResult
from aggregator.protocols import Extractor, Fetcher, Finder, Reader


class Cage(Reader, Finder, Extractor, Protocol):
    """All that is done with strangers' bytes."""


def collect(
    engine: Engine,
    config: Config,
    *,
    fetcher: Fetcher,
    cage: Cage,
    budgets: Budgets,
    clock: Callable[[], datetime],
    stop: Event,
    wait: float = 0,
    names: Sequence[str] = (),
    force: bool = False,
    most: int | None = None,
    on_result: Callable[[PollResult], None] = lambda _: None,
) -> Polled:
    """`names`, `force`, `most`, `on_result`, `budgets`: as of `poll`. With `names`, hubs are left aside.

    Raises BusyError when another process is at it.
    """
    reading: dict[str, Any] = {"reader": cage, "clock": clock, "wait": wait, "stop": stop}
    pushed = () if names else read_pushed(engine, config, **reading, on_result=on_result)
    asked: dict[str, Any] = {"names": names, "force": force, "most": most, "on_result": on_result}
    polled = poll(engine, config, fetcher=fetcher, budgets=budgets, **reading, **asked)
    if not stop.is_set():
        names_missed = {result.source for result in polled.results if result.missed}
        missed = {source.name: source for source in config.sources if source.name in names_missed}
        propose(engine, config, missed, fetcher=fetcher, reader=cage, finder=cage, clock=clock)
        complete(engine, config, fetcher=fetcher, **reading)
    if any(result.alerts for result in (*pushed, *polled.results)):
        alerts.write_feed(engine, config)
    if not names:
        subscribe(engine, config, fetcher=fetcher, clock=clock)
    return Polled((*pushed, *polled.results))
