"""What is known of judged entries while a batch is judged: from the database, and what the batch itself decided so far."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace

from sqlalchemy import Connection

from aggregator.curate import dedup
from aggregator.curate.shingles import sketch, text_of
from aggregator.model import Choice, Entry, Judgement, Report
from aggregator.store import entries, index, keys, stories
from aggregator.store.entries import Judged, Stored
from aggregator.store.index import Sketched
from aggregator.store.keys import MOST, Key
from aggregator.store.stories import Outlets

_COMPARED = 8
"""So many entries are compared at most of those that share shingles, those that share most."""
_NAMED = {"guid": 8, "address": 16, "text": 8, "title": 8}
"""So many that share a key are compared, those that came last: some feeds give one address to all, some one text."""
COPIES = 20
"""So many copies of an article, those that came first, have a say in which of them leads."""
_SHINGLE_LAST = 32
"""So many entries a shingle leads to, those that had it last."""
SHINGLE_DAYS = 45
"""A shingle that was not met for so long leads nowhere: what is older is found by address, guid and text alone."""


class Judgements:
    """A batch's view of what is there, and what it decides; nothing is written before it is done."""

    def __init__(self, conn: Connection, batch: Sequence[Stored]) -> None:
        self._conn = conn
        self._decided: dict[str, Judged] = {}
        self._leads: dict[str, Choice] = {}
        self._copies: defaultdict[str, dict[str, None]] = defaultdict(dict)
        self._keys = {stored.entry.id: dedup.keys(stored.entry) for stored in batch}
        self._shingles = {stored.entry.id: sketch(text_of(stored.entry)) for stored in batch}
        self._holders = keys.holders(conn, (key for keys in self._keys.values() for key in keys))
        self._sketches = index.read_sketches(conn, {one for some in self._shingles.values() for one in some})
        self._touched: set[int] = set()
        self._crowded: list[tuple[Key, str]] = []
        self._known = {stored.entry.id: stored for stored in batch}
        self._read(alike := {id_ for stored in batch for id_ in self._alike(stored.entry)})
        judged = (id_ for id_ in alike if id_ in self._known and self._known[id_].judgement is not None)
        leads = {self.original(id_) for id_ in judged}
        # What comes with the batch for the first time has no copies but those that the batch finds.
        fresh = {stored.entry.id: list[str]() for stored in batch if stored.judgement is None}
        self._firsts = fresh | entries.copies(conn, leads, most=COPIES)
        self._read({*leads, *(id_ for some in self._firsts.values() for id_ in some)})

    @property
    def all(self) -> list[Judged]:
        """The entries of the batch, as they were judged."""
        return list(self._decided.values())

    @property
    def leads(self) -> dict[str, Choice]:
        """Entries that were judged before the batch, and repeat another one now."""
        return self._leads

    @property
    def crowded(self) -> list[tuple[Key, str]]:
        """Entries under keys that lead to too many: those that came first are found there no more."""
        return self._crowded

    @property
    def sketches(self) -> dict[int, Sketched]:
        """The shingles that lead elsewhere now."""
        return {shingle: self._sketches[shingle] for shingle in self._touched}

    def decide(self, stored: Stored, judgement: Judgement) -> None:
        entry = stored.entry
        self._meet(entry)
        keys = [key for key in self._keys[entry.id] if entry.id in self._holders[key]]
        self._take(Judged(read=stored, judgement=judgement, keys=keys))

    def lead(self, id_: str, to: Choice) -> None:
        """An entry repeats another now; the rest of what was judged of it stays."""
        if id_ in self._decided:
            judged = self._decided[id_]
            self._take(replace(judged, judgement=replace(judged.judgement, duplicate_of=to)))
        else:
            stored = self.stored(id_)
            self._leads[id_] = to
            self._known[id_] = replace(stored, judgement=replace(self.judgement(id_), duplicate_of=to))
            self._copies[to.value][id_] = None

    def candidates(self, entry: Entry) -> list[Stored]:
        """Judged entries that this one may repeat, the first seen first."""
        self._read(ids := self._alike(entry))
        found = (self._known[id_] for id_ in ids if id_ in self._known)
        judged = (stored for stored in found if stored.judgement is not None and stored.retracted is None)
        return sorted(judged, key=lambda stored: stored.entry.came)

    def stored(self, id_: str) -> Stored:
        """An entry that is there, with the judgement that it will have."""
        if id_ not in self._known:
            self._read([id_])
        return self._known[id_]

    def judgement(self, id_: str) -> Judgement:
        judgement = self.stored(id_).judgement
        assert judgement is not None, "only judged entries are asked about"
        return judgement

    def original(self, id_: str) -> str:
        """The entry that leads this one: itself, unless it is a duplicate."""
        first = self.judgement(id_).duplicate_of
        return first.value if first is not None else id_

    def stands(self, id_: str, *, against: str) -> bool:
        """Whether an entry that was judged before may repeat this one: not if this repeats it, or waits to hear whether it
        still repeats another.
        """
        first = self.judgement(id_).duplicate_of
        settled = id_ in self._decided or self.stored(id_).curated is not None
        return first is None or (settled and first.value != against)

    def copies(self, lead: str) -> list[Stored]:
        """The entries that repeat this one."""
        return self._repeating(lead, entries.copies(self._conn, [lead])[lead])

    def first_copies(self, lead: str) -> list[Stored]:
        """Those of them that came first, `COPIES` at most: so many have a say in who leads."""
        if lead not in self._firsts:
            self._firsts |= entries.copies(self._conn, [lead], most=COPIES)
        return self._repeating(lead, self._firsts[lead])[:COPIES]

    def _repeating(self, lead: str, there: Iterable[str]) -> list[Stored]:
        found = (self.stored(id_) for id_ in dict.fromkeys((*there, *self._copies[lead])))
        return sorted((one for one in found if one.repeats == lead), key=lambda one: one.entry.came)

    def originals(self, story: str) -> list[Entry]:
        """The entries of a story that repeat none, in the order in which they came."""
        ids = dict.fromkeys((*(entry.id for _, entry in entries.originals(self._conn, [story])), *self._decided))
        found = (self.stored(id_) for id_ in ids)
        ours = [stored.entry for stored in found if stored.story == story and stored.repeats is None]
        return sorted(ours, key=lambda entry: entry.came)

    def stories(self) -> set[str]:
        """Those to which something happened."""
        return {self.judgement(id_).story.value for id_ in (*self._decided, *self._leads)}

    def reports(self, ids: Iterable[str], outlets: Outlets) -> dict[str, tuple[Report, ...]]:
        """Who tells these stories; one that nobody tells is left out."""
        wanted = frozenset(ids)
        ours = {*self._decided, *self._leads}
        found = {
            story: [one for one in told_by if one.entry not in ours]
            for story, told_by in stories.reports(self._conn, wanted, outlets).items()
        }
        for id_ in ours:
            story = self.judgement(id_).story.value
            if story in wanted:
                found.setdefault(story, []).append(stories.report(self.stored(id_), outlets))
        return {story: tuple(told_by) for story, told_by in found.items() if told_by}

    def _alike(self, entry: Entry) -> list[str]:
        """Who has one of its keys, or shares most of its shingles."""
        named = [id_ for key in self._keys[entry.id] for id_ in self._holders[key][: _NAMED[key[0]]]]
        sharing = Counter(
            id_
            for shingle in self._shingles[entry.id]
            for id_ in _met(self._sketches.get(shingle), entry)
            if id_ != entry.id
        )
        near = sorted(sharing, key=lambda id_: (-sharing[id_], id_))[:_COMPARED]
        return [id_ for id_ in dict.fromkeys((*named, *near)) if id_ != entry.id]

    def _meet(self, entry: Entry) -> None:
        """From now on others find it."""
        for key in self._keys[entry.id]:
            if entry.id not in (holders := self._holders[key]):
                holders.insert(0, entry.id)
                self._crowded += [(key, id_) for id_ in holders[MOST:]]
                del holders[MOST:]
        day = entry.seen.toordinal()
        for shingle in self._shingles[entry.id]:
            others = [id_ for id_ in _met(self._sketches.get(shingle), entry) if id_ != entry.id]
            before = self._sketches.get(shingle)
            last = max(day, before.day) if before is not None else day
            self._sketches[shingle] = Sketched(last, (entry.id, *others[: _SHINGLE_LAST - 1]))
            self._touched.add(shingle)

    def _take(self, judged: Judged) -> None:
        self._decided[judged.entry.id] = judged
        self._known[judged.entry.id] = judged.stored
        if judged.judgement.duplicate_of is not None:
            self._copies[judged.judgement.duplicate_of.value][judged.entry.id] = None

    def _read(self, ids: Iterable[str]) -> None:
        self._known |= entries.load(self._conn, [id_ for id_ in ids if id_ not in self._known])


def _met(sketched: Sketched | None, entry: Entry) -> Sequence[str]:
    if sketched is None or sketched.day < entry.seen.toordinal() - SHINGLE_DAYS:
        return ()
    return sketched.entries
