"""stories that will be seen -> asked, verified, kept -> briefings. Between curating and composing, and never in their way.

Each question is a line of the ledger before it goes out, and each answer a row before the next is asked: killed in between,
one call at most is paid twice. What does not hold is kept as well, with its reason, and not asked again.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from importlib.util import find_spec
from threading import Event

from sqlalchemy import Connection, Engine

from aggregator.config import Config, Writer
from aggregator.curate.rank import rank
from aggregator.errors import UsageError, WriterError
from aggregator.model import Reply, Story
from aggregator.pipeline.briefed import question, show
from aggregator.pipeline.outlets import outlets
from aggregator.pipeline.writer_limits import refused
from aggregator.protocols import Summariser
from aggregator.store import briefings, journal, stories
from aggregator.store.briefings import Briefing
from aggregator.store.engine import reading, writing
from aggregator.store.locks import exclusive
from aggregator.write import limits
from aggregator.write.answer import Useless, read
from aggregator.write.prompt import Question, refusal
from aggregator.write.sources import Sources
from aggregator.write.sources import of as sources_of
from aggregator.write.verify import held, problem

NO_EXTRA = "the writer needs pypinyin, which is not installed"
INSTALL = "pip install 'aggregator[writer]'"
LISTED = 1000
"""How many stories, newest first, are looked at: those that lists and feeds choose from."""
_KEPT = timedelta(days=35)
"""Lines of the ledger."""
_USELESS = 2
"""So often one question is asked whose answers cannot be read."""


@dataclass(frozen=True, slots=True)
class Tried:
    """What came of one story. `waits`: that it would be asked, where nothing is."""

    story: str
    title: str
    outcome: str
    reason: str
    text: str | None = None
    tokens: int = 0


@dataclass(frozen=True, slots=True)
class Wrote:
    """`changed`: stories of which readers see another text. `stopped`: why it ended before its end."""

    tried: tuple[Tried, ...] = ()
    changed: int = 0
    stopped: str | None = None
    hint: str | None = None

    def count(self, outcome: str) -> int:
        return sum(one.outcome == outcome for one in self.tried)


def available() -> bool:
    return find_spec("pypinyin") is not None


def write(
    engine: Engine,
    config: Config,
    *,
    summariser: Summariser | None,
    clock: Callable[[], datetime],
    names: Sequence[str] = (),
    limit: int | None = None,
    stop: Event | None = None,
    wait: float = 0,
    on_tried: Callable[[Tried], None] = lambda _: None,
) -> Wrote:
    """Write what is to be written, the best stories first; `names`: these, whether they were tried before, paused or not.
    Without a writer, what was written is taken away.

    Raises UsageError for a name that is no story's, BusyError when another process writes.
    """
    with exclusive(engine, "write", wait=wait):
        settings = config.writer
        if settings is None or summariser is None:
            return Wrote(changed=show(engine, config, (), clock(), wait=wait))
        if not available():
            return Wrote(stopped=NO_EXTRA, hint=INSTALL)
        run = Run(engine, config, settings, summariser, clock, stop or Event(), bool(names))
        wanted = _wanted(engine, config, clock(), names)
        try:
            stopped = run.through(wanted, limit or len(names) or settings.per_run, on_tried)
        finally:
            changed = show(engine, config, wanted, clock(), wait=wait)
        return Wrote(tuple(run.tried), changed, *stopped)


def planned(engine: Engine, config: Config, *, now: datetime, names: Sequence[str] = ()) -> Iterator[Tried]:
    """What would be asked, in this order. Asks nothing."""
    asked = {story.id: (story, question(config, story)) for story in _wanted(engine, config, now, names)}
    with reading(engine) as conn:
        known = {} if names else briefings.load(conn, [put.key for _, put in asked.values()])
    for story, put in asked.values():
        if put.key not in known:
            why = refusal(story)
            said = f"of {len(put.voices)} sources" if why is None else why
            tokens = sum(limits.asked(put.prompt)) if why is None else 0
            yield Tried(story.id, story.title, "waits" if why is None else "refused", said, tokens=tokens)


def _wanted(engine: Engine, config: Config, now: datetime, names: Sequence[str]) -> list[Story]:
    assert config.writer is not None, "who calls knows"
    with reading(engine) as conn:
        known = outlets(conn, config)
        if names:
            found = stories.load(conn, names, known)
        else:
            some = stories.newest(conn, known, limit=LISTED, since=now - config.writer.max_age)
            found = {story.id: story for story in some if story.news}
    if missing := [name for name in names if name not in found]:
        raise UsageError(f"there is no story {missing[0]!r}", hint="`stories` lists them")
    weights = {category.slug: category.weight for category in config.categories}
    return [ranked.story for ranked in rank(list(found.values()), now, category_weights=weights)]


@dataclass(slots=True)
class Run:
    """One going through the stories, and what came of it."""

    engine: Engine
    config: Config
    settings: Writer
    summariser: Summariser
    clock: Callable[[], datetime]
    stop: Event
    asked_for: bool
    """By name: what was tried before is tried again, and no pause counts."""
    tried: list[Tried] = field(default_factory=list)

    def through(
        self, wanted: Sequence[Story], limit: int, on_tried: Callable[[Tried], None]
    ) -> tuple[str | None, str | None]:
        """Why it ended early, and a hint."""
        for story in self._untried(wanted):
            if len(self.tried) >= limit or self.stop.is_set():
                break
            done = self._story(story)
            if isinstance(done, WriterError):
                return done.message, done.hint
            self.tried.append(Tried(story.id, story.title, done.outcome, done.reason, done.text))
            on_tried(self.tried[-1])
        return None, None

    def _untried(self, wanted: Sequence[Story]) -> list[Story]:
        keys = {story.id: question(self.config, story).key for story in wanted}
        with reading(self.engine) as conn:
            known = {} if self.asked_for else briefings.load(conn, keys.values())
        return [story for story in wanted if keys[story.id] not in known]

    def _story(self, story: Story) -> Briefing | WriterError:
        asked = question(self.config, story)
        if (why := refusal(story)) is not None:
            return self._kept(self._made(story, asked, "refused", why))
        got = self._asked(story, asked)
        if isinstance(got, WriterError) and got.problem == "size":
            return self._kept(self._made(story, asked, "failed", got.message))  # this answer's fault: the others go on
        return got

    def _asked(self, story: Story, asked: Question) -> Briefing | WriterError:
        useless = tries = 0
        while True:
            tries += 1
            got = self.once(story, asked)
            if isinstance(got, WriterError):
                wait = limits.again(got, tries, self.settings.retries)
                if wait is None or self.stop.wait(wait):
                    return got
            elif got.outcome != "failed" or (useless := useless + 1) >= min(_USELESS, 1 + self.settings.retries):
                return got

    def once(self, story: Story, asked: Question) -> Briefing | WriterError:
        """One call: within what a day may cost, and written down before it is made."""
        now = self.clock()
        with writing(self.engine) as conn:
            briefings.forget_calls(conn, now - _KEPT)
            if (why := refused(conn, self.config, asked.prompt, now, anyway=self.asked_for)) is not None:
                return WriterError("busy", why, wait=limits.NEVER)
            input_, output = limits.asked(asked.prompt)
            price = limits.cost(self.settings, input_, output)
            call = briefings.ask(conn, at=now, story=story.id, input_=input_, output=output, cost=price)
        reply = self.summariser.answer(asked.prompt)
        if isinstance(reply, Reply):
            return self._answered(call, asked, reply, self._verified(story, asked, reply))
        # Cut off by our own end, the line stays as it is.
        return reply if self.stop.is_set() else self._unanswered(call, reply)

    def _answered(self, call: int, asked: Question, reply: Reply, done: Briefing) -> Briefing:
        """What it cost and what came of it, in one: killed before, it is asked once more."""
        input_, output = limits.counted(asked.prompt, reply)
        price = limits.cost(self.settings, input_, output)
        with writing(self.engine) as conn:
            briefings.answered(conn, call, "answered", input=input_, output=output, cost=price)
            if done.story:
                _keep(conn, done)
        return done

    def _unanswered(self, call: int, error: WriterError) -> WriterError:
        free = {} if error.paid else {"input": 0, "output": 0, "cost": 0.0}
        until, reason = limits.until(error, self.clock()), self.config.masked(error.message)
        with writing(self.engine) as conn:
            briefings.answered(conn, call, error.problem, until=until, reason=reason, **free)
        return replace(error, message=reason)

    def _kept(self, done: Briefing) -> Briefing:
        with writing(self.engine) as conn:
            _keep(conn, done)
        return done

    def _verified(self, story: Story, asked: Question, reply: Reply) -> Briefing:
        language = self.config.writer_language
        draft = read(reply, language=language)
        if isinstance(draft, Useless):
            return self._made(story, asked, "failed", draft.reason)
        told = _sources(asked)
        if (why := problem(draft, told, language=language)) is not None:
            return self._made(story, asked, "refused", why)
        named = [asked.voices[number - 1].entry for number in draft.named]
        found = held(draft, told, language=language)
        return self._made(story, asked, "written", found, text=draft.text, named=named)

    def _made(
        self,
        story: Story,
        asked: Question,
        outcome: briefings.Outcome,
        reason: str,
        *,
        text: str | None = None,
        named: Sequence[str] = (),
    ) -> Briefing:
        return Briefing(
            key=asked.key,
            story=story.id,
            said=story.said,
            at=self.clock(),
            model=self.settings.model,
            language=self.config.writer_language,
            outcome=outcome,
            text=text,
            sources=tuple(named),
            reason=reason,
        )


def _keep(conn: Connection, done: Briefing) -> None:
    briefings.keep(conn, done)
    journal.write(conn, done.at, done.story, f"briefing {done.outcome}: {done.reason}")


def _sources(asked: Question) -> Sources:
    """Outlets may be named as well."""
    voices = asked.voices
    texts = (f"{report.title}\n{report.summary}\n{report.source_title}" for report in voices)
    return sources_of(texts, [report.published for report in voices], [report.title for report in voices])
