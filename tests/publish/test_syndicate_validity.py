"""Every feed of ours is valid and gives no validator a reason to warn; and the validators that say so are good ones."""

import gzip
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aggregator.config import Config
from aggregator.edit.summarise import brief
from aggregator.model import Brief, Story
from aggregator.publish import syndicate
from aggregator.publish.feeds.fragment import LARGEST, fragment
from aggregator.publish.feeds.post import Words
from tests.support import briefing_week, editions, feedrules, jsonfeed, rfc4287, rss20

WEEK = briefing_week.week()
TOMBSTONES = "should: nobody knows the namespace http://purl.org/atompub/tombstones/1.0"
VALIDATORS: dict[str, Callable[[bytes], list[str]]] = {
    "atom.xml": rfc4287.complaints,
    "rss.xml": rss20.complaints,
    "feed.json": jsonfeed.complaints,
}


def assert_valid(pages: Iterator[syndicate.Page]) -> None:
    for path, make in pages:
        document = make()
        assert VALIDATORS[path.rpartition("/")[2]](document) == [], path
        assert document == make(), "the same stories give the same bytes"


# --- the validators --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("validator", "cases", "found", "clean"),
    [
        pytest.param(rfc4287, ("atom/", "ext/fh/"), 0.92, 0.92, id="Atom"),
        pytest.param(rss20, ("rss20/",), 0.88, 0.78, id="RSS"),
    ],
)
def test_a_validator_finds_what_the_world_calls_a_mistake(
    validator: ModuleType, cases: tuple[str, ...], found: float, clean: float, corpora: Path
) -> None:
    """Of the W3C's test cases: the share of mistakes that are found by their kind, and of right ones that are left alone."""
    folder = corpora / "feed-parsing/feedvalidator-testcases"
    wrong: list[bool] = []
    right: list[bool] = []
    for line in gzip.decompress((folder / "index.jsonl.gz").read_bytes()).splitlines():
        case = json.loads(line)
        event = case.get("expect_event")
        if not case["path"].startswith(cases) or not case["path"].endswith(".xml") or event is None:
            continue
        if event != "Error" and event not in feedrules.EVENTS:
            continue  # of a module that we do not write, or of what is right
        kind = "^(?!should)" if event == "Error" else feedrules.EVENTS[event]
        said = any(re.search(kind, one) for one in validator.complaints((folder / case["path"]).read_bytes()))
        (right if case["negated"] else wrong).append(said != case["negated"])
    assert len(wrong) > 80
    assert sum(wrong) / len(wrong) >= found
    assert sum(right) / len(right) >= clean


def test_the_validator_of_json_feed_sees_what_is_wrong() -> None:
    config = briefing_week.config(hubs=["https://hub.example/"])
    good = json.loads(syndicate.json_feed(config, WEEK, words=Words(brief), path="feed.json"))
    item = good["items"][0]
    for bad in (
        good | {"version": "2"},
        {key: value for key, value in good.items() if key != "title"},
        good | {"hubs": [{"url": "https://hub.example/"}]},
        good | {"authors": [{}]},
        good | {"language": "English, mostly"},
        good | {"items": [item, item]},
        good | {"items": [item | {"id": 7}]},
        good | {"items": [item | {"url": "/stories/s000.html"}]},
        good | {"items": [item | {"date_published": "14 May 2020"}]},
        good | {"items": [item | {"content_html": "<p onclick='x()'>"}]},
        good | {"items": [{key: value for key, value in item.items() if key != "content_html"}]},
    ):
        assert jsonfeed.complaints(json.dumps(bad).encode())


# --- ours ------------------------------------------------------------------------------------------------


def _words(kind: str) -> Words:
    full = {
        told.lead.entry: fragment(f'<p class="x" id="{told.id}">{told.summary} <a href="https://a.example/">a</a></p>')
        for told in WEEK
    }
    written = Brief("A model wrote <b>this</b> & that &copy; theirs.", "en", "some-model")
    return {
        "summaries": Words(brief),
        "full": Words(brief, full),
        "written": Words(lambda _story, _columns: written, full),
        "nothing": Words(lambda _story, _columns: Brief("", None)),
    }[kind]


@pytest.mark.parametrize("language", ["en", "zh-Hans", "zh-Hant", "ar"])
@pytest.mark.parametrize("kind", ["summaries", "full", "written", "nothing"])
def test_lists(language: str, kind: str) -> None:
    config = briefing_week.config(
        language, hubs=["https://hub.example/"], author={"name": "Mei (Lin) <AT&T>", "email": "Desk <a@b.example>"}
    )
    words = _words(kind)
    assert_valid(syndicate.of_stories(config, WEEK, words=words, older="archive/2020-05/atom.xml"))
    assert_valid(syndicate.of_stories(config, WEEK, words=words, folder="categories/trade", title="R&D2 </b> <i>"))
    assert_valid(syndicate.of_stories(config, (), words=words))
    archive = syndicate.archive_atom(config, WEEK, words=words, path="archive/2020-05/atom.xml", following="n/atom.xml")
    assert rfc4287.complaints(archive) == []


@pytest.mark.parametrize("language", ["en", "zh-Hans", "ar"])
def test_newsletters(language: str) -> None:
    config = editions.unruly_config(language)
    for told in (
        (),
        (editions.english(),),
        (editions.chinese(), replace(editions.many(), number=7)),
        (editions.unruly(language),),
    ):
        assert_valid(syndicate.of_newsletter(config, config.newsletters[0], told))


@pytest.mark.parametrize("language", ["en", "zh-Hans", "ar"])
def test_unruly_stories(language: str) -> None:
    config = editions.unruly_config(language)
    assert_valid(
        syndicate.of_stories(config, editions.unruly_stories(), words=Words(brief), folder="sections/analyses")
    )


def test_of_tombstones_alone_a_validator_may_say_that_it_does_not_know_them() -> None:
    gone = [("s404", WEEK[0].updated)]
    document = syndicate.atom(briefing_week.config(), WEEK, words=Words(brief), path="atom.xml", withdrawn=gone)
    assert rfc4287.complaints(document.replace(b"tombstones/1.0", b"tombstones/2.0"))
    assert rfc4287.complaints(document) == []


hostile = st.text(st.characters(), max_size=40) | st.sampled_from(
    [
        "", " \n ", "\x00\x08\ufffe\ud800\ufffd\x93", "]]><script>alert(1)</script>", "&lt;b&gt; &amp;amp; &#0; &copy", "</b>",
        "R&D2 &T", "1 < 2", "<b>bold</b>", "Jane <jane@example.org>", "Ã©tÃ© cafÃ©", "\u202eright to left", "\U0001fffe\ufdd0",
    ]
)  # fmt: skip
addresses = hostile | st.sampled_from(
    [
        "javascript:alert(1)", "https://a.example/ b\"<>'[]|^", "http://[::1", "//host", "https://ex.example/\ud83d?q=中文#%",
        "https://bücher.example:8080/ü?a=b%zz", "http://user:pass@host/", "https://a..b/", "http://host:port/", "HTTP://A.Example",
    ]
)  # fmt: skip
moments = st.datetimes(datetime(1900, 1, 1), datetime(2020, 6, 1), timezones=st.just(UTC))  # noqa: DTZ001  bounds have no zone, what is drawn has


@st.composite
def hostile_stories(draw: st.DrawFn) -> Story:
    title, summary, language, url = draw(hostile), draw(hostile), draw(hostile), draw(addresses)
    when = draw(moments)
    report = replace(
        WEEK[0].lead, title=title, source_title=draw(hostile), author=draw(hostile), url=url, language=language,
        source=draw(st.sampled_from(["hket", "unknown"])), published=when, entry=draw(hostile),
    )  # fmt: skip
    return replace(
        WEEK[0], id=draw(hostile), title=title, summary=summary, url=url, language=language, reports=(report,),
        first_published=when,
    )  # fmt: skip


@settings(max_examples=40, deadline=None)
@given(hostile_stories(), hostile, hostile)
def test_nothing_that_a_feed_says_makes_ours_invalid(told: Story, called: str, html: str) -> None:
    words = Words(lambda story, _: Brief(story.summary, story.language), {told.lead.entry: fragment(f"<p>{html}</p>")})
    config = _with_names(called)
    assert_valid(syndicate.of_stories(config, (told, WEEK[1]), words=words, folder="categories/trade", title=called))


def _with_names(name: str) -> Config:
    made = briefing_week.config()
    categories = tuple(each.model_copy(update={"name": name}) for each in made.categories)
    publication = made.publication.model_copy(update={"title": name, "description": name})
    return made.model_copy(update={"categories": categories, "publication": publication})


def test_entries_that_changed_together_have_times_of_their_own() -> None:
    """One run of the curator changes many stories in one moment."""
    same = tuple(replace(told, updated=WEEK[0].updated) for told in WEEK)
    document = syndicate.atom(briefing_week.config(), same, words=Words(brief), path="atom.xml")
    assert rfc4287.complaints(document) == []


# --- what sources published ------------------------------------------------------------------------------

blocks = st.recursive(
    st.text(st.characters(codec="utf-8"), max_size=30).map(lambda text: f"<p>{text}</p>") | st.just("<img src='/x'>"),
    lambda inner: st.builds(
        lambda tag, parts: f"<{tag} class=x onclick=y>{''.join(parts)}</{tag}>",
        st.sampled_from(["div", "blockquote", "ul", "table", "b", "script", "bdo", "article"]),
        st.lists(inner, max_size=4),
    ),
    max_leaves=12,
)


@settings(max_examples=40, deadline=None)
@given(blocks, st.integers(1, 3))
def test_a_fragment_is_clean_bounded_and_stays_what_it_is(html: str, times: int) -> None:
    made = fragment(html * (times * 400 if times > 1 else 1))
    assert len(made.encode()) <= LARGEST
    assert list(feedrules.html(made, "content")) == []
    assert fragment(made) == made


def test_a_long_text_is_cut_between_blocks() -> None:
    paragraph = f"<p>{'word ' * 200}</p>"
    for around in ("{}", "<div>{}</div>", "<div><blockquote>{}</blockquote></div>"):
        made = fragment(around.format(paragraph * 100))
        assert made.count("<p>word") == made.count("word </p>") in range(25, 33)
        assert made.endswith("<p>[…]</p>")
    assert fragment(paragraph * 10) == paragraph * 10
    assert fragment(f"<p>{'word ' * 20_000}</p>") == "", "half a paragraph is none"


def test_what_stands_in_a_fragment() -> None:
    made = fragment(
        '<h2 id="a" class="b" style="c">Title</h2><p onclick="x()">A <a href="https://a.example/ü?q=[1]" target="_blank">b</a>'
        '<a href="/rel">c</a><script>d</script><img src="https://a.example/i.png" alt="e"><img src="data:x"><bdo dir="rtl">f</bdo></p>'
    )
    assert made == (
        '<h2>Title</h2><p>A <a href="https://a.example/%C3%BC?q=%5B1%5D">b</a><a>c</a>'
        '<img src="https://a.example/i.png" alt="e">f</p>'
    )
