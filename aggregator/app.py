"""Who is who: a configuration becomes a database, a fetcher, a reader and a mailer, and the steps run on them."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cached_property, partial
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING

from sqlalchemy import Engine

from aggregator import __version__, pipeline
from aggregator.config import Config
from aggregator.config import Delivery as DeliverySettings
from aggregator.config.workspace import template_folders
from aggregator.errors import BusyError, UsageError
from aggregator.model import Delivery
from aggregator.pipeline import Composed, Curated, Delivered, Pinged, Polled, PollResult, Published, alerts, retract
from aggregator.pipeline.desk import Desk
from aggregator.pipeline.plan import remember_taken
from aggregator.pipeline.resort import Resorted, resort
from aggregator.protocols import Mailer
from aggregator.store import schema, stories
from aggregator.store.engine import open_engine, open_to_read, reading
from aggregator.store.examples import KINDS

if TYPE_CHECKING:  # loads where a command polls, learns, writes or previews
    from aggregator.collect.cage import Cage
    from aggregator.collect.fetch import HttpFetcher
    from aggregator.pipeline.learning import Learnt
    from aggregator.pipeline.preview import Material
    from aggregator.pipeline.writing import Tried, Wrote
    from aggregator.protocols import Summariser
    from aggregator.store.briefings import Briefing
    from aggregator.store.examples import Taught


def utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class App:
    """One publication, ready to work. Opens nothing before it is needed."""

    config: Config
    clock: Callable[[], datetime] = utc_now
    wait: float = 0.0
    """How many seconds a step waits for another process that is at the same step."""
    stop: Event = field(default_factory=Event)
    """Set from outside: the steps end at the next safe point."""

    @cached_property
    def engine(self) -> Engine:
        """The database, brought to the present schema. Raises StoreError."""
        engine = open_engine(self.config.database_url)
        schema.ensure(engine)
        return engine

    @cached_property
    def reader(self) -> Engine:
        """The database as it is, for what must not change it. Raises StoreError, also where there is none yet."""
        return open_to_read(self.config.database_url)

    @cached_property
    def folders(self) -> tuple[Path, ...]:
        return template_folders(self.config.base)

    @cached_property
    def cage(self) -> "Cage":
        """Reads what strangers wrote. Its children start with the first page, and stay for the next round."""
        from aggregator.collect.cage import Cage

        return Cage()

    @cached_property
    def _taken(self) -> bool:
        """Kept for the next `plan`: what the configuration says that was worked with."""
        return remember_taken(self.engine, self.config, self.clock())

    @property
    def user_agent(self) -> str:
        """Who asks, in which version, and whom a site can write to."""
        publication = self.config.publication
        contact = "".join(f"; {address}" for address in [publication.author and publication.author.email] if address)
        return self.config.poll.user_agent or f"aggregator/{__version__} (+{publication.link}{contact})"

    def in_place_of(self, before: "App") -> "App":
        """The same on the connections of another, which are of the same database; and what stops that one stops this."""
        taken = replace(self, stop=before.stop)
        taken.__dict__.update(engine=before.engine, cage=before.cage)  # what cached_property would have kept
        return taken

    def close(self) -> None:
        if "cage" in self.__dict__:
            self.cage.close()
        for engine in ("engine", "reader"):
            if engine in self.__dict__:
                getattr(self, engine).dispose()

    def poll(
        self,
        names: Sequence[str] = (),
        *,
        force: bool = False,
        most: int | None = None,
        on_result: Callable[[PollResult], None] = lambda _: None,
    ) -> Polled:
        from aggregator.collect.budget import Budgets
        from aggregator.collect.fetch import HttpFetcher

        budgets = Budgets()
        polled = pipeline.collect(
            self.engine,
            self.config,
            fetcher=HttpFetcher(self.config.poll, self.user_agent, budgets=budgets, clock=self.clock),
            cage=self.cage,
            budgets=budgets,
            clock=self.clock,
            names=names,
            force=force,
            most=most,
            wait=self.wait,
            stop=self.stop,
            on_result=on_result,
        )
        self._taken  # noqa: B018  once for each configuration
        return polled

    def mail_alerts(self) -> int:
        """Tell operators what no letter told yet; how many incidents. Raises SendError, and does nothing unasked."""
        if self.config.alerts.mail is None or self.config.delivery is None:
            return 0
        return alerts.mail(self.engine, self.config, mailer=self._mailer(self.config.delivery), clock=self.clock)

    def curate(self) -> Curated:
        curated = pipeline.curate(self.engine, self.config, clock=self.clock, wait=self.wait)
        with suppress(BusyError):  # another process is at it: it cools them too
            cooled = pipeline.cool(self.engine, self.config, self.clock(), wait=self.wait)
            return replace(curated, stories=curated.stories + cooled)
        return curated

    def learn(self, *, at_once: bool = False) -> "tuple[Learnt, ...]":
        """What editors corrected, in a process of its own; `at_once`: also a correction that was made just now."""
        from aggregator.pipeline import learning
        from aggregator.pipeline.training import in_a_child

        train = partial(in_a_child, stop=self.stop)
        quiet = timedelta(0) if at_once else learning.QUIET
        return learning.learn(self.engine, self.config, train=train, clock=self.clock, quiet=quiet, wait=self.wait)

    def broken_models(self) -> list[tuple[str, str]]:
        """Those that are newer than what is in use, and cannot be read: name and reason."""
        from aggregator.pipeline import models

        return [told for kind in KINDS for told in models.in_use(self.config.models_folder, kind).broken]

    def teach(self, taught: "Sequence[Taught] | None", *, forget: bool = False) -> "tuple[Learnt, ...]":
        """What files teach, or what there is already, in this process."""
        from aggregator.pipeline import learning
        from aggregator.pipeline.training import here

        return learning.teach(
            self.engine, self.config, taught, forget=forget, train=here, clock=self.clock, wait=self.wait
        )  # fmt: skip

    def resort(self, since: timedelta) -> Resorted:
        """Sort what is not older than this again, by the rules as they stand now."""
        return resort(self.engine, self.config, since=self.clock() - since, clock=self.clock, wait=self.wait)

    @property
    def desk(self) -> Desk:
        return Desk(self.engine, self.config, clock=self.clock, wait=self.wait)

    def retract(self, ids: Sequence[str], *, reason: str) -> tuple[str, ...]:
        """Take entries back, and curate what is left of their stories; those that stood until now."""
        done = retract.retract(self.engine, ids, reason=reason, now=self.clock(), wait=self.wait)
        self.curate()
        return done

    def restore(self, ids: Sequence[str]) -> tuple[str, ...]:
        done = retract.restore(self.engine, ids, now=self.clock(), wait=self.wait)
        self.curate()
        return done

    def write(
        self,
        names: Sequence[str] = (),
        *,
        limit: int | None = None,
        on_tried: "Callable[[Tried], None]" = lambda _: None,
    ) -> "Wrote":
        """Briefings of what will be seen, or of the named stories; without a writer, what was written is taken away."""
        from aggregator.pipeline import writing

        return writing.write(
            self.engine,
            self.config,
            summariser=self._summariser(),
            clock=self.clock,
            names=names,
            limit=limit,
            stop=self.stop,
            wait=self.wait,
            on_tried=on_tried,
        )

    def try_writer(self) -> "Briefing":
        """Ask for a briefing of a sample. Raises WriterError where there is no answer, UsageError without a writer."""
        from aggregator.pipeline import writer_sample

        summariser = self._summariser()
        if summariser is None:
            raise UsageError("no writer is configured", hint="add a `writer` block with url and model")
        return writer_sample.try_out(self.engine, self.config, summariser=summariser, clock=self.clock)

    def _summariser(self) -> "Summariser | None":
        if self.config.writer is None:
            return None
        from aggregator.write.client import ChatClient

        return ChatClient(self.config.writer, self.user_agent, stop=self.stop)

    def last_change(self) -> tuple[datetime | None, datetime | None]:
        """Another one than before: readers have something else to see, also by what was decided in another process."""
        with reading(self.engine) as conn:
            return stories.last_change(conn)

    def compose(self, names: Sequence[str] = (), *, at_once: bool = False) -> tuple[Composed, ...]:
        return pipeline.compose(
            self.engine,
            self.config,
            folders=self.folders,
            clock=self.clock,
            names=names,
            at_once=at_once,
            wait=self.wait,
        )

    def publish(self, *, rebuild: bool = False) -> Published:
        return pipeline.publish(self.engine, self.config, folders=self.folders, wait=self.wait, rebuild=rebuild)

    def material(self) -> "Material":
        """What a preview shows: all that is there, and the next editions. Nothing is written."""
        from aggregator.pipeline import preview

        return preview.from_database(self.reader, self.config, self.clock())

    def ping(self) -> Pinged:
        """Tell hubs which of our feeds changed; nothing where none is configured."""

        def fetcher() -> "HttpFetcher":
            from aggregator.collect.budget import Budgets
            from aggregator.collect.fetch import HttpFetcher

            return HttpFetcher(self.config.poll, self.user_agent, budgets=Budgets(), clock=self.clock)

        return pipeline.ping(self.engine, self.config, fetcher=fetcher, clock=self.clock, wait=self.wait)

    def deliver(self, on_letter: Callable[[Delivery, str], None] = lambda _letter, _state: None) -> Delivered:
        """Hand over what is due; nothing where no `delivery` is configured."""
        from aggregator.send.smtp import Rate

        settings = self.config.delivery
        if settings is None:
            return Delivered()
        return pipeline.deliver(
            self.engine,
            self.config,
            mailer=self._mailer(settings),
            rate=Rate(settings.rate, sleep=self.stop.wait),
            folders=self.folders,
            clock=self.clock,
            stop=self.stop,
            wait=self.wait,
            on_letter=on_letter,
        )

    @staticmethod
    def _mailer(settings: DeliverySettings) -> Mailer:
        from aggregator.send.smtp import SmtpMailer

        url = settings.smtp.get_secret_value()
        return SmtpMailer(url, tls=settings.tls, timeout=settings.timeout.total_seconds())
