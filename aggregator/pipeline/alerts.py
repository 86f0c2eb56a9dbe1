"""What operators hear of sources and editions: a feed of their own, and letters where they want them."""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import Engine

from aggregator.config import Config
from aggregator.model import Incident
from aggregator.protocols import Mailer
from aggregator.publish import operations
from aggregator.publish.files import Folder
from aggregator.send import addresses
from aggregator.send.notice import notice
from aggregator.store import health
from aggregator.store.engine import reading, writing

_SHOWN = 20


def write_feed(engine: Engine, config: Config) -> bool:
    """Bring the operators' feed up to date; whether its bytes changed. Raises StoreError."""
    with reading(engine) as conn:
        incidents = health.newest(conn, operations.MOST)
    path = config.alerts_file
    return Folder(path.parent, called="the operators' folder").write(
        path.name, operations.alerts_atom(config, incidents)
    )


def mail(engine: Engine, config: Config, *, mailer: Mailer, clock: Callable[[], datetime]) -> int:
    """One letter about all that no letter told yet; how many incidents it tells. Raises SendError.

    They count as told once the server took it: a crash in between tells them again rather than never.
    """
    to = config.alerts.mail
    with reading(engine) as conn:
        untold = health.unmailed(conn) if to is not None else []
    if to is None or not untold or config.delivery is None:
        return 0
    _, recipient = addresses.mailbox(to)
    _, sender = addresses.mailbox(config.delivery.sender)
    letter = notice(config, recipient, _subject(config, untold), _text(config, untold), clock())
    with mailer.session() as session:
        session.send(addresses.wire(sender), addresses.wire(recipient), letter, lambda: True)
    with writing(engine) as conn:
        health.mailed(conn, untold)
    return len(untold)


def _subject(config: Config, untold: list[Incident]) -> str:
    titles = [operations.end(each) if each.closed else operations.begin(each) for each in untold]
    more = f" (+{len(titles) - 1})" if len(titles) > 1 else ""
    return f"{config.publication.title}: {titles[0]}{more}"


def _text(config: Config, untold: list[Incident]) -> str:
    told = "\n\n".join(_paragraph(each) for each in untold[:_SHOWN])
    more = f"\n\nand {len(untold) - _SHOWN} more" if len(untold) > _SHOWN else ""
    return f"{told}{more}\n\n-- \nFrom the operations of {config.publication.title}. `aggregator explain NAME` says more of each."


def _paragraph(incident: Incident) -> str:
    title = operations.end(incident) if incident.closed else operations.begin(incident)
    when = incident.closed or incident.opened
    return f"{title}\n  {when:%Y-%m-%d %H:%M} UTC: {incident.reason}"
