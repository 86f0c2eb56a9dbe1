"""How a story stands at the moment: what it is about, whether news may still join it, how hot a topic it is. For `explain`."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from sqlalchemy import Connection

from aggregator.config import Config
from aggregator.config.kinds import show_duration
from aggregator.curate.hot import HOT_FOR, heat
from aggregator.curate.kicker import told_about
from aggregator.model import Story
from aggregator.pipeline.sorting import Sorter
from aggregator.store import retractions

Line = tuple[str, str]


def standing_lines(config: Config, story: Story, now: datetime) -> Iterator[Line]:
    until, window = story.last_published + config.curate.story_window, show_duration(config.curate.story_window)
    if now <= until:
        yield "open", f"until {_time(until)}, unless there is news of it before: story_window is {window}"
    else:
        yield "closed", f"since {_time(until)}: {window} without news (story_window)"
    yield "heat", _heat(config, story, now)


def votes_lines(conn: Connection, config: Config, story: Story) -> Iterator[Line]:
    """How its categories were decided."""
    sorter = Sorter.on(conn, config)
    about = told_about(story.reports, story.lead, sorter.words.categories, sorter.classifier.broader)
    if about.word is not None:
        entry, word = about.word
        said = ", ".join(word.said) or "none"
        yield "an editor said", f"{said}, {_time(word.at)}, of {entry}; no vote counts beside it"
    votes = sorted(about.votes.items(), key=lambda pair: (-pair[1], pair[0]))
    if votes:
        told = "1 entry" if about.voters == 1 else f"{about.voters} entries"
        yield "votes", f"{', '.join(f'{slug} {float(count):.2g}' for slug, count in votes)}, of {told}"
    for entry, before, after in about.turns[1:] if about.word is None else ():
        yield "kicker", f"{after} instead of {before} since {entry} came: it had clearly more votes, or lies within it"


def lost_lines(conn: Connection, story: str) -> Iterator[Line]:
    """Which of its entries were taken back, when and why."""
    for lost in retractions.of_story(conn, story):
        yield "retracted", f"{lost.entry} {_time(lost.at)}: {lost.reason}"


def withdrawn_lines(conn: Connection, story: str) -> Iterator[Line]:
    """Of a story of which no entry stands."""
    lost = list(lost_lines(conn, story))
    if lost:
        yield "story", f"{story}: withdrawn, as all that told it was taken back; its page says so"
        yield from lost


def _heat(config: Config, story: Story, now: datetime) -> str:
    felt = heat(story, now)
    outlets = "1 outlet" if felt.sources == 1 else f"{felt.sources} outlets"
    told = f"{outlets} told it in their own words within {_hours(HOT_FOR)}"
    parts = " × ".join(f"{name} {value:.2f}" for name, value in felt.parts.items())
    figure = f"{felt.score:.2f} ({parts}): {told}" if parts else f"none: {told}"
    wanted = {section.slug: section.min_sources for section in config.sections if section.min_sources}
    if story.lead.section != config.news_section:
        return f"{figure}; only news becomes hot, and it stands in {story.lead.section}"
    if not wanted:
        return f"{figure}; no section takes hot topics"
    return f"{figure}; {', '.join(f'{slug} takes {least} and more' for slug, least in wanted.items())}"


def _hours(length: timedelta) -> str:
    return f"{length / timedelta(hours=1):g} h"


def _time(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
