"""Old posts under new names, and new posts that only look like old ones: real feeds, English and Chinese apart.

    python benchmarks/churn.py FOLDER_OF_CORPORA

Each feed of `real-feeds` is read by us and kept, then comes again changed in one way (`KINDS`), or in several at once
as in life: what is told as new then was *missed*. Then its older half is kept and its newer half comes alone, so that
none of the old stands in the document: what is taken for an old post then is a *wrong* match. Both are counted in
entries; what is asked of them goes all the way through the database, which is in memory.
"""

import gzip
import json
import random
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import Engine

from aggregator.collect.normalise import Label, entry_id, normalise
from aggregator.collect.parse import parse
from aggregator.collect.urls import canonical
from aggregator.model import Entry, PollState
from aggregator.pipeline.intake import Came, take
from aggregator.store import again, entries, schema, sources
from aggregator.store.engine import open_engine, writing

NOW = datetime(2026, 1, 1, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)
Change = Callable[[Entry, int], Entry]


def with_guid(entry: Entry, number: int) -> Entry:
    guid = f"urn:new:{number}"
    return replace(entry, id=entry_id(entry.source, guid), guid=guid)


def with_address(entry: Entry, url: str) -> Entry:
    return replace(entry, url=url, canonical_url=canonical(url))


def new_domain(entry: Entry, _: int) -> Entry:
    path = (entry.url or "https://a.example/x").split("/", 3)[-1]
    return with_address(entry, f"https://moved.example/{path}")


def numbered(entry: Entry, number: int) -> Entry:
    return with_address(entry, f"https://moved.example/?p={1000 + number}")


def parameters(entry: Entry, number: int) -> Entry:
    url = entry.url or "https://a.example/x"
    return with_address(entry, f"{url}{'&' if '?' in url else '?'}sid={number}")


def undated(entry: Entry, _: int) -> Entry:
    return replace(entry, published=None, updated=None)


def dated_now(entry: Entry, _: int) -> Entry:
    return replace(entry, published=LATER - timedelta(minutes=1))


def typo(entry: Entry, number: int) -> Entry:
    place = len(entry.title) // 2
    corrected = (
        entry.title[:place] + entry.title[place + 1 :] if entry.title[place : place + 1].isalpha() else entry.title
    )
    return replace(entry, title=corrected if number % 3 == 0 else entry.title)


def suffix(entry: Entry, _: int) -> Entry:
    return replace(entry, title=f"{entry.title} | The Moved Post")


def footer(entry: Entry, _: int) -> Entry:
    more = " Subscribe to our letter for more of this. © The Moved Post, all rights reserved."
    return replace(entry, summary=(entry.summary + more)[:600], content=f"{entry.content}<p>{more}</p>")


def cut(entry: Entry, _: int) -> Entry:
    return replace(entry, content="", summary=entry.summary[:150])


KINDS: dict[str, tuple[Change, ...]] = {
    "guid": (),
    "guid, domain": (new_domain,),
    "guid, numbers for addresses": (numbered,),
    "guid, parameters": (parameters,),
    "guid, numbers, undated": (numbered, undated),
    "guid, domain, dated now": (new_domain, dated_now),
    "guid, numbers, dated now": (numbered, dated_now),
    "guid, numbers, footer, dated now": (numbered, footer, dated_now),
    "guid, numbers, suffix, dated now": (numbered, suffix, dated_now),
    "guid, numbers, typos, footer": (numbered, typo, footer),
    "guid, numbers, typos, footer, dated now": (numbered, typo, footer, dated_now),
    "guid, numbers, cut, dated now": (numbered, cut, dated_now),
}


def changed(entry: Entry, number: int, kinds: Sequence[Change]) -> Entry:
    for kind in kinds:
        entry = kind(entry, number)
    return with_guid(replace(entry, seen=LATER), number)


def feeds(folder: Path) -> Iterator[tuple[str, list[Entry]]]:
    with gzip.open(folder / "real-feeds" / "index.jsonl.gz", "rt") as lines:
        for row in map(json.loads, lines):
            body = (folder / "real-feeds" / "files" / row["file"]).read_bytes()
            url = f"https://{row['site']}/feed"
            found = normalise(Label(row["file"], None, None), parse(body, None, url), url, NOW).entries
            if found:
                yield ("zh" if row["cjk"] else "en"), list(found)


def database() -> Engine:
    engine = open_engine("sqlite://")
    schema.ensure(engine)
    return engine


def brought(engine: Engine, before: Sequence[Entry], now: Sequence[Entry]) -> set[str]:
    """Which of those that come now are told as new, or held as such."""
    state = PollState(source=before[0].source, url="https://a.example", due=NOW)
    with writing(engine) as conn:
        sources.save(conn, state)
        take(conn, Came(state.source, before, state), timedelta(days=2), NOW)
    with writing(engine) as conn:
        state = replace(state, last_new=NOW, last_changed=NOW, last_polled=NOW)
        taken = take(conn, Came(state.source, now, state), timedelta(days=2), LATER)
        new = {*taken.new, *taken.held}
        told = {one.id: one for one in entries.some(conn, list(new))}
        for one in now:
            if one.id not in new and len(WRONG) < SHOWN:
                for alias in again.by_alias(conn, [one.id]).values():
                    old = entries.get(conn, alias)
                    assert old is not None
                    WRONG.append((one, old.entry, again.of_entry(conn, alias)[0].reason))
    return set(told)


WRONG: list[tuple[Entry, Entry, str]] = []
SHOWN = 0


def main() -> None:
    global SHOWN
    total: Counter[tuple[str, str]] = Counter()
    missed: Counter[tuple[str, str]] = Counter()
    worst: defaultdict[str, Counter[str]] = defaultdict(Counter)
    began, read = time.process_time(), list(feeds(Path(sys.argv[1])))
    for kind, changes in KINDS.items():
        engine = database()
        for language, found in read:
            new = brought(engine, found, [changed(entry, number, changes) for number, entry in enumerate(found)])
            total[kind, language] += len(found)
            missed[kind, language] += len(new)
            worst[kind][found[0].source] += len(new)
    print(f"{'kept under their old names (recall)':<44} {'en':>16} {'zh':>16}   most missed in")
    for kind in KINDS:
        shares = [
            f"{1 - missed[kind, each] / max(1, total[kind, each]):.4f} of {total[kind, each]}" for each in ("en", "zh")
        ]
        some = ", ".join(f"{name} {count}" for name, count in worst[kind].most_common(3) if count)
        print(f"{kind:<44} {shares[0]:>16} {shares[1]:>16}   {some}")
    SHOWN, engine = 40, database()
    wrong, asked = Counter[str](), Counter[str]()
    for language, found in read:
        half = len(found) // 2
        if half:
            newer = [replace(entry, seen=LATER) for entry in found[:half]]
            asked[language] += half
            wrong[language] += half - len(brought(engine, found[half:], newer))
    print(
        "\nnew posts that were taken for old ones: "
        + ", ".join(f"{wrong[each]} of {asked[each]} {each}" for each in asked)
    )
    for one, old, reason in WRONG:
        print(
            f"  {one.source}: {one.title[:60]!r} {one.published} {one.url}\n    {old.title[:60]!r} {old.published} {old.url}\n    {reason}"
        )
    print(f"{time.process_time() - began:.1f} CPU s")


if __name__ == "__main__":
    random.seed(1)
    main()
