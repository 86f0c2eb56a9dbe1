"""What one key alone cannot tell: names used twice, names that nothing bears, bounds that cross.

The checks read the draft, not the finished values, so that they find their mistakes beside all others.
"""

from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from importlib.util import find_spec
from typing import Any
from urllib.parse import urlsplit

from aggregator.config.categories import says_nothing
from aggregator.config.document import show_path
from aggregator.config.draft import Draft
from aggregator.config.kinds import read_duration, show_duration
from aggregator.config.origin import Key
from aggregator.config.sections import DEFAULT_SECTIONS
from aggregator.config.values import Config, PollSettings
from aggregator.config.writer import VERIFIED
from aggregator.errors import Mistake
from aggregator.model import OTHER

_NAMED = (("sources", "name"), ("categories", "slug"), ("sections", "slug"), ("newsletters", "name"))


def cross_checks(draft: Draft) -> list[Mistake]:
    return [
        found
        for check in (
            _used_twice,
            _unknown_names,
            _marks_of_two,
            _crossed_bounds,
            _two_credentials,
            _circles,
            _idle_rules,
            _reserved,
            _limit_without_price,
            _unverified_language,
            _hubs,
        )
        for found in check(draft)
    ]


def _two_credentials(draft: Draft) -> Iterator[Mistake]:
    for key, row in draft.rows("sources"):
        if "basic" in row and "bearer" in row:
            yield draft.mistake(
                (*key, "bearer"), "stands beside basic, and both are an Authorization", "keep one of them"
            )


def did_you_mean(word: str, known: list[str]) -> str | None:
    close = get_close_matches(word, known, n=1, cutoff=0.6)
    return f"did you mean {close[0]}?" if close else None


def _used_twice(draft: Draft) -> Iterator[Mistake]:
    for listed, name in _NAMED:
        first: dict[str, Key] = {}
        for key, value in _names(draft, listed, name):
            if value in first:
                there = draft.line(first[value])
                yield draft.mistake(
                    key, f"{_shown(draft, key, value)} is the {name} of another, in line {there}", "give each its own"
                )
            first.setdefault(value, key)


def _unknown_names(draft: Draft) -> Iterator[Mistake]:
    categories, sections = _known(draft, "categories"), _known(draft, "sections")
    for listed in ("sources", "newsletters"):
        for key, row in draft.rows(listed):
            yield from _unknown(draft, (*key, "categories"), row.get("categories"), "category", categories)
            name = "section" if listed == "sources" else "sections"
            yield from _unknown(draft, (*key, name), row.get(name), "section", sections)
    for key, row in draft.rows("categories"):
        yield from _unknown(draft, (*key, "within"), row.get("within"), "category", categories)


def _unknown(draft: Draft, key: Key, value: Any, kind: str, known: dict[str, str]) -> Iterator[Mistake]:
    words = [((*key, index), word) for index, word in enumerate(value)] if isinstance(value, list) else [(key, value)]
    for place, word in words:
        if isinstance(word, str) and word not in known and place not in draft.unset:
            shown = _shown(draft, place, word)
            there = f"known: {', '.join(known.values())}" if known else f"the file has no {kind}"
            hint = did_you_mean(shown, [name for name, told in known.items() if name == told])
            yield draft.mistake(place, f"no {kind} has the slug {shown}", hint or there)


def _marks_of_two(draft: Draft) -> Iterator[Mistake]:
    """The first section would have it, and the other wait in vain."""
    first: dict[tuple[str, str], tuple[int, Key]] = {}
    for key, row in draft.rows("sections"):
        for kind in ("tags", "addresses", "titles", "authors"):
            marks = row.get(kind)
            for index, mark in enumerate(marks if isinstance(marks, list) else []):
                place, section = (*key, kind, index), int(key[-1])
                said = (kind, str(mark).strip().casefold())
                other, there = first.setdefault(said, (section, place))
                if other != section:
                    yield draft.mistake(
                        place,
                        f"{_shown(draft, place, mark)} is a mark of another section too, in line {draft.line(there)}",
                        "leave it to one of them",
                    )


def _crossed_bounds(draft: Draft) -> Iterator[Mistake]:
    poll = draft.data.get("poll") if isinstance(draft.data, dict) else None
    if not isinstance(poll, dict):
        return
    try:
        least = read_duration(poll.get("min", PollSettings().min))
        most = read_duration(poll.get("max", PollSettings().max))
    except ValueError:
        return  # the key itself is wrong, and named elsewhere
    if least > most:
        key = ("poll", "min" if "min" in poll else "max")
        hidden = ("poll", "min") in draft.hidden or ("poll", "max") in draft.hidden
        figures = "" if hidden else f" ({show_duration(least)} > {show_duration(most)})"
        yield draft.mistake(key, f"poll.min is longer than poll.max{figures}", "raise max or lower min")


def _circles(draft: Draft) -> Iterator[Mistake]:
    """Categories that lie within themselves, by whatever way: each is told at the key that closes the circle."""
    broader: dict[str, list[str]] = {}
    for key, row in draft.rows("categories"):
        slug, within = row.get("slug"), row.get("within")
        if not isinstance(slug, str) or not isinstance(within, list):
            continue
        for index, other in enumerate(within):
            if isinstance(other, str) and (way := _way(broader, other, slug)):
                place = (*key, "within", index)
                shown = " within ".join(_shown_slug(draft, one) for one in (slug, *way))
                yield draft.mistake(place, f"lies within itself: {shown}", "take one of them out")
            elif isinstance(other, str):
                broader.setdefault(slug, []).append(other)


def _way(broader: Mapping[str, list[str]], start: str, end: str) -> list[str]:
    """From one category to what it lies within; empty where no way leads there."""
    ways, seen = [[start]], {start}
    for way in ways:
        if way[-1] == end:
            return way
        further = [one for one in broader.get(way[-1], ()) if one not in seen]
        seen.update(further)
        ways += [[*way, one] for one in further]
    return []


def _shown_slug(draft: Draft, slug: str) -> str:
    return _known(draft, "categories").get(slug, slug)


def _idle_rules(draft: Draft) -> Iterator[Mistake]:
    for key, row in draft.rows("categories"):
        rules = row.get("rules")
        for index, rule in enumerate(rules if isinstance(rules, list) else []):
            place: Key = (*key, "rules", index)
            if says_nothing(rule):
                yield draft.mistake(place, "has nothing that could speak", "give it any, all, near or regex")
            elif isinstance(rule, dict) and "distance" in rule and not rule.get("near"):
                yield draft.mistake((*place, "distance"), "stands without near", "give it near, or take it out")


def _reserved(draft: Draft) -> Iterator[Mistake]:
    for key, row in draft.rows("categories"):
        if row.get("slug") == OTHER:
            sentence = f"{OTHER} means that no category applies, in commands and in examples"
            yield draft.mistake((*key, "slug"), sentence, "give it another slug; its name may be Other")


def _limit_without_price(draft: Draft) -> Iterator[Mistake]:
    writer = draft.data.get("writer") if isinstance(draft.data, dict) else None
    if isinstance(writer, dict) and writer.get("daily_cost") is not None:
        price = writer.get("price")
        if price is None or (isinstance(price, dict) and not any(price.values())):
            yield draft.mistake(("writer", "daily_cost"), "limits nothing without a price", "add writer.price")


def _unverified_language(draft: Draft) -> Iterator[Mistake]:
    """Of the publication, where the writer names none itself."""
    data = draft.data if isinstance(draft.data, dict) else {}
    writer, publication = data.get("writer"), data.get("publication")
    if not isinstance(writer, dict) or writer.get("language") is not None or not isinstance(publication, dict):
        return
    language = publication.get("language")
    if isinstance(language, str) and language.partition("-")[0].lower() not in VERIFIED:
        shown = _shown(draft, ("publication", "language"), language)
        sentence = (
            f"cannot write in the publication's language ({shown}): what it writes is verified in English and Chinese"
        )
        yield draft.mistake(("writer",), sentence, "add writer.language: en")


def _hubs(draft: Draft) -> Iterator[Mistake]:
    publication = draft.data.get("publication") if isinstance(draft.data, dict) else None
    hubs = publication.get("hubs") if isinstance(publication, dict) else None
    told: set[str] = set()
    for index, hub in enumerate(hubs if isinstance(hubs, list) else []):
        place: Key = ("publication", "hubs", index)
        if place in draft.hidden or (isinstance(hub, str) and "@" in hub.partition("//")[2].partition("/")[0]):
            yield draft.mistake(
                place, "holds a secret, and every feed names the hub", "give an address that everybody may know"
            )
        elif isinstance(hub, str) and hub in told:
            yield draft.mistake(place, f"{_shown(draft, place, hub)} stands there twice", "remove one of them")
        told.add(str(hub))


def _names(draft: Draft, listed: str, name: str) -> Iterator[tuple[Key, str]]:
    rows = draft.data.get(listed) if isinstance(draft.data, dict) else None
    for index, row in enumerate(rows if isinstance(rows, list) else []):
        key: Key = (listed, index, name) if isinstance(row, dict) else (listed, index)
        value = row.get(name) if isinstance(row, dict) else row if listed == "sections" else None
        if isinstance(value, str) and key not in draft.unset:
            yield key, value


def _known(draft: Draft, listed: str) -> dict[str, str]:
    """The slugs, each with what may be told of it: one that came from the environment is named by its variable."""
    if listed == "sections" and "sections" not in draft.data:
        return {section.slug: section.slug for section in DEFAULT_SECTIONS}
    return {value: _shown(draft, key, value) for key, value in _names(draft, listed, "slug")}


def _shown(draft: Draft, key: Key, value: str) -> str:
    return draft.hidden.get(key, value)


def warnings(config: Config) -> list[Mistake]:
    """What is legal, but probably not meant."""
    return sorted(
        (found for look in _LOOKS for found in look(config)),
        key=lambda found: (found.line or 0, found.key),
    )


def _warning(config: Config, key: Key, message: str, hint: str) -> Mistake:
    return Mistake(str(config.file), config.line(*key) or config.line(*key[:-1]), show_path(key), message, hint)


def _same_address(config: Config) -> Iterator[Mistake]:
    first: dict[str, str] = {}
    for index, source in enumerate(config.sources):
        if source.url in first:
            key = ("sources", index, "url")
            yield _warning(config, key, f"{first[source.url]} has the same address", "remove one of the two")
        first.setdefault(source.url, source.name)


def _untested(config: Config) -> Iterator[Mistake]:
    """One line for all of them: forty would hide the rest."""
    waiting = [(index, source.name) for index, source in enumerate(config.sources) if not source.tested]
    if waiting:
        (index, first), more = waiting[0], len(waiting) - 1
        names = f"{first} and {more} more" if more else first
        hint = "run `aggregator sources check`, then remove `tested: false` where it answered"
        yield _warning(config, ("sources", index, "tested"), f"nobody has tried the address of {names} yet", hint)


def _nowhere_to_go(config: Config) -> Iterator[Mistake]:
    if config.newsletters and config.delivery is None:
        hint = "add delivery.smtp and delivery.from"
        yield _warning(config, ("newsletters",), "there are newsletters, but nothing is mailed without delivery", hint)


def _in_the_clear(config: Config) -> Iterator[Mistake]:
    key = ("web", "public_url") if config.web.public_url else ("publication", "link")
    if config.public_url.startswith("http://"):
        yield _warning(config, key, "unsubscribe links would travel unencrypted", "use an https:// address")
    if config.delivery and config.delivery.tls == "off":
        yield _warning(
            config, ("delivery", "tls"), "letters and password travel unencrypted", "use tls: auto or required"
        )


def _open_key(config: Config) -> Iterator[Mistake]:
    writer = config.writer
    if writer is None or not writer.url.startswith("http://"):
        return
    host = urlsplit(writer.url).hostname or ""
    if host == "localhost" or host.startswith("127.") or host == "::1":
        return
    what = "the writer's key and questions travel" if writer.key else "the writer's questions travel"
    yield _warning(config, ("writer", "url"), f"{what} unencrypted", "use an https:// address")


def _no_readings(config: Config) -> Iterator[Mistake]:
    if config.writer is not None and find_spec("pypinyin") is None:
        hint = "pip install 'aggregator[writer]'"
        yield _warning(config, ("writer",), "nothing is written without pypinyin, which is not installed", hint)


_LOOKS = (_same_address, _untested, _nowhere_to_go, _in_the_clear, _open_key, _no_readings)
