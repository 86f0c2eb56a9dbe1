"""Where the story index keeps its terms and stories between batches: the curator's values as the store's rows."""

from collections.abc import Collection, Sequence

import msgspec
from sqlalchemy import Connection

from aggregator.curate.likeness import Profile
from aggregator.curate.stories import Changes, Known, Term
from aggregator.store import index
from aggregator.store.index import Profiled


class _Told(msgspec.Struct, array_like=True):
    """What is written of a story."""

    profile: Profile
    related: dict[str, float]


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(_Told).decode


class StoredShelf:
    def __init__(self, conn: Connection) -> None:
        self._conn = conn

    def terms(self, names: Collection[str]) -> dict[str, Term]:
        found = index.read_terms(self._conn, names)
        return {
            name: Term(stories, dict(zip(numbers, days, strict=True)))
            for name, (stories, numbers, days) in found.items()
        }

    def stories(self, numbers: Collection[int]) -> Sequence[Known]:
        return [_known(profiled) for profiled in index.read_profiles(self._conn, numbers)]

    def named(self, ids: Collection[str]) -> Sequence[Known]:
        return [_known(profiled) for profiled in index.profiles_of(self._conn, ids)]


def keep(conn: Connection, changes: Changes) -> None:
    index.write_terms(conn, {name: (term.stories, term.postings) for name, term in changes.terms.items()})
    index.write_profiles(conn, [_profiled(known) for known in changes.stories], changes.gone)


def _known(profiled: Profiled) -> Known:
    told = _decode(profiled.data)
    return Known(profiled.number, profiled.story, told.profile, told.related)


def _profiled(known: Known) -> Profiled:
    return Profiled(known.number, known.story, _encode(_Told(known.profile, known.related)))
