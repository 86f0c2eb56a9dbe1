"""What our feeds carry of a source's words: what its own feed published, and only where that is for everybody."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from aggregator.model import Story
from aggregator.pipeline.publishing.feed_texts import contents
from aggregator.store import entries, retractions
from aggregator.store.engine import reading, writing
from tests.support import briefing_week
from tests.support.poller import Poller, polling
from tests.support.site import Site

TEXT = "The board met on Monday, and the ferry runs again."
FEED = f"""<?xml version='1.0'?>
<rss version='2.0' xmlns:content='http://purl.org/rss/1.0/modules/content/'><channel><title>Harbour</title><item>
<guid isPermaLink='false'>one</guid><title>The ferry</title><link>https://harbour.example/one</link>
<pubDate>Thu, 14 May 2020 10:00:00 GMT</pubDate><description>The ferry runs again.</description>
<content:encoded><![CDATA[<p class="x">{TEXT} <a href="/more">More</a></p><script>x()</script>]]></content:encoded>
</item></channel></rss>""".encode()


@pytest.fixture
def poller(tmp_path: Path) -> Iterator[Poller]:
    with polling(tmp_path) as made:
        yield made


def polled(poller: Poller, url: str, **keys: Any) -> Story:
    poller.source(url, **keys)
    poller.poll(force=True)
    (stored,) = poller.entries().values()
    told = briefing_week.week()[0]
    lead = replace(told.lead, entry=stored.entry.id, source=stored.entry.source)
    return replace(told, reports=(lead, *told.reports[1:]))


def told(poller: Poller, story: Story, **publication: Any) -> dict[str, str]:
    config = poller.config
    config = config.model_copy(update={"publication": config.publication.model_copy(update=publication)})
    with reading(poller.engine) as conn:
        return contents(conn, config, [story])


def test_the_content_that_its_feed_published(poller: Poller, site: Site) -> None:
    story = polled(poller, site.gives("/feed", FEED))
    link = '<a href="https://harbour.example/more">More</a>'
    assert told(poller, story) == {story.lead.entry: f"<p>{TEXT} {link}</p>"}


def test_summaries_where_the_operator_wants_no_more(poller: Poller, site: Site) -> None:
    story = polled(poller, site.gives("/feed", FEED))
    assert told(poller, story, feed_content="summary") == {}


@pytest.mark.parametrize(
    "keys",
    [
        pytest.param({"republish": False}, id="it is not to be republished"),
        pytest.param({"bearer": "a-token"}, id="its feed takes a token"),
        pytest.param({"headers": {"X-Key": "4711"}}, id="its feed takes a key"),
    ],
)
def test_what_is_not_for_everybody_stays_a_summary(poller: Poller, site: Site, keys: dict[str, Any]) -> None:
    story = polled(poller, site.gives("/feed", FEED), **keys)
    assert told(poller, story) == {}


def test_of_a_source_that_is_no_longer_configured_nobody_knows(poller: Poller, site: Site) -> None:
    story = polled(poller, site.gives("/feed", FEED))
    poller.sources = [{"name": "other", "url": site.url("/other")}]
    assert told(poller, story) == {}


def test_an_article_that_we_fetched_from_its_page_is_not_republished(poller: Poller, site: Site) -> None:
    story = polled(poller, site.gives("/feed", FEED))
    (stored,) = poller.entries().values()
    with writing(poller.engine) as conn:
        assert entries.fill(conn, stored.entry, content="<p>The whole article.</p>", summary="The ferry.", words=400)
    assert told(poller, story) == {}


def test_what_was_taken_back_is_not_republished(poller: Poller, site: Site) -> None:
    story = polled(poller, site.gives("/feed", FEED))
    with writing(poller.engine) as conn:
        retractions.retract(conn, {story.lead.entry: "an error"}, poller.now)
    assert told(poller, story) == {}
