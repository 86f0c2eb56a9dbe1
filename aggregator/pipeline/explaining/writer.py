"""Who wrote what readers are told of a story, from what, and what was verified; or why it is chosen from its sources."""

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import Connection

from aggregator.config import Config
from aggregator.config.kinds import show_duration
from aggregator.model import Story
from aggregator.pipeline.briefed import question
from aggregator.pipeline.writer_limits import pausing, refused
from aggregator.store import briefings
from aggregator.write.prompt import refusal

Line = tuple[str, str]


def briefing_lines(conn: Connection, config: Config, story: Story, now: datetime) -> Iterator[Line]:
    if story.written is not None:
        yield from _written(conn, story)
    elif config.writer is not None:
        yield "briefing", f"chosen from its sources: {_why_not(conn, config, story, now)}"


def _written(conn: Connection, story: Story) -> Iterator[Line]:
    assert story.written is not None, "who calls knows"
    yield "briefing", f"written by {story.written.model}, in {story.written.language}"
    for one in briefings.of_story(conn, story.id):
        if one.said == story.said and one.text == story.written.text:
            yield "written", f"{_time(one.at)}, from {', '.join(one.sources)}"
            yield "verified", one.reason
            return


def _why_not(conn: Connection, config: Config, story: Story, now: datetime) -> str:
    assert config.writer is not None, "who calls knows"
    asked = question(config, story)
    known = briefings.load(conn, [asked.key]).get(asked.key)
    if known is not None and known.outcome == "written":
        return "what was written is shown with the next run"
    if known is not None and (why := refusal(story)) is not None:
        return f"it is not given to a model: {why}"
    if known is not None:
        did = "does not hold" if known.outcome == "refused" else "is of no use"
        return f"what {known.model} wrote {_time(known.at)} {did}: {known.reason}"
    if story.last_published < now - config.writer.max_age:
        return f"it had no news for {show_duration(config.writer.max_age)} (writer.max_age)"
    if (paused := pausing(conn, now)) is not None:
        return f"the writer pauses until {_time(paused[0])}: {paused[1]}"
    waits = refused(conn, config, asked.prompt, now, anyway=True)
    return waits or "it waits for its turn, the best first"


def _time(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
