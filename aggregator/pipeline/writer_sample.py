"""Whether the writer works: two reports of our own, in two languages, to try a model with."""

from collections.abc import Callable
from datetime import datetime
from threading import Event

from sqlalchemy import Engine

from aggregator.config import Config
from aggregator.errors import UsageError, WriterError
from aggregator.model import Report, Story
from aggregator.pipeline.briefed import question
from aggregator.pipeline.writing import INSTALL, NO_EXTRA, Run, available
from aggregator.protocols import Summariser
from aggregator.store.briefings import Briefing


def sample(now: datetime) -> Story:
    """Two reports of our own, in two languages, to try a model with."""
    told = (
        (
            "wire",
            "The Wire",
            "en",
            "Harbour bridge opens to traffic in Xiamen after four years",
            (
                "A bridge of 6.2 kilometres across the harbour of Xiamen opened to traffic on Thursday after four years of work. "
                "It cost 3.1 billion yuan and carries six lanes, the city's transport bureau said."
            ),
        ),
        (
            "ribao",
            "日报",
            "zh-Hans",
            "厦门跨海大桥通车",
            "厦门新建的跨海大桥周四正式通车，全长6.2公里，总投资31亿元。交通局局长陈志明表示，预计每天有4万辆车通过，过海时间由50分钟缩短至10分钟。",
        ),
    )
    reports = tuple(
        Report(
            entry=f"e{number}",
            source=source,
            source_title=outlet,
            url=None,
            title=title,
            summary=summary,
            language=language,
            published=now,
            seen=now,
        )
        for number, (source, outlet, language, title, summary) in enumerate(told, 1)
    )
    return Story(
        id="",
        title=reports[0].title,
        summary=reports[0].summary,
        language="en",
        url=None,
        section="briefings",
        categories=(),
        reports=reports,
        first_published=now,
        last_published=now,
        updated=now,
    )


def try_out(engine: Engine, config: Config, *, summariser: Summariser, clock: Callable[[], datetime]) -> Briefing:
    """Ask for a briefing of the sample, whatever pause there is. Raises WriterError where there is no answer."""
    if not available():
        raise UsageError(NO_EXTRA, hint=INSTALL)
    assert config.writer is not None, "who calls knows"
    run = Run(engine, config, config.writer, summariser, clock, Event(), asked_for=True)
    story = sample(clock())
    done = run.once(story, question(config, story))
    if isinstance(done, WriterError):
        raise done
    return done
