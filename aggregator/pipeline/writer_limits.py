"""What the writer may still spend today, and whether it pauses: its rules on its ledger. For whoever asks, and for `status`."""

from dataclasses import asdict
from datetime import datetime, time
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from aggregator.config import Config
from aggregator.model import Prompt
from aggregator.store import briefings
from aggregator.write import limits
from aggregator.write.limits import Call, Spent

_LAST_CALLS = 50


def refused(conn: Connection, config: Config, prompt: Prompt, now: datetime, *, anyway: bool) -> str | None:
    """Why a question is not asked now; `anyway`: no pause counts."""
    assert config.writer is not None, "who calls knows"
    found = None if anyway else pausing(conn, now)
    if found is not None:
        return f"pauses until {_time(found[0])}: {found[1]}"
    return limits.exhausted(config.writer, spent_today(conn, config, now), prompt)


def pausing(conn: Connection, now: datetime) -> tuple[datetime, str] | None:
    """Until when nothing is asked, and why."""
    found = limits.pause([Call(**asdict(one)) for one in briefings.last_calls(conn, _LAST_CALLS)])
    return found if found is not None and now < found[0] else None


def spent_today(conn: Connection, config: Config, now: datetime) -> Spent:
    """A day is one of the publication's zone."""
    zone = ZoneInfo(config.publication.timezone)
    midnight = datetime.combine(now.astimezone(zone).date(), time(), zone)
    return Spent(**briefings.spent(conn, midnight))


def words(conn: Connection, config: Config, now: datetime) -> str:
    """For `status`."""
    settings = config.writer
    if settings is None:
        return "off"
    spent, paused = spent_today(conn, config, now), pausing(conn, now)
    calls = "1 call" if spent.calls == 1 else f"{spent.calls:,} calls"
    said = [settings.model, f"{spent.tokens:,} of {settings.daily_tokens:,} tokens today in {calls}"]
    if settings.daily_cost is not None:
        said.append(f"{spent.cost:.4f} of {settings.daily_cost:g} spent")
    elif spent.cost:
        said.append(f"{spent.cost:.4f} spent")
    if paused is not None:
        said.append(f"pauses until {_time(paused[0])}: {paused[1]}")
    return "; ".join(said)


def _time(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
