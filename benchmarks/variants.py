"""The same article again, in the ways in which feeds have it: pairs for duplicates.py, drawn from real entries."""

import random
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import lru_cache
from html import escape

from opencc import OpenCC
from phrases import Phrases

from aggregator.collect.html import text_of
from aggregator.collect.normalise import count_words, entry_id, shorten
from aggregator.collect.urls import canonical
from aggregator.model import Entry


@dataclass(frozen=True, slots=True)
class Pair:
    """`kinds` names what was done to `other`, or why the two are no duplicates; `of` the entries that they were made of."""

    one: Entry
    other: Entry
    same: bool
    kinds: tuple[str, ...]
    of: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Draft:
    """An article while it is being changed. `body` is plain text, paragraphs parted by a line end."""

    title: str
    body: str


Change = Callable[[random.Random, Draft, Phrases], Draft]

SENTENCE = re.compile(r"(?<=[.!?])\s+|(?<=[。！？])")


@lru_cache(maxsize=1 << 14)
def draft(entry: Entry) -> Draft:
    whole = text_of(entry.content) if entry.content else ""
    return Draft(entry.title, whole if len(whole) >= len(entry.summary) else entry.summary)


def written(draw: random.Random, base: Entry, text: Draft, source: str, *, apart: timedelta) -> Entry:
    """An entry of a source with a guid and an address of its own; its text as HTML, or as a summary alone."""
    number = draw.randrange(10**9)
    url = f"https://{source}.example/{draw.choice(('news', 'a', '2020/05', 'article'))}/{number}"
    paragraphs = [part for part in re.split(r"\n+", text.body) if part.strip()]
    html = "".join(f"<p>{escape(part, quote=False)}</p>" for part in paragraphs) if draw.random() < 0.6 else ""
    body = " ".join(paragraphs)
    return replace(
        base,
        id=entry_id(source, str(number)),
        source=source,
        guid=str(number) if draw.random() < 0.5 else url,
        url=url,
        canonical_url=canonical(url),
        title=text.title,
        summary=shorten(body, draw.choice((200, 400, 600)) if html else 600),
        content=html or (escape(body, quote=False) if len(body) > 600 else ""),
        published=base.when + apart,
        seen=base.seen + apart,
        words=count_words(body),
    )


def title_suffix(draw: random.Random, text: Draft, phrases: Phrases) -> Draft:
    return replace(text, title=f"{text.title}{draw.choice(phrases.signs)}{draw.choice(phrases.outlets)}")


def title_prefix(draw: random.Random, text: Draft, phrases: Phrases) -> Draft:
    return replace(text, title=draw.choice(phrases.labels) + text.title)


def title_corrected(draw: random.Random, text: Draft, phrases: Phrases) -> Draft:
    return replace(text, title=_corrected(draw, text.title, 1, phrases))


def title_capitals(draw: random.Random, text: Draft, _: Phrases) -> Draft:
    return replace(text, title=draw.choice((text.title.upper(), text.title.title(), text.title.rstrip(".!?。"))))


def before(draw: random.Random, text: Draft, phrases: Phrases) -> Draft:
    return replace(text, body=draw.choice(phrases.before) + text.body)


def after(draw: random.Random, text: Draft, phrases: Phrases) -> Draft:
    return replace(text, body=text.body + draw.choice(phrases.after))


def corrections(draw: random.Random, text: Draft, phrases: Phrases) -> Draft:
    many = max(1, min(4, round(len(text.body) * phrases.width) // 250))
    return replace(text, body=_corrected(draw, text.body, draw.randint(1, many), phrases))


def teaser(draw: random.Random, text: Draft, phrases: Phrases) -> Draft:
    longest = round(draw.randint(150, 300) / phrases.width**0.5)
    if len(text.body) <= longest * 1.3:
        return text
    cut = text.body[:longest].rpartition(phrases.between)[0] if phrases.between else text.body[:longest]
    return replace(text, body=cut + draw.choice(phrases.teaser_ends))


def typeset(draw: random.Random, text: Draft, phrases: Phrases) -> Draft:
    """Other quotation marks, dashes, spaces; in Chinese also full-width letters and digits."""
    pairs = draw.choice((("“”", '""'), ("「」", "“”"), ("“”", "「」"), ("—–", "--"), ("’‘", "''")))
    table = str.maketrans(*pairs)
    if not phrases.between and draw.random() < 0.5:
        table |= {code: code + 0xFEE0 for code in range(0x30, 0x7B) if chr(code).isalnum()} | {
            ord(","): "，",
            ord("."): "．",
        }
    title, body = (words.translate(table).replace("  ", "\u00a0 ") for words in (text.title, text.body))
    return Draft(title, body)


def script(draw: random.Random, text: Draft, phrases: Phrases) -> Draft:
    """Simplified to traditional or back, by OpenCC's phrases."""
    if phrases.between:
        return text
    said = text.body or text.title
    converter = _converter("t2s" if _converter("t2s").convert(said) != said else draw.choice(("s2t", "s2tw", "s2hk")))
    return Draft(converter.convert(text.title), converter.convert(text.body))


def headline(draw: random.Random, text: Draft, phrases: Phrases) -> Draft:
    """Another headline over an agency's text: what one of its later sentences says."""
    sentences = [one for one in SENTENCE.split(text.body) if len(one) * phrases.width > 30]
    if len(text.body) * phrases.width < 800 or len(sentences) < 4:
        return text
    return replace(text, title=draw.choice(sentences[2:])[: round(80 / phrases.width)])


@lru_cache
def _converter(name: str) -> OpenCC:
    return OpenCC(name)


def _corrected(draw: random.Random, text: str, times: int, phrases: Phrases) -> str:
    """Words (or characters) left out, put in, misspelt or exchanged; figures are left alone."""
    parts = text.split(phrases.between) if phrases.between else list(text)
    places = [place for place, part in enumerate(parts) if part.strip() and not re.search(r"\d", part)]
    for place in draw.sample(places, min(times, len(places))):
        part = parts[place]
        english, chinese = (
            ("", f"{part} also", part[:-1] or part, f"the {part}"),
            ("", part + draw.choice("的了也"), draw.choice("其此该")),
        )
        parts[place] = draw.choice(english if phrases.between else chinese)
    return phrases.between.join(parts)


CHANGES: dict[str, tuple[Change, float]] = {
    "script": (script, 3),
    "another headline": (headline, 0.7),
    "title corrected": (title_corrected, 1),
    "title capitals": (title_capitals, 0.5),
    "title suffix": (title_suffix, 3),
    "title prefix": (title_prefix, 1),
    "corrections": (corrections, 2),
    "teaser": (teaser, 2),
    "before": (before, 2),
    "after": (after, 2),
    "typeset": (typeset, 2),
}
"""In the order in which they are made, with how often."""


def copy_of(draw: random.Random, base: Entry, phrases: Phrases) -> Pair:
    """Up to four changes at once, under another guid and address, in another source or again in its own."""
    names = [name for name in CHANGES if name != "script" or not phrases.between]
    wanted = set(draw.choices(names, [CHANGES[name][1] for name in names], k=draw.choice((0, 1, 1, 2, 2, 2, 3, 3, 4))))
    if "another headline" in wanted:
        wanted -= {"teaser", "title corrected"}
    text, done = draft(base), []
    for name in (name for name in CHANGES if name in wanted):
        changed = CHANGES[name][0](draw, text, phrases)
        done += [name] if changed != text else []
        text = changed
    here = draw.random() < 0.35 and "another headline" not in done
    source = base.source if here else f"copy{draw.randrange(40)}"
    apart = timedelta(minutes=draw.choice((0, 5, 60, 300, 700) if here else (5, 60, 600, 2000)))
    other = written(draw, base, text, source, apart=apart)
    if here and draw.random() < 0.5:
        other = replace(other, url=None, canonical_url=None)
    return Pair(base, other, same=True, kinds=(*done, "here again" if here else "elsewhere"), of=(base.id,))
