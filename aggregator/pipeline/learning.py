"""examples -> models: what files taught and editors corrected is learned, and learned again when something is added."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import blake2b
from importlib.util import find_spec
from pathlib import Path
from typing import Protocol

from sqlalchemy import Connection, Engine

from aggregator.config import Config
from aggregator.curate.learned import Learned
from aggregator.curate.text import fold
from aggregator.errors import AggregatorError, BusyError, LearningError
from aggregator.model import Example
from aggregator.pipeline import models
from aggregator.pipeline.models import Model
from aggregator.store import decisions, examples, journal
from aggregator.store.engine import reading, writing
from aggregator.store.examples import KINDS, Kind, Lesson, Taught
from aggregator.store.locks import exclusive

NO_EXTRA = "learning needs scikit-learn, which is not installed"
INSTALL = "pip install 'aggregator[learn]'"
QUIET = timedelta(minutes=1)
"""So long after an editor's last word: a series of corrections is learned once."""

LEAST_UNASKED = 50
"""Examples, below which nothing is learned unless somebody asks for it: what a few corrections are about is not all that
there is, and what was learned of them would see nothing else.
"""
_SEES: Mapping[Kind, str] = {"categories": "subject", "sections": "manner"}
"""What is read of a text to tell them."""


class Trainer(Protocol):
    def __call__(self, examples: Sequence[Example], sees: str, /) -> bytes:
        """A model; `sees`: what is read of a text (`curate.features.READ`). Raises AggregatorError."""
        ...


@dataclass(frozen=True, slots=True)
class Learnt:
    """What came of one kind. `given`: label -> how many texts; `failed`: why there is no new model, and what to do."""

    kind: Kind
    given: Mapping[str, int]
    model: Model | None = None
    failed: AggregatorError | None = None

    @property
    def left_out(self) -> dict[str, int]:
        """Labels of which there are too few texts."""
        known = self.model.learned.labels if self.model is not None else ()
        return {label: count for label, count in self.given.items() if label not in known}


def available() -> bool:
    return find_spec("sklearn") is not None


def digest(title: str, summary: str) -> str:
    """The same for the same words, however they are typeset."""
    said = f"{fold(title)}\n{fold(summary)}"
    return blake2b(said.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def teach(
    engine: Engine,
    config: Config,
    taught: Sequence[Taught] | None,
    *,
    forget: bool = False,
    train: Trainer,
    clock: Callable[[], datetime],
    wait: float = 0,
) -> tuple[Learnt, ...]:
    """What files teach takes the place of what they taught before, and all that is taught is learned anew. None: it stays,
    unless it is to be forgotten, with all models. Raises BusyError when another process learns.
    """
    with exclusive(engine, "learn", wait=wait):
        if taught is not None or forget:
            with writing(engine) as conn:
                examples.replace_files(conn, taught or ())
        if forget and config.models_folder is not None:
            for kind in KINDS:
                models.forget(config.models_folder, kind)
        with reading(engine) as conn:
            wanted = [kind for kind, told in examples.count(conn).items() if told.all]
        return tuple(_learn(engine, config, kind, train, clock()) for kind in wanted)


def learn(
    engine: Engine,
    config: Config,
    *,
    train: Trainer,
    clock: Callable[[], datetime],
    quiet: timedelta = QUIET,
    wait: float = 0,
) -> tuple[Learnt, ...]:
    """Learn what editors corrected since it was tried last, once they were `quiet` for so long; and again what was learned
    where the models are gone. Raises BusyError when another process learns.
    """
    if not _due(engine, config, clock(), quiet):
        return ()
    with exclusive(engine, "learn", wait=wait):
        return tuple(_learn(engine, config, kind, train, clock()) for kind in _due(engine, config, clock(), quiet))


def _due(engine: Engine, config: Config, now: datetime, quiet: timedelta) -> list[Kind]:
    folder = config.models_folder
    if folder is None:
        return []
    with reading(engine) as conn:
        said = decisions.last_correction(conn)
        if said is not None and timedelta(0) <= now - said[1] < quiet:
            return []
        return [kind for kind in KINDS if _is_due(conn, folder, kind, said[0] if said is not None else 0)]


def _is_due(conn: Connection, folder: Path, kind: Kind, correction: int) -> bool:
    """What failed is not tried again with the same examples. All of them are read only where there is a new word."""
    last = examples.last(conn, kind)
    if examples.count(conn)[kind].all < LEAST_UNASKED:
        return False
    if last is None:
        return True
    if last.learned and _newest(folder, kind) < last.number:
        return True
    if last.outcome == NO_EXTRA and available():
        return True
    return correction > last.correction and (examples.digest(conn, kind) or "") != last.examples


def _newest(folder: Path, kind: Kind) -> int:
    return max(models.numbers(folder, kind), default=0)


def _learn(engine: Engine, config: Config, kind: Kind, train: Trainer, now: datetime) -> Learnt:
    """Outside of every transaction: it takes its time, and others write meanwhile."""
    with reading(engine) as conn:
        found, of = list(examples.load(conn, kind)), examples.digest(conn, kind) or ""
        last, said = examples.last(conn, kind), decisions.last_correction(conn)
    given = Counter(one.label for one in found)
    number = last.number if last is not None else 0
    lesson = Lesson(
        kind=kind, at=now, examples=of, correction=said[0] if said else 0, number=number, learned=False, outcome=""
    )
    try:
        model = _trained(config, lesson, found, train, again=last is not None and last.learned and last.examples == of)
    except BusyError:
        raise  # it was ended, and is tried again
    except AggregatorError as error:
        _note(engine, replace(lesson, outcome=error.message), f"nothing new was learned of {kind}: {error.message}")
        return Learnt(kind, given, failed=error)
    words = f"of {model.learned.n} texts, accuracy {model.learned.accuracy:.3f}"
    lesson = replace(lesson, learned=True, number=model.number, outcome=words)
    _note(engine, lesson, f"{model.name} was learned {words}")
    return Learnt(kind, given, model)


def _trained(config: Config, lesson: Lesson, found: Sequence[Taught], train: Trainer, *, again: bool) -> Model:
    """Written where the next run finds it. `again`: the same examples were learned before; where that model is not here
    (it was removed, or is on another machine), it is made once more under its number.
    """
    if not available():
        raise LearningError(NO_EXTRA, hint=INSTALL)
    folder = config.models_folder
    if folder is None:
        raise LearningError("a database in memory keeps no models", hint="name a file in `database`")
    data = train([Example(one.title, one.summary, one.label) for one in found], _SEES[lesson.kind])
    newest = _newest(folder, lesson.kind)
    number = lesson.number if again and newest < lesson.number else max(lesson.number, newest) + 1
    model = Model(lesson.kind, number, Learned.from_bytes(data))
    models.keep(folder, model.kind, model.number, data)
    return model


def _note(engine: Engine, lesson: Lesson, event: str) -> None:
    with writing(engine) as conn:
        examples.note(conn, lesson)
        journal.write(conn, lesson.at, "learning", event)


def learned_words(conn: Connection, config: Config, kind: Kind) -> str:
    """What is in use, what cannot be, and what was tried in vain: for `status`."""
    found, last = models.in_use(config.models_folder, kind), examples.last(conn, kind)
    about = found.model.learned if found.model is not None else None
    said = [f"{found.model.name} of {about.n} texts" if found.model is not None and about is not None else "nothing"]
    if last is None and (told := examples.count(conn)[kind].all):
        enough = told >= LEAST_UNASKED
        said.append(
            f"{told} {'corrections are learned next' if enough else f'of {LEAST_UNASKED} corrections that it takes'}"
        )
    said += [f"{name} is passed over: {reason}" for name, reason in found.broken]
    if last is not None and not last.learned:
        said.append(f"not learned at {last.at:%Y-%m-%dT%H:%M:%SZ}: {last.outcome}")
    return "; ".join(said)
