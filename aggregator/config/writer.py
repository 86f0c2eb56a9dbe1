"""The briefing writer, as feeds.yaml has it: whom it asks, and what that may cost."""

from datetime import timedelta
from typing import Annotated

from pydantic import AfterValidator, Field

from aggregator.config.kinds import Bearer, Duration, Language, Line, ProxyAddress, Unfit, Value, WebAddress

VERIFIED = ("en", "zh")
"""The languages in which what is written can be verified."""


def _language(value: str) -> str:
    if value.partition("-")[0].lower() not in VERIFIED:
        raise Unfit("is no language that can be verified: write en, zh-Hans or zh-Hant", value=value)
    return value


def _endpoint(value: str) -> str:
    """A user before the host would be a key in the clear, and stand in sentences that tell the address."""
    if "@" in value or "?" in value or "#" in value:
        raise Unfit("holds more than an address: the key goes into `key`", secret=True)
    return value.rstrip("/")


class Price(Value):
    """What a million tokens cost, in whatever currency `daily_cost` is in."""

    input: float = Field(
        0.0, ge=0, allow_inf_nan=False, description="Of what is sent: the question and the sources.", examples=[0.15]
    )
    output: float = Field(0.0, ge=0, allow_inf_nan=False, description="Of what is answered.", examples=[0.6])


class Writer(Value):
    """The briefing writer: a language model writes two to four sentences of each story from its sources. What it writes is
    shown, and marked, only where every number, name and quotation in it occurs in the sources; else the summary is chosen
    from the sources, as without it.
    """

    url: Annotated[WebAddress, AfterValidator(_endpoint)] = Field(
        repr=False,
        description="The base of an OpenAI-compatible interface, up to and with its version; on this machine as well.",
        examples=["http://127.0.0.1:11434/v1"],
    )
    model: Line = Field(min_length=1, description="The model's name, as the server knows it.", examples=["qwen2.5:14b"])
    key: Bearer | None = Field(
        None, description="Sent to that address only; local servers want none.", examples=["${WRITER_KEY}"]
    )
    language: Annotated[Language, AfterValidator(_language)] | None = Field(
        None, description="In which it writes: English or Chinese. Default: the publication's.", examples=["en"]
    )
    max_age: Duration = Field(
        timedelta(days=2), description="Stories without news for so long are left as they are.", examples=["1d"]
    )
    per_run: int = Field(20, ge=1, le=1000, description="The most stories in one run, the best first.", examples=[50])
    daily_tokens: int = Field(
        200_000,
        ge=1,
        description="So many tokens a day, sent and answered, in the publication's zone.",
        examples=[50_000],
    )
    daily_cost: float | None = Field(
        None, gt=0, allow_inf_nan=False, description="What a day may cost; needs `price`.", examples=[2.5]
    )
    price: Price = Field(
        Price(), description="What tokens cost; default: nothing.", examples=[{"input": 0.15, "output": 0.6}]
    )
    answer_tokens: int = Field(
        800, ge=100, le=20_000, description="The longest answer; models that think aloud need more.", examples=[4000]
    )
    timeout: Duration = Field(
        timedelta(seconds=60), gt=timedelta(0), description="For one whole question and answer.", examples=["2m"]
    )
    retries: int = Field(
        2, ge=0, le=10, description="How often a question that failed for a moment is asked again.", examples=[0]
    )
    proxy: ProxyAddress | None = Field(
        None, description="The HTTP proxy through which it is asked.", examples=["http://proxy.example.org:3128"]
    )

    @property
    def chat_url(self) -> str:
        return f"{self.url}/chat/completions"

    @property
    def proxy_url(self) -> str | None:
        return self.proxy.get_secret_value() if self.proxy is not None else None

    @property
    def secret(self) -> str | None:
        return self.key.get_secret_value() if self.key is not None else None
