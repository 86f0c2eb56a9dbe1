"""A source, as feeds.yaml has it: where to look, how often, and what it is worth."""

import base64

from pydantic import Field

from aggregator.config.kinds import (
    Bearer,
    Duration,
    Flag,
    Headers,
    Language,
    Line,
    ProxyAddress,
    Slug,
    UserAndPassword,
    Value,
    WebAddress,
)


class Source(Value):
    """Where to look, how often, and what it is worth."""

    name: Slug = Field(description="Its short name in commands, files and logs; unique.", examples=["hket"])
    url: WebAddress = Field(
        repr=False,
        description="The address of its feed: RSS, Atom or JSON Feed.",
        examples=["https://news.example.net/rss.xml"],
    )
    title: Line | None = Field(
        None, description="As readers see it: “Source: HKET”. Default: the feed's own title.", examples=["HKET"]
    )
    home: WebAddress | None = Field(
        None,
        description="The page that the feed is of; default: what the feed says.",
        examples=["https://news.example.net/"],
    )
    language: Language | None = Field(
        None, description="Default: what the feed says, else found from the text.", examples=["zh-Hant"]
    )
    section: Slug | None = Field(
        None, description="The section of its entries, when no mark says otherwise.", examples=["perspectives"]
    )
    categories: tuple[Slug, ...] = Field(
        (), description="Categories that every entry of this source has.", examples=[["technology"]]
    )
    every: Duration | None = Field(
        None, description="How often to poll it; default: as its own rhythm asks for.", examples=["2h"]
    )
    weight: float = Field(
        1.0, gt=0, le=10, allow_inf_nan=False, description="What its word is worth in ranking.", examples=[1.5]
    )
    paused: Flag = Field(default=False, description="Not polled while true.", examples=[True])
    fulltext: Flag = Field(
        default=False,
        description="Fetch the articles of entries whose feed has a few lines only; needs the extra `fulltext`.",
        examples=[True],
    )
    headers: Headers = Field(
        default_factory=dict,
        repr=False,
        description="Sent to its own host only.",
        examples=[{"X-Api-Key": "${NEWS_KEY}"}],
    )
    basic: UserAndPassword | None = Field(
        None, description="User and password (HTTP Basic), for its own host only.", examples=["desk:${NEWS_PASSWORD}"]
    )
    bearer: Bearer | None = Field(
        None, description="A bearer token, for its own host only.", examples=["${NEWS_TOKEN}"]
    )
    proxy: ProxyAddress | None = Field(
        None, description="The HTTP proxy through which it is asked.", examples=["http://proxy.example.org:3128"]
    )
    websub: Flag = Field(
        default=True,
        description="False: only polled, also where its feed names a hub that would push (WebSub, with `web.public_url`).",
        examples=[False],
    )
    republish: Flag = Field(
        default=True,
        description="False: our feeds have its summaries only, whatever `publication.feed_content` says.",
        examples=[False],
    )
    tested: Flag = Field(
        default=True,
        description="False marks an address that nobody has tried yet; `sources check` does.",
        examples=[False],
    )

    @property
    def sent_headers(self) -> dict[str, str]:
        """`headers`, and what `basic` or `bearer` says."""
        if self.basic is not None:
            pair = base64.b64encode(self.basic.get_secret_value().encode()).decode("ascii")
            return {"Authorization": f"Basic {pair}", **self.headers}
        if self.bearer is not None:
            return {"Authorization": f"Bearer {self.bearer.get_secret_value()}", **self.headers}
        return self.headers

    @property
    def proxy_url(self) -> str | None:
        return self.proxy.get_secret_value() if self.proxy is not None else None
