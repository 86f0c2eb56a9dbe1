"""Every kind of mistake, each with its line, its key and its mend; and what is right is read as it stands."""

import os
import subprocess
import sys
import threading
from datetime import timedelta
from pathlib import Path
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from yarl import URL

from aggregator.config import DEFAULT_SECTIONS, Config
from aggregator.config.checks import warnings
from aggregator.config.load import LIMIT, load
from aggregator.errors import ConfigError, Mistake

GOOD = """\
publication: {title: T, link: https://example.org}
sources:
  - {name: alpha, url: https://alpha.example/feed, section: analyses, categories: [chips]}
  - name: beta
    url: https://beta.example/feed
categories:
  - {slug: chips, name: Chips, any: [芯片, 5G]}
newsletters:
  - {name: daily, title: D, schedule: 07:00 mon-fri}
delivery: {smtp: "smtp://u:${SMTP_PASSWORD}@host:587", from: a@example.org}
"""
ENVIRON = {"SMTP_PASSWORD": "hunter2", "SECRET": "hunter2"}


def read(folder: Path, text: str | bytes, environ: dict[str, str] | None = None) -> Config:
    path = folder / "feeds.yaml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return load(path, ENVIRON if environ is None else environ)


def mistakes(folder: Path, text: str | bytes, environ: dict[str, str] | None = None) -> list[Mistake]:
    with pytest.raises(ConfigError) as raised:
        read(folder, text, environ)
    assert all(mistake.file == str(folder / "feeds.yaml") for mistake in raised.value.mistakes)
    return list(raised.value.mistakes)


def test_what_is_right_is_read(tmp_path: Path) -> None:
    config = read(tmp_path, GOOD)
    assert [source.name for source in config.sources] == ["alpha", "beta"]
    assert config.categories[0].any == ("芯片", "5G")
    assert str(config.newsletters[0].schedule) == "07:00 mon,tue,wed,thu,fri"
    assert config.delivery is not None
    assert config.delivery.smtp.get_secret_value() == "smtp://u:hunter2@host:587"
    assert config.sections == DEFAULT_SECTIONS
    assert config.base == tmp_path
    assert config.output_folder == tmp_path / "out"
    assert config.line("sources", 1, "url") == 5
    assert "hunter2" not in f"{config!r} {config}"


def test_the_smallest_file_that_works(tmp_path: Path) -> None:
    config = read(tmp_path, "publication: {title: T, link: http://x}\nsources: [{name: a, url: http://y}]\n")
    assert config.poll.every == timedelta(minutes=30)
    assert config.delivery is None


def changed(old: str, new: str) -> str:
    assert GOOD.count(old) == 1, old
    return GOOD.replace(old, new)


# name: (text, line, key, a part of the message, a part of the mend)
CASES = {
    "unknown key": (changed("title: T,", "titel: T, title: T,"), 1, "publication.titel", "unknown key", "title?"),
    "unknown key in a list": (changed("    url: h", "    ulr: x\n    url: h"), 5, "sources[1].ulr", "unknown key", "url?"),
    "unknown key at the top": (GOOD + "pol: {}\n", 11, "pol", "unknown key", "did you mean poll?"),
    "unknown key under an alias": (changed("from:", "form: x, from:"), 10, "delivery.form", "unknown key", "did you mean from?"),
    "missing key": (changed("    url: https://beta.example/feed\n", ""), 4, "sources[1].url", "is missing", "needed"),
    "missing section": (changed("publication: {title: T, link: https://example.org}", ""), 2, "publication", "missing", ""),
    "duration": (GOOD + "poll:\n  every: 3 weeks\n", 12, "poll.every", "'3 weeks' is no duration", "90s, 30m"),
    "duration as a number": (GOOD + "poll: {every: 30}\n", 11, "poll.every", "30 is no duration", "30m"),
    "endless duration": (GOOD + "poll: {every: 99999999w}\n", 11, "poll.every", "longer than ten years", ""),
    "no time at all": (GOOD + "poll: {timeout: 0s}\n", 11, "poll.timeout", "must be more than 0", ""),
    "size": (GOOD + "poll: {max_bytes: 10 apples}\n", 11, "poll.max_bytes", "is no size", "10MB"),
    "rate": (changed("from: a", "rate: 0/s, from: a"), 10, "delivery.rate", "is no rate", "20/s"),
    "number": (GOOD + "poll: {per_host: two}\n", 11, "poll.per_host", "is no whole number", ""),
    "number too small": (GOOD + "poll: {per_host: 0}\n", 11, "poll.per_host", "must be at least 1", ""),
    "number too large": (GOOD + "poll: {concurrency: 5000}\n", 11, "poll.concurrency", "must be at most 1000", ""),
    "huge number": (GOOD + f"poll: {{concurrency: {'9' * 5000}}}\n", 11, "poll.concurrency", "number", ""),
    "address": (changed("https://alpha.example/feed", "alpha.example"), 3, "sources[0].url", "no web address", "https://"),
    "address without a host": (changed("https://beta.example/feed", "https://"), 5, "sources[1].url", "no web address", ""),
    "address with a blank": (changed("beta.example/feed", "beta.example/a b"), 5, "sources[1].url", "no web address", ""),
    "address with a bad port": (changed("beta.example/", "b:99999/"), 5, "sources[1].url", "no web address", ""),
    "slug": (changed("name: alpha", "name: Al Pha"), 3, "sources[0].name", "do not belong", "public-opinion"),
    "name used twice": (changed("name: beta", "name: alpha"), 4, "sources[1].name", "alpha is the name of another, in line 3", ""),
    "slug used twice": (
        changed("newsletters:", "  - {slug: chips, name: C}\nnewsletters:"),
        8,
        "categories[1].slug",
        "the slug of another, in line 7",
        "its own",
    ),
    "newsletter used twice": (
        changed("delivery:", "  - {name: daily, title: E, schedule: 08:00}\ndelivery:"),
        10,
        "newsletters[1].name",
        "daily is the name of another, in line 9",
        "",
    ),
    "unknown category": (changed("categories: [chips]", "categories: [chip]"), 3, "sources[0].categories[0]", "slug chip", "chips?"),
    "unknown section": (changed("section: analyses", "section: sport"), 3, "sources[0].section", "slug sport", "known: briefings"),
    "newsletter's category": (changed("title: D,", "title: D, categories: [x],"), 9, "newsletters[0].categories[0]", "no category has the slug x", "known: chips"),
    "newsletter's section": (
        changed("title: D,", "title: D, sections: [analysis],"),
        9,
        "newsletters[0].sections[0]",
        "no section has the slug analysis",
        "did you mean analyses?",
    ),
    "section of one's own, unknown default": (GOOD + "sections: [analyses, spots]\n", 11, "sections[1]", "'spots' is none of", "slug and title"),
    "mark without a letter": (GOOD + "sections:\n  - slug: analyses\n    title: S\n    tags: [a, '|']\n", 14, "sections[0].tags[1]", "'|' is no mark", "neither a letter"),
    "title mark that stands anywhere": (
        GOOD + "sections: [{slug: analyses, title: S, titles: ['… a …']}]\n", 11, "sections[0].titles[0]", "may stand anywhere", "keep … at one end"
    ),
    "title mark with a star inside": (
        GOOD + "sections: [{slug: analyses, title: S, titles: ['a*b']}]\n", 11, "sections[0].titles[0]", "has * where it says nothing", "*社评"
    ),
    "address mark that is an address": (
        GOOD + "sections: [{slug: analyses, title: S, addresses: ['https://a.example/b']}]\n", 11, "sections[0].addresses[0]", "no part of an address", "/opinion/"
    ),
    "unknown style": (GOOD + "sections: [{slug: analyses, title: S, style: short}]\n", 11, "sections[0].style", "must be one of 'argument'", ""),
    "mark of two sections": (
        GOOD + "sections:\n  - {slug: analyses, title: S, tags: [Opinion]}\n  - {slug: t, title: T, tags: [a, opinion]}\n",
        13, "sections[1].tags[1]", "opinion is a mark of another section too, in line 12", "leave it to one",
    ),
    "two credentials": (changed("name: beta", "name: beta\n    basic: a:b\n    bearer: c"), 6, "sources[1].bearer", "beside basic", "keep one"),
    "bounds that cross": (GOOD + "poll: {min: 2h, max: 1h}\n", 11, "poll.min", "longer than poll.max (2h > 1h)", "lower min"),
    "bounds that cross a default": (GOOD + "poll:\n  max: 5m\n", 12, "poll.max", "(15m > 5m)", "raise max"),
    "schedule": (changed("07:00 mon-fri", "7 o'clock"), 9, "newsletters[0].schedule", "is no schedule", "07:00 mon-fri"),
    "time zone": (changed("title: T,", "title: T, timezone: Europe/Bonn,"), 1, "publication.timezone", "no time zone", "IANA"),
    "language": (changed("title: T,", "title: T, language: English!,"), 1, "publication.language", "do not belong", "zh-Hans"),
    "empty title": (changed("title: T,", "title: '',"), 1, "publication.title", "must not be empty", ""),
    "title of two lines": (changed("title: T,", 'title: "a\\nb",'), 1, "publication.title", "line break", ""),
    "title that is a number": (changed("title: T,", "title: 2020,"), 1, "publication.title", "is no text", "quotes"),
    "YAML 1.1 boolean": (changed("    url: h", "    paused: yes\n    url: h"), 5, "sources[1].paused", "'yes' is neither true nor", ""),
    "list for a mapping": (GOOD + "poll: [1]\n", 11, "poll", "is no mapping", "key: value"),
    "text for a list": (changed("any: [芯片, 5G]", "any: 芯片"), 7, "categories[0].any", "is no list", "[a, b]"),
    "term of signs": (changed("[芯片, 5G]", '[芯片, "…"]'), 7, "categories[0].any[1]", "has no letter and no digit", "Chinese characters"),
    "term that is a *": (changed("[芯片, 5G]", '[芯片, "*"]'), 7, "categories[0].any[1]", "has no letter and no digit", "write a word"),
    "term with a * inside": (changed("[芯片, 5G]", "[cen*sor]"), 7, "categories[0].any[0]", "has a * before its end", "censor*"),
    "Chinese term with a *": (changed("[芯片, 5G]", "[芯片*]"), 7, "categories[0].any[0]", "ends in a *", "leave it out"),
    "term as long as a text": (changed("[芯片, 5G]", f"[{'a' * 201}]"), 7, "categories[0].any[0]", "longer than 200", "word or a phrase"),
    "term that is a number": (changed("[芯片, 5G]", "[709]"), 7, "categories[0].any[0]", "is no text", "quotes"),
    "within nothing known": (changed("[芯片, 5G]}", "[芯片], within: [chip]}"), 7, "categories[0].within[0]", "no category has the slug chip", "chips?"),
    "within itself": (changed("[芯片, 5G]}", "[芯片], within: [chips]}"), 7, "categories[0].within[0]", "chips within chips", "take one"),
    "hub with a user": (changed("title: T,", "title: T, hubs: ['https://u:p@hub.example/'],"), 1, "publication.hubs[0]", "holds a secret", "everybody may know"),
    "hub with a key from elsewhere": (changed("title: T,", "title: T, hubs: ['https://hub.example/${SECRET}'],"), 1, "publication.hubs[0]", "holds a secret", "everybody may know"),
    "hub twice": (changed("title: T,", "title: T, hubs: ['https://h.example/', 'https://h.example/'],"), 1, "publication.hubs[1]", "stands there twice", "remove one"),
    "within a circle": (
        changed("newsletters:", "  - {slug: b, name: B, within: [c]}\n  - {slug: c, name: C, within: [d]}\n  - {slug: d, name: D, within: [b]}\nnewsletters:"),
        10,
        "categories[3].within[0]",
        "d within b within c within d",
        "take one",
    ),
    "rule that says nothing": (changed("[芯片, 5G]}", "[芯片], rules: [{none: [a]}]}"), 7, "categories[0].rules[0]", "nothing that could speak", "near or regex"),
    "rule of lists that are empty": (changed("[芯片, 5G]}", "[芯片], rules: [{any: []}]}"), 7, "categories[0].rules[0]", "nothing that could speak", ""),
    "rule with an unknown key": (changed("[芯片, 5G]}", "[芯片], rules: [{any: [a], nine: [b]}]}"), 7, "categories[0].rules[0].nine", "unknown key", "none?"),
    "near of one": (changed("[芯片, 5G]}", "[芯片], rules: [{near: [[a]]}]}"), 7, "categories[0].rules[0].near[0]", "fewer than two terms", "at least two"),
    "near that is a term": (changed("[芯片, 5G]}", "[芯片], rules: [{near: [a]}]}"), 7, "categories[0].rules[0].near[0]", "is no list", "[a, b]"),
    "distance without near": (changed("[芯片, 5G]}", "[芯片], rules: [{any: [a], distance: 3}]}"), 7, "categories[0].rules[0].distance", "stands without near", "give it near"),
    "unknown field": (changed("[芯片, 5G]}", "[芯片], rules: [{any: [a], fields: [titel]}]}"), 7, "categories[0].rules[0].fields[0]", "must be one of 'title'", ""),
    "no field": (changed("[芯片, 5G]}", "[芯片], rules: [{any: [a], fields: []}]}"), 7, "categories[0].rules[0].fields", "is empty", "at least one"),
    "no regular expression": (changed("[芯片, 5G]}", "[芯片], rules: [{regex: ['(a']}]}"), 7, "categories[0].rules[0].regex[0]", "no regular expression, missing ), unterminated subpattern", "\\("),
    "regular expression that takes for ever": (changed("[芯片, 5G]}", "[芯片], rules: [{regex: ['(a+)+$']}]}"), 7, "categories[0].rules[0].regex[0]", "could take for ever", "something of its own"),
    "category that means none": (changed("slug: chips", "slug: other").replace("[chips]", "[other]"), 7, "categories[0].slug", "other means that no category applies", "another slug"),
    "name of blanks": (changed("name: Chips", "name: '  '"), 7, "categories[0].name", "is blank", "leave it out"),
    "regular expression that fits all": (changed("[芯片, 5G]}", "[芯片], rules: [{regex: ['a*']}]}"), 7, "categories[0].rules[0].regex[0]", "fits every text", "at least one"),
    "rule worth nothing": (changed("[芯片, 5G]}", "[芯片], rules: [{any: [a], weight: 0}]}"), 7, "categories[0].rules[0].weight", "says nothing", "below 0"),
    "rule worth too much": (changed("[芯片, 5G]}", "[芯片], rules: [{any: [a], weight: 11}]}"), 7, "categories[0].rules[0].weight", "at most 10", ""),
    "language of a rule": (changed("[芯片, 5G]}", "[芯片], rules: [{any: [a], languages: [Chinese!]}]}"), 7, "categories[0].rules[0].languages[0]", "do not belong", "zh-Hans"),
    "no sources": ("publication: {title: T, link: http://x}\nsources: []\n", 2, "sources", "is empty", "at least one"),
    "choice": (changed("from: a", "tls: maybe, from: a"), 10, "delivery.tls", "must be one of 'auto'", ""),
    "sender": (changed("from: a@example.org", "from: the desk"), 10, "delivery.from", "no mail address", "Desk <desk@"),
    "header name": (changed("chips]}", "chips], headers: {'a b': c}}"), 3, "sources[0].headers", "'a b' is no name of an HTTP header", ""),
    "listen": (GOOD + "web: {listen: 8000}\n", 11, "web.listen", "is no text", "quotes"),
    "listen without a port": (GOOD + "web: {listen: localhost}\n", 11, "web.listen", "no host and port", "127.0.0.1:8000"),
    "mail server": (changed("smtp://u:$", "http://u:$"), 10, "delivery.smtp", "the address is no mail server", "%40"),
    "other database": (GOOD + "database: mysql://u:hunter2@h/d\n", 11, "database", "the address is no database", "postgresql://"),
    "no database file": (GOOD + "database: sqlite:///\n", 11, "database", "names no SQLite file", ""),
    "unset variable": (changed("title: T,", "title: '${NOBODY}',"), 1, "publication.title", "variable NOBODY is not set", "export NOBODY="),
    "open reference": (changed("title: T,", "title: '${NOBODY',"), 1, "publication.title", "begins no name", "$${"),
    "shell's default": (changed("title: T,", "title: '${A:-b}',"), 1, "publication.title", "begins no name", "${NAME}"),
    "reference without quotes": (GOOD + "poll: {every: ${A}}\n", 11, "", "no YAML", "put ${NAME} in quotes"),
    "key used twice": (changed("    url: h", "    name: gamma\n    url: h"), 5, "sources[1].name", "there already, in line 4", "keep one"),
    "alias": (changed("name: beta", "name: *a"), 4, "sources[1].name", "alias *a is not allowed", "write the value out"),
    "anchor": (changed("name: beta", "name: &a beta"), 4, "sources[1].name", "anchor &a is not allowed", ""),
    "tag": (changed("name: beta", "name: !!python/name:os.system beta"), 4, "sources[1].name", "tag", "plain value"),
    "second document": (GOOD + "---\na: 1\n", 11, "", "second document", "---"),
    "key that is a list": (GOOD + "? [a]\n: b\n", 11, "", "cannot be a key", "name before the colon"),
    "tab": (changed("  - name: beta", "\t- name: beta"), 4, "", "a tab stands where indentation is", "spaces"),
    "colon in a text": (changed("title: T,", "title: T: U: V,"), 1, "", "no YAML", ""),
    "colon in a block": ("publication:\n  title: a: b\n", 2, "", "no YAML", "in quotes"),
    "open quote": ('publication: {title: "T}\n', 2, "", "no YAML", ""),
    "odd indentation": ("a:\n  b: 1\n c: 2\n", 3, "", "no YAML", "indentation"),
    "control character": (GOOD + "# \x07\n", 11, "", "U+0007 is not allowed", "remove it"),
    "half a surrogate": (changed("title: T,", r'title: "\ud800",'), 1, "publication.title", "surrogate", ""),
    "no mapping": ("- a\n- b\n", 1, "", "the file is no mapping", "publication:"),
    "only a text": ("hello\n", 1, "", "the file is no mapping", ""),
    "empty": ("", None, "", "the file is empty", "aggregator init"),
    "only comments": ("# nothing\n\n", None, "", "the file is empty", "aggregator init"),
    "deep": ("a: " + "[" * 40 + "]" * 40, 1, "", "more than 30 levels", ""),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_a_mistake_is_told_with_line_key_and_mend(tmp_path: Path, case: tuple[str, int | None, str, str, str]) -> None:
    text, line, key, message, hint = case
    found = mistakes(tmp_path, text)
    told = [one for one in found if (one.line, one.key) == (line, key) and message in one.message]
    assert told, [str(one) for one in found]
    assert hint in (told[0].hint or "")
    also = 1 if "*a" in text else 0  # a name that is an alias is no slug either
    assert len(found) == 1 + also, [str(one) for one in found]
    assert not any("hunter2" in str(one) for one in found)


def test_all_mistakes_at_once_in_the_order_of_the_file(tmp_path: Path) -> None:
    text = (
        changed("title: T,", "titel: T,")
        .replace("section: analyses", "section: analysis")
        .replace("name: beta", "name: alpha")
    )
    text += "poll: {min: 2h, max: 1h, every: soon}\nweb: {public_url: '${NOWHERE}'}\n"
    assert [(one.line, one.key) for one in mistakes(tmp_path, text)] == [
        (1, "publication.titel"),
        (1, "publication.title"),
        (3, "sources[0].section"),
        (4, "sources[1].name"),
        (11, "poll.every"),
        (11, "poll.min"),
        (12, "web.public_url"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("line", "environ"),
    [
        ("database: ${SECRET}", {}),
        ("poll: {every: '${SECRET}'}", {}),
        ("poll: {max_bytes: '${SECRET}', per_host: '${SECRET}', allow_private_networks: '${SECRET}'}", {}),
        ("web: {public_url: '${SECRET}', listen: '${SECRET}'}", {}),
        ("sections: ['${SECRET}', {slug: '${SECRET}', title: T}, {slug: '${SECRET}', title: T}]", {}),
        ("poll: {min: '${LONG}', max: 1m}", {"LONG": "4242m"}),
        ("curate: {story_window: 'x${SECRET}y'}", {}),
        ("output: ['${SECRET}']", {}),
    ],
)
def test_a_value_from_the_environment_is_never_shown(tmp_path: Path, line: str, environ: dict[str, str]) -> None:
    found = mistakes(tmp_path, GOOD + line + "\n", ENVIRON | environ)
    assert found
    assert not any("hunter2" in str(one) or "4242" in str(one) for one in found)


def test_secrets_do_not_hang_on_the_error_either(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as raised:
        read(tmp_path, changed("smtp://u:$", "http://u:$"))
    assert raised.value.__context__ is None
    assert raised.value.__cause__ is None


def test_the_environment_fills_in_every_kind_of_value(tmp_path: Path) -> None:
    text = GOOD + "poll: {every: '${EVERY}', per_host: '${N}', allow_private_networks: '${YES}'}\ndatabase: ${DB}\n"
    config = read(tmp_path, text, ENVIRON | {"EVERY": "2h", "N": "7", "YES": "true", "DB": "postgresql://h/${SECRET}"})
    assert (config.poll.every, config.poll.per_host) == (timedelta(hours=2), 7)
    assert config.poll.allow_private_networks
    assert config.database == "postgresql://h/${SECRET}"  # what a variable holds is not read again


ADDRESSES = {
    "plain": ("https://a.example/f?x=1", "https://a.example/f?x=1", True),
    "a key": ("https://a.example/f?key=${SECRET}", "https://a.example/f?key=${SECRET}", False),
    "a path": ("https://a.example/${SECRET}/f", "https://a.example/${SECRET}/f", False),
    "a user from outside": ("https://u:${SECRET}@a.example/f", "https://***@a.example/f", False),
    "a user written out": ("https://u:p@ss@a.example/f", "https://***@a.example/f", False),
    "an @ in the path": ("https://a.example/@desk/f", "https://a.example/@desk/f", True),
    "two dollars": ("https://a.example/$${f}", "https://a.example/${f}", True),
}


@pytest.mark.parametrize(("written", "shown", "public"), ADDRESSES.values(), ids=ADDRESSES)
def test_what_is_shown_of_an_address(tmp_path: Path, written: str, shown: str, public: bool) -> None:  # noqa: FBT001  a parameter of the test
    config = read(tmp_path, GOOD.replace("https://beta.example/feed", f'"{written}"'))
    source = config.sources[1]
    assert config.shown_url(source) == shown
    assert config.public_url_of(source) == (source.url if public else None)
    assert config.public_url_of(config.sources[0]) == "https://alpha.example/feed"


@pytest.mark.parametrize("value", ["hunter2", "a+b/c~d%", "密码 here", "p@ss"])
def test_a_text_about_a_source_names_variables_instead(tmp_path: Path, value: str) -> None:
    """However an address spells them; a value as short as 410 is no secret."""
    key = quote(value, safe="")
    line = "url: https://u:${SECRET}@beta.example/feed?key=${SECRET}&n=${SHORT}"
    text = GOOD.replace("url: https://beta.example/feed", line)
    config = read(tmp_path, text, ENVIRON | {"SECRET": key, "SHORT": "410"})
    for spelled in (key, quote(key), quote_plus(key), str(URL(f"https://x/{key}"))[10:]):
        said = config.masked(f"410 Gone: https://u:{spelled}@h/?key={spelled}")
        assert said == "410 Gone: https://***@h/?key=${SECRET}", spelled
    assert key not in repr(config)


def test_two_dollars_write_the_characters_themselves(tmp_path: Path) -> None:
    config = read(tmp_path, changed("title: T,", "title: 'a $${B} $C $$ ${SECRET}',"))
    assert config.publication.title == "a ${B} $C $$ hunter2"


def test_booleans_are_those_of_yaml_1_2(tmp_path: Path) -> None:
    text = changed("any: [芯片, 5G]", "any: [no, on, 07:00, 0x1F, 1_000, 2020-05-14]")
    assert read(tmp_path, text).categories[0].any == ("no", "on", "07:00", "0x1F", "1_000", "2020-05-14")
    assert read(tmp_path, changed("    url: h", "    paused: True\n    url: h")).sources[1].paused


def test_our_own_sections_by_slug_and_theirs_by_mapping(tmp_path: Path) -> None:
    config = read(tmp_path, GOOD + "sections: [analyses, {slug: sport, title: Sport}]\n")
    assert [section.slug for section in config.sections] == ["analyses", "sport"]
    assert config.sections[0] == DEFAULT_SECTIONS[2]


@pytest.mark.parametrize(
    ("sections", "expected"),
    [
        pytest.param("", "briefings", id="ours"),
        pytest.param("sections: [hot-topics, analyses, briefings]\n", "briefings", id="wherever it stands"),
        pytest.param("sections: [analyses, {slug: sport, title: Sport}]\n", "sport", id="the first without marks"),
        pytest.param("sections: [analyses, perspectives]\n", "analyses", id="none is without marks"),
    ],
)
def test_the_section_of_plain_news(tmp_path: Path, sections: str, expected: str) -> None:
    assert read(tmp_path, GOOD + sections).news_section == expected


def test_bytes_that_are_no_utf8_are_told_by_place(tmp_path: Path) -> None:
    data = GOOD.encode().replace("芯片".encode(), "新闻".encode("gbk"))
    (one,) = mistakes(tmp_path, data)
    place = data.index("新闻".encode("gbk"))
    assert (one.line, one.hint) == (7, "save the file as UTF-8")
    assert f"offset {place} is not UTF-8" in one.message


def test_a_byte_order_mark_and_windows_line_ends_are_fine(tmp_path: Path) -> None:
    config = read(tmp_path, b"\xef\xbb\xbf" + GOOD.replace("\n", "\r\n").encode())
    assert config.line("sources", 1, "url") == 5


def test_files_that_are_none(tmp_path: Path) -> None:
    cases = {
        "absent.yaml": "there is no such file",
        "feeds.yaml/x": "there is no such file",
        ".": "cannot be read",
        "a\0b": "cannot be read",
    }
    (tmp_path / "feeds.yaml").write_text(GOOD)
    for name, message in cases.items():
        with pytest.raises(ConfigError, match=message):
            load(tmp_path / name, ENVIRON)
    with pytest.raises(ConfigError, match="aggregator init"):
        load(tmp_path / "absent.yaml", ENVIRON)


def test_a_file_beyond_the_limit_is_not_read_to_its_end(tmp_path: Path) -> None:
    (one,) = mistakes(tmp_path, GOOD.encode() + b"#" * LIMIT)
    assert "larger than 2,000,000 bytes" in one.message
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    flood = threading.Thread(target=_flood, args=(pipe,))
    flood.start()
    with pytest.raises(ConfigError, match="larger than"):
        load(pipe, ENVIRON)
    flood.join(10)
    assert not flood.is_alive()


def _flood(pipe: Path) -> None:
    try:
        with pipe.open("wb", buffering=0) as file:
            while True:
                file.write(b"#" * 65536)
    except BrokenPipeError:
        pass


def test_database_addresses(tmp_path: Path) -> None:
    def of(database: str) -> Config:
        return read(tmp_path, GOOD + f"database: '{database}'\n")

    assert read(tmp_path, GOOD).database_file == tmp_path / "state" / "aggregator.db"
    assert read(tmp_path, GOOD).database_url == f"sqlite:///{tmp_path}/state/aggregator.db"
    assert of("sqlite:////var/lib/a.db").database_file == Path("/var/lib/a.db")
    assert of("sqlite:////var/lib/a.db").database_url == "sqlite:////var/lib/a.db"
    assert of("sqlite:///50%41 简.db").database_url.endswith("/50%2541 %E7%AE%80.db")
    assert of("postgresql://u:p@h/d").database_url == "postgresql+psycopg://u:p@h/d"
    assert of("postgresql:///d?host=/run").database_url == "postgresql+psycopg:///d?host=/run"
    assert of("postgresql+psycopg://h/d").database_url == "postgresql+psycopg://h/d"
    assert of("postgresql://u:p@h/d").database_file is None


def test_a_relative_path_is_read_from_the_files_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "feeds.yaml").write_text(GOOD)
    monkeypatch.chdir(tmp_path)
    config = load(Path("feeds.yaml"), ENVIRON)
    monkeypatch.chdir("/")
    assert config.database_file == tmp_path / "state" / "aggregator.db"


def test_what_is_legal_but_suspicious(tmp_path: Path) -> None:
    text = changed("https://beta.example/feed", "https://alpha.example/feed\n    tested: false")
    text = text.replace("link: https:", "link: http:").replace("from: a@", "tls: off, from: a@")
    assert [(one.line, one.key) for one in warnings(read(tmp_path, text))] == [
        (1, "publication.link"),
        (5, "sources[1].url"),
        (6, "sources[1].tested"),
        (11, "delivery.tls"),
    ]
    without = text[: text.index("delivery:")] + "web: {public_url: http://x}\n"
    told = {(one.line, one.key) for one in warnings(read(tmp_path, without))}
    assert {(9, "newsletters"), (11, "web.public_url")} <= told or {(10, "newsletters"), (11, "web.public_url")} <= told
    assert warnings(read(tmp_path, GOOD)) == []


SYNTAX = r"""- |? |: |&a |*a |!!int |{|}|[|]|'|"|>-|%YAML 1.1|---|...|#|${|${A}|$${|poll: |.inf|1e999|null|"\U99999999"|<<: |= """
ODD = [
    "\t",
    "  ",
    "|\n",
    "\n",
    "\x00",
    "\ufeff",
    "\x85",
    "\u2028",
    "9" * 5000,
    "%YAML 9" + "9" * 5000 + ".1\n",
    '"\\ud800"',
]
FRAGMENTS = st.lists(st.sampled_from([*GOOD.splitlines(keepends=True), *SYNTAX.split("|"), *ODD]))


@given(st.binary() | st.text().map(str.encode) | FRAGMENTS.map(lambda parts: "".join(parts).encode()))
@example(b"\xff\xfe")
@example(b"? " * 2000 + b"a")
@example(b"{? " * 2000)
@example(b"[" * 2000)
@example(b'"\\U99999999": 1')
@example(b"%YAML 1.1\n---\na: 0o7\n")
def test_nothing_but_a_configuration_or_its_mistakes_comes_out(
    tmp_path_factory: pytest.TempPathFactory, data: bytes
) -> None:
    path = tmp_path_factory.getbasetemp() / "any.yaml"
    path.write_bytes(data)
    try:
        load(path, ENVIRON)
    except ConfigError as error:
        assert error.mistakes  # noqa: PT017  either outcome is right


@given(st.data())
def test_any_value_anywhere_is_taken_or_told(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    path = tmp_path_factory.getbasetemp() / "values.yaml"
    values = st.sampled_from(
        ["[]", "{}", "[[]]", "~", "9" * 400, "-1", ".5", "1e308", "'9e9d'", "!x y", "a: b", '"\\0"', "'/s'"]
    )
    place = data.draw(
        st.sampled_from([index for index, sign in enumerate(GOOD) if sign == ":" and GOOD[index + 1] in " \n"])
    )
    rest = GOOD[place + 1 :]
    end = min(rest.find(stop) for stop in (",", "\n", "}") if stop in rest)
    path.write_text(f"{GOOD[: place + 1]} {data.draw(values)}{rest[end:]}", encoding="utf-8")
    try:
        load(path, ENVIRON)
    except ConfigError as error:
        assert error.mistakes  # noqa: PT017  either outcome is right


def test_the_values_load_without_the_yaml_library() -> None:
    code = "import sys, aggregator.config; sys.exit('ruamel.yaml' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], cwd=Path(__file__).parents[2], check=True)
