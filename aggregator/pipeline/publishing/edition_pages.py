"""Editions as pages and as mail, and the lists of them. An edition is never changed once it is made."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from functools import cache, partial

from sqlalchemy import Connection

from aggregator.config import Newsletter
from aggregator.edit.compose import from_json
from aggregator.errors import StoreError
from aggregator.model import Edition
from aggregator.pipeline import gate
from aggregator.pipeline.publishing.press import Press, digest
from aggregator.pipeline.publishing.printing import Run, ToPrint, feed
from aggregator.publish import mail, site, syndicate
from aggregator.publish.site import Month, Shelf
from aggregator.store import editions, published, stale
from aggregator.store.editions import Kept
from aggregator.store.engine import reading, writing

_PARTS = ("edition.json", "index.html", "email.html", "email.txt")
_SHORT = 8
"""Editions of each newsletter on the page of all."""

Numbers = Sequence[tuple[str, int, datetime]]
"""Newsletter, number and slot of all editions, the newest first."""


def paths_of(newsletter: str, number: int) -> list[str]:
    return [f"editions/{newsletter}/{number}/{part}" for part in _PARTS]


def publish(run: Run, numbers: Numbers, rows: Mapping[str, list[int]]) -> None:
    """The pages of the editions that are new, damaged, or all."""
    whole = run.whole or run.press.has_new_letters
    for newsletter, number, _ in numbers:
        paths, name = paths_of(newsletter, number), f"{newsletter}/{number}"
        run.printer.pages.update(paths)
        if whole or name in rows or any(map(run.printer.is_damaged, paths)):
            _publish_one(run, newsletter, number, rows.get(name, ()))


def _publish_one(run: Run, newsletter: str, number: int, rows: Sequence[int]) -> None:
    printer = run.printer
    with reading(run.engine) as conn:
        kept = editions.get(conn, newsletter, number)
        known = published.load(conn, paths_of(newsletter, number))
    fresh = printer.print(_pages(run.press, kept) if kept is not None else (), known)
    done = printer.undone.isdisjoint(paths_of(newsletter, number))
    if fresh or rows or not done:
        with writing(run.engine) as conn:
            published.record(conn, fresh)
            stale.clear(conn, rows if done else ())
            stale.mark(conn, [] if done or rows else [f"{newsletter}/{number}"], "edition")
            stale.mark(conn, [f"newsletter:{newsletter}", "newsletters"], "shelf")


def _pages(press: Press, kept: Kept) -> Iterator[ToPrint]:
    paths = iter(paths_of(kept.newsletter, kept.number))
    made_from = digest(press.letters, kept.data)
    edition = cache(partial(_read, kept))
    letter = cache(lambda: gate.letter(edition(), press.config, press.folders))  # its two parts are made together
    yield ToPrint(next(paths), kept.data.encode, made_from)
    yield ToPrint(next(paths), lambda: mail.web_page(edition(), press.config, press.folders), made_from)
    yield ToPrint(next(paths), lambda: mail.public(letter().html, press.config).encode(), made_from)
    yield ToPrint(next(paths), lambda: mail.public(letter().text, press.config).encode(), made_from)


def _read(kept: Kept) -> Edition:
    try:
        return from_json(kept.data)
    except StoreError as error:
        raise StoreError(f"{kept.newsletter}/{kept.number}: {error.message}", hint=error.hint) from error


# --- lists -----------------------------------------------------------------------------------------------


def months_of(press: Press, newsletter: Newsletter, numbers: Numbers) -> dict[Month, list[int]]:
    """Of the months that the newsletter's own page does not hold, all numbers; the newest first."""
    zone = press.config.zone_of(newsletter)
    found: defaultdict[Month, list[int]] = defaultdict(list)
    there = ((number, slot.astimezone(zone)) for name, number, slot in numbers if name == newsletter.name)
    ours = [(number, Month(newsletter.name, datetime(at.year, at.month, 1, tzinfo=UTC))) for number, at in there]
    older = {month for _, month in ours[site.LISTED_EDITIONS :]}
    for number, month in ours:
        if month in older:
            found[month].append(number)
    return dict(found)


def index_paths(press: Press, newsletter: Newsletter, numbers: Numbers) -> list[str]:
    months = months_of(press, newsletter, numbers)
    return [f"editions/{newsletter.name}/index.html", *(path for month in months for path in (month.page, month.feed))]


def index(conn: Connection, press: Press, numbers: Numbers) -> Iterator[ToPrint]:
    """The page of all newsletters."""
    shelves = [
        Shelf(newsletter, readable(editions.load(conn, newsletter.name, limit=_SHORT)), _count(numbers, newsletter))
        for newsletter in press.config.newsletters
    ]
    yield _printed(press, site.edition_index(press.config, shelves, press.folders), repr(shelves))


def of_newsletter(
    conn: Connection, press: Press, newsletter: Newsletter, numbers: Numbers
) -> Iterator[ToPrint]:  # fmt: skip
    """A newsletter's own page, and those of its months where it does not hold them all, which are the archive of its feed."""
    months = months_of(press, newsletter, numbers)
    total = _count(numbers, newsletter)
    newest = readable(editions.load(conn, newsletter.name, limit=site.LISTED_EDITIONS))
    shelf = Shelf(newsletter, newest, total, tuple(months))
    yield _printed(press, site.newsletter(press.config, shelf, press.folders), repr(shelf))
    around = [None, *(month.feed for month in months), None]
    for (month, some), newer, older in zip(months.items(), around, around[2:], strict=False):
        known = (editions.get(conn, newsletter.name, number) for number in some)
        shelf = Shelf(newsletter, readable(one for one in known if one is not None), len(some), tuple(months), month)
        yield _printed(press, site.newsletter(press.config, shelf, press.folders), repr(shelf))
        make = partial(
            syndicate.newsletter_archive,
            *(press.config, newsletter, shelf.editions),
            path=month.feed,
            previous=older,
            following=newer,
        )
        yield _printed(press, (month.feed, partial(feed, month.feed, make)), repr((shelf, newer, older)))


def _printed(press: Press, page: site.Page, said: str) -> ToPrint:
    return ToPrint(*page, digest(press.look, said))


def _count(numbers: Numbers, newsletter: Newsletter) -> int:
    return sum(name == newsletter.name for name, _, _ in numbers)


def readable(kept: Iterable[Kept]) -> list[Edition]:
    """What is wrong with the others is told by their own pages."""
    found = []
    for each in kept:
        with suppress(StoreError):
            found.append(from_json(each.data))
    return found
