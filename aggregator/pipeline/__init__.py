"""The five steps, in their order: the only place where stages, network and database meet.

    poll      due sources -> fetch -> parse -> normalise -> drop the known -> entries
    curate    new entries -> duplicates -> language, categories, section -> stories
    compose   stories not yet told -> rank, select, summarise -> edition + deliveries
    publish   what changed -> site, feeds, mail -> out/
    deliver   claim -> splice -> hand over -> mark

They meet only in the database: each takes what the one before it left there, so each may die at any point and be run
again, and none repeats what is done.
"""

from aggregator.pipeline.collecting import collect
from aggregator.pipeline.compose import Composed, compose
from aggregator.pipeline.cool import cool
from aggregator.pipeline.curate import Curated, curate
from aggregator.pipeline.deliver import Delivered, deliver
from aggregator.pipeline.ping import Pinged, ping
from aggregator.pipeline.poll import Polled, poll
from aggregator.pipeline.publishing.publish import Published, publish
from aggregator.pipeline.push import subscribe
from aggregator.pipeline.pushed import read_pushed
from aggregator.pipeline.settle import PollResult

__all__ = [
    "Composed",
    "Curated",
    "Delivered",
    "Pinged",
    "PollResult",
    "Polled",
    "Published",
    "collect",
    "compose",
    "cool",
    "curate",
    "deliver",
    "ping",
    "poll",
    "publish",
    "read_pushed",
    "subscribe",
]
