"""kill -9 in the middle of every step: nothing lost, nothing twice, nothing half, but for the letters that the ledger names."""

import json
import random
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import count

import pytest
from lxml import etree
from sqlalchemy import func, select, text

from aggregator.store.engine import reading
from aggregator.store.tables import deliveries, editions, entries
from tests.support.mortal import Mortal
from tests.support.newsroom import Article, Newsroom
from tests.support.site import Handler
from tests.support.smtp import Stage

READERS = 24
SOURCES = 5
CONNECTIONS = 2
POINTS = {"curate": ((1, 18), (19, 24)), "compose": ((1, 18), (1, 18)), "publish": ((1, 20), (21, 44))}
"""From which point to which a step is killed: curate while it decides, and while it writes that down."""
_TOPICS = (
    "barley tariff growers", "rocket stage ocean", "digital wallet allowance", "harbour crane strike", "river fishing ban",
    "museum bronze return", "ferry timetable typhoon", "orchard frost apples", "tunnel boring metro", "satellite launch pad",
)  # fmt: skip


@pytest.fixture
def mortal(room: Newsroom) -> Iterator[Mortal]:
    room.delivery["connections"] = CONNECTIONS
    room.now = datetime.now(UTC)
    for number in range(SOURCES):
        room.has_source(f"source-{number}")
    room.subscribe(*(f"reader{number}@example.org" for number in range(READERS)))
    with Mortal(room.write()) as steps:
        yield steps


class Witness:
    """Knows what was served, and after each death that what must never happen has not."""

    def __init__(self, room: Newsroom, mortal: Mortal) -> None:
        self.room, self.mortal = room, mortal
        self.served: list[str] = []
        self.kills: Counter[str] = Counter()
        self.doubtful: set[int] = set()
        self._editions: dict[tuple[str, int], str] = {}
        self._numbers = count(1)

    def news(self) -> None:
        """Two more articles in every source's feed."""
        for source in self.room.sources:
            name = str(source["name"])
            made = [self._article() for _ in range(2)]
            self.served += [article.guid for article in made]
            self.room.tells(name, *made)

    def _article(self) -> Article:
        number = next(self._numbers)
        words = _TOPICS[number % len(_TOPICS)]
        title = f"{words.title()} in district {number}"
        return Article(f"g{number}", title, f"Council {number} spoke of {words} on page {number * 7}.", self.room.now)

    def run(self, step: str, *, at: int = 0, after: float | None = None) -> bool:
        """The step to its end or to its death; whether it ended."""
        ended = self.mortal.run(step, at=at, after=after)
        self.kills[step] += not ended
        self._look()
        return ended

    def finish(self, step: str) -> None:
        assert self.run(step), f"nobody killed {step}"

    def _look(self) -> None:
        with reading(self.room.engine) as conn:
            dotted = set(conn.execute(select(deliveries.c.id).where(deliveries.c.state == "dotted")).scalars())
        assert len(dotted) <= CONNECTIONS, "at most one letter a connection may be in doubt"
        self.doubtful |= dotted
        kept = {(each.newsletter, each.number): each.data for each in self.room.editions()}
        assert self._editions.items() <= kept.items(), "an edition is frozen"
        self._editions = kept
        assert max(self.room.mailed().values(), default=0) <= 1
        whole(self.room)


def whole(room: Newsroom) -> None:
    """Every file in out/ is all there."""
    for name, (_, data) in room.files().items():
        if name.endswith((".xml", ".opml")):
            etree.fromstring(data)
        elif name.endswith(".json"):
            json.loads(data)
        elif name.endswith(".html"):
            assert data.rstrip().endswith(b"</html>"), name


def test_nothing_is_lost_or_doubled_by_kills(room: Newsroom, mortal: Mortal) -> None:
    chance = random.Random(20200514)
    witness = Witness(room, mortal)
    for _ in range(2):
        witness.news()
        kill_polls(witness, chance)
        for step, moments in POINTS.items():
            for first, last in moments:
                witness.run(step, at=chance.randint(first, last))
            witness.run(step, after=chance.uniform(0, 0.25))
            witness.finish(step)
        kill_deliveries(witness, chance)
    assert all(witness.kills[step] >= 2 for step in ("poll", "curate", "compose", "publish", "deliver"))
    assert witness.kills.total() >= 20, witness.kills
    for step in ("poll", "curate", "compose", "publish", "deliver"):
        witness.finish(step)
    all_is_well(witness)


def kill_polls(witness: Witness, chance: random.Random) -> None:
    """While the network is waited for, and between two statements."""
    room = witness.room
    path = f"/source-{chance.randrange(SOURCES)}.rss"
    usual = room.site.answers[path]

    def deadly(handler: Handler) -> None:
        room.site.answers[path] = usual
        witness.mortal.kill()
        usual(handler)

    room.site.answers[path] = deadly
    assert not witness.run("poll")
    for _ in range(2):
        witness.run("poll", at=chance.randint(1, 20))
    witness.finish("poll")


def kill_deliveries(witness: Witness, chance: random.Random) -> None:
    """At the letter's beginning, at its dot, between two statements; then to the end."""
    stages: tuple[Stage, ...] = ("DATA", "dot", "MAIL", "dot")
    for stage in stages:
        with deadly_at(witness, stage, nth=chance.randint(1, 3)):
            assert not witness.run("deliver"), stage
    witness.run("deliver", at=chance.randint(1, 25))
    witness.finish("deliver")


@contextmanager
def deadly_at(witness: Witness, stage: Stage, *, nth: int) -> Iterator[None]:
    """The mail server kills its client at the nth moment of this kind; of a dot, it takes the letter all the same."""
    sink = witness.room.sink
    moments = count(1)

    def kill(at: Stage) -> None:
        if at == stage and next(moments) == nth:
            witness.mortal.kill()

    usual, sink.watch = sink.watch, kill
    yield
    sink.watch = usual


def all_is_well(witness: Witness) -> None:
    room = witness.room
    with reading(room.engine) as conn:
        guids = Counter(conn.execute(select(entries.c.guid)).scalars())
        uncurated = conn.execute(select(func.count()).where(entries.c.curated.is_(None))).scalar_one()
        slots = Counter(tuple(row) for row in conn.execute(select(editions.c.newsletter, editions.c.slot)))
        rows = Counter(tuple(row) for row in conn.execute(select(deliveries.c.number, deliveries.c.subscriber)))
        if conn.dialect.name == "sqlite":
            assert conn.execute(text("PRAGMA integrity_check")).scalar() == "ok"
    assert guids == Counter(witness.served), "every served article is stored once"
    assert uncurated == 0
    numbers = sorted(kept.number for kept in room.editions())
    assert numbers == list(range(1, len(numbers) + 1))
    assert set(slots.values()) == {1}
    assert rows == Counter({(number, reader): 1 for number in numbers for reader in range(1, READERS + 1)})
    no_letter_is_missing(witness)
    assert not list(room.out.rglob("*.part"))
    assert {f"stories/{story.id}.html" for story in room.stories().values()} <= set(room.files())


def no_letter_is_missing(witness: Witness) -> None:
    mailed = witness.room.mailed()
    letters = witness.room.letters()
    states = Counter(letter.state for letter in letters)
    assert set(states) <= {"accepted", "in_doubt"}, states
    doubtful = {letter.id for letter in letters if letter.state == "in_doubt"}
    assert doubtful == witness.doubtful, "what a death left dotted, and nothing else"
    assert set(mailed.values()) == {1}
    assert {letter.message_id for letter in letters if letter.state == "accepted"} <= set(mailed)
    told_of = {command for command in witness.room.sink.commands if command.startswith("RCPT")}
    for letter in letters:
        if letter.state == "in_doubt":
            assert f"RCPT TO:<{letter.email}>" in told_of
            assert "between the final dot" in str(letter.reason)


def test_letters_in_doubt_go_out_again_under_the_same_name(room: Newsroom, mortal: Mortal) -> None:
    room.newsletters[0]["in_doubt"] = "resend"
    room.write()
    witness = Witness(room, mortal)
    witness.news()
    for step in ("poll", "curate", "compose"):
        witness.finish(step)
    with deadly_at(witness, "dot", nth=3):
        assert not witness.run("deliver")
    assert witness.doubtful
    assert mortal.run("deliver")
    letters = room.letters()
    assert {letter.state for letter in letters} == {"accepted"}
    mailed = room.mailed()
    assert set(mailed) == {letter.message_id for letter in letters}
    assert 1 <= sum(copies - 1 for copies in mailed.values()) <= len(witness.doubtful)
    assert max(mailed.values()) == 2
