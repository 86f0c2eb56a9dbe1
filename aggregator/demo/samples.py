"""The sample sources: which file is served where, and what is odd about each answer.

The files in `sources/` are UTF-8, whatever their XML declaration says: they are encoded as declared when served.
Outlets, names and sentences are invented; the events are of the kind that the news from China reported in May 2020.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

FOLDER = Path(__file__).with_name("sources")
NOW = datetime(2020, 5, 14, 23, 30, tzinfo=UTC)
"""The demo's clock: 07:30 on Friday, 15 May 2020, in Hong Kong. No sample is dated later."""
MODIFIED = datetime(2020, 5, 14, 23, 15, tzinfo=UTC)
"""Every sample's Last-Modified: a little after the newest entry. Change it together with the samples."""

RSS = "application/rss+xml"
ATOM = "application/atom+xml"
RDF = "application/rdf+xml"
JSON = "application/feed+json"

Validator = Literal["etag", "last-modified"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One address of the sample server. `moved_to` makes it a permanent redirect, `status` a bare failure."""

    path: str
    file: str = ""
    media_type: str = RSS
    charset: str = "utf-8"
    validators: tuple[Validator, ...] = ("etag", "last-modified")
    delay: float = 0.0
    """Seconds before the answer."""
    moved_to: str = ""
    status: int = 200

    def body(self) -> bytes:
        return (FOLDER / self.file).read_text(encoding="utf-8").encode(self.charset)


SAMPLES = (
    Sample(path="/harbour-economic-times/rss", file="harbour-economic-times.rss"),
    Sample(path="/island-wire/feed.atom", file="island-wire.atom", media_type=ATOM),
    Sample(path="/pacific-lantern/feed.json", file="pacific-lantern.json", media_type=JSON),
    Sample(path="/granite-bay-dispatch/index.rdf", file="granite-bay-dispatch.rdf", media_type=RDF,
           validators=("last-modified",)),
    Sample(path="/maple-transpacific/rss.xml", file="maple-transpacific.rss"),
    Sample(path="/open-ward/feed", file="open-ward.rss"),
    Sample(path="/old-canal-gazette/rss.xml", file="old-canal-gazette.rss", media_type="text/xml"),
    Sample(path="/plum-rain-weekly/rss.xml", file="plum-rain-weekly.rss", delay=1.5),
    Sample(path="/two-ferries-herald/rss.xml", moved_to="/feeds/two-ferries-herald.xml"),
    Sample(path="/feeds/two-ferries-herald.xml", file="two-ferries-herald.rss"),
    Sample(path="/lotus-hill-review/atom.xml", file="lotus-hill-review.atom", media_type=ATOM, validators=()),
    Sample(path="/signal-and-silicon/atom.xml", file="signal-and-silicon.atom", media_type=ATOM,
           validators=("etag",)),
    Sample(path="/coastline-reprints/rss.xml", file="coastline-reprints.rss"),
    Sample(path="/lighthouse-bulletin/rss.xml", status=500),
    Sample(path="/beian-caijing/rss", file="beian-caijing.rss"),
    Sample(path="/changdi-kuaixun/rss.xml", file="changdi-kuaixun.rss", charset="gbk"),
    Sample(path="/gangwan-zaobao/rss.xml", file="gangwan-zaobao.rss", charset="big5"),
    Sample(path="/daoyu-tongxun/atom.xml", file="daoyu-tongxun.atom", media_type=ATOM),
    Sample(path="/dengxia-wenzhai/feed.json", file="dengxia-wenzhai.json", media_type=JSON),
    Sample(path="/zhuan-guancha/feed", file="zhuan-guancha.rss"),
    Sample(path="/yuanfan-keji/index.rdf", file="yuanfan-keji.rdf", media_type=RDF),
)  # fmt: skip
