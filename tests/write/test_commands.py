"""The writer from the command line, its configuration, and its key, which nothing tells."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from aggregator.config.checks import warnings
from aggregator.config.load import load
from aggregator.errors import ConfigError
from aggregator.store import briefings
from aggregator.store.engine import open_engine, reading
from aggregator.store.tables import writer_calls
from tests.cli.conftest import Call, call
from tests.support.mortal import Mortal
from tests.support.site import Site, serving
from tests.support.workspace import Workspace
from tests.support.writer_server import Says, WriterServer, sentences, writer_server

__all__ = ["call"]

KEY = "sk-t0ken/of+ours"
TITLE = "Xiamen opens a bridge across its harbour"
TEXT = "The bridge is 6.2 kilometres long and cost 3.1 billion yuan, the city of Xiamen said. It carries six lanes of traffic."
TOLD = (
    "A bridge of 6.2 kilometres across the harbour of Xiamen has opened.",
    "It cost 3.1 billion yuan and carries six lanes of traffic.",
)


def feed(*numbers: int) -> bytes:
    now = datetime.now(UTC).strftime("%a, %d %b %Y %H:%M:%S GMT")
    items = "".join(
        f"<item><guid>{number}</guid><title>{_TITLES[number]}</title><link>https://wire.example/{number}</link>"
        f"<pubDate>{now}</pubDate><description>{_TEXTS[number]}</description></item>"
        for number in numbers
    )
    return f"<rss version='2.0'><channel><title>Wire</title>{items}</channel></rss>".encode()


_TITLES = (
    TITLE,
    "Barley growers count the damage of a frosty night",
    "Museum lends its oldest vase to a school in Oslo",
)
_TEXTS = (
    TEXT,
    "Growers said that frost had taken 40 percent of the barley, the worst harvest in twelve years, and asked for credit until summer.",
    "The museum said that the vase, which is 3,000 years old, goes by train to a school in Oslo and stays there for two terms.",
)
_BRIEFINGS = {
    "bridge": TOLD,
    "frost": ("Frost has taken 40 percent of the barley of the growers.", "It is the worst harvest in twelve years, growers said."),
    "vase": ("The museum lends a vase of 3,000 years to a school in Oslo.", "It goes there by train and stays for two terms."),
}  # fmt: skip


@pytest.fixture
def site() -> Iterator[Site]:
    with serving("127.0.0.1") as made:
        yield made


@pytest.fixture
def server() -> Iterator[WriterServer]:
    with writer_server(model=lambda _: sentences(*TOLD), key=KEY) as running:
        yield running


@pytest.fixture
def space(tmp_path: Path, site: Site, server: WriterServer, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    monkeypatch.setenv("WRITER_KEY", KEY)
    made = Workspace(tmp_path, {"wire": site.gives("/wire", feed(0))}, "smtp://127.0.0.1:9")
    made.more = {
        "delivery": None,
        "writer": {"url": server.url, "model": "test-model", "key": "${WRITER_KEY}", "retries": 0},
    }
    made.write()
    return made


def test_a_run_writes_before_it_composes_and_publishes(space: Workspace, call: Call, server: WriterServer) -> None:
    said = call("run", "--once")
    assert (said.code, said.err) == (0, "")
    assert "briefings: 1 written, 0 refused, 0 failed; 1 stories read otherwise now" in said.out
    story = call("stories", "--json").rows[0]["id"]
    explained = {row["label"]: row["text"] for row in call("explain", story, "--json").rows}
    assert explained["briefing"] == "written by test-model, in en"
    assert call("status", "--json").rows[0]["writer"] == "test-model; 150 of 200,000 tokens today in 1 call"
    assert call("write").out == "briefings: 0 written, 0 refused, 0 failed; 0 stories read otherwise now\n"
    assert len(server.asked) == 1


def test_what_would_be_asked_is_told_and_nothing_is(space: Workspace, call: Call, server: WriterServer) -> None:
    call("poll")
    (row,) = call("write", "--dry-run", "--json").rows
    assert (row["outcome"], row["reason"], row["title"], row["text"]) == ("waits", "of 1 sources", TITLE, None)
    assert 900 < row["tokens"] < 3000
    assert "waits" in call("write", "--dry-run").out
    assert server.asked == []
    (row,) = call("write", row["story"], "--json").rows
    assert (row["outcome"], row["text"]) == ("written", " ".join(TOLD))
    assert call("write", "--dry-run").out == "nothing is to be written\n"


def test_a_failure_is_told_and_the_rest_of_a_run_goes_on(space: Workspace, call: Call, server: WriterServer) -> None:
    server.says(Says(503, {"error": {"message": "Loading model"}}))
    said = call("run", "--once")
    assert said.code == 0
    assert said.err == f"error: the writer stopped: {server.url} failed (503: Loading model)\n"
    assert (space.out / "index.html").exists()
    server.says(Says(404, {"error": {"message": "no such model"}}))
    said = call("write")
    assert said.code == 1
    assert "hint: see writer.model and writer.url" in said.err


def test_whether_it_works(space: Workspace, call: Call, server: WriterServer) -> None:
    server.model = lambda asked: sentences(
        "A bridge of 6.2 kilometres across the harbour of Xiamen has opened to traffic.",
        f"It cost 3.1 billion yuan, and took {'four' if len(asked['sources']) == 2 else 'two'} years of work.",
        sources=(1, 2),
    )
    said = call("write", "--test")
    assert said.out.splitlines() == [
        (
            "test-model answers: A bridge of 6.2 kilometres across the harbour of Xiamen has opened to traffic. "
            "It cost 3.1 billion yuan, and took four years of work."
        ),
        "written: 4 figures, 1 word of names, 0 quotations found in 2 sources",
    ]
    assert (said.code, said.err) == (0, "")
    server.model = lambda _: sentences("A bridge of 7 kilometres has opened in Xiamen.", "It took years of work.")
    said = call("write", "--test")
    assert (said.code, said.out.splitlines()[1]) == (1, "refused: the sources do not have the figure “7”")
    server.says(Says(401))
    said = call("write", "--test")
    assert (said.code, said.out) == (1, "")
    assert said.err.startswith(f"error: {server.url} does not take the key (401)\nhint: see writer.key")


def test_its_key_is_told_nowhere(space: Workspace, call: Call, server: WriterServer) -> None:
    call("run", "--once")
    server.says(
        Says(401, {"error": {"message": f"Incorrect API key provided: {KEY}"}}),
        Says(429, {"error": {"message": f"{KEY} asks too often"}}),
        Says(302, b"", {"Location": f"https://elsewhere.example/?key={KEY}"}),
    )
    (story,) = (row["id"] for row in call("stories", "--json").rows)
    lines = (
        "check",
        "plan",
        f"write {story}",
        f"write {story}",
        f"write {story}",
        "write --test",
        "status",
        f"explain {story}",
        "write",
    )
    for line in lines:
        said = call(*line.split(), "--verbose")
        assert KEY not in said.out + said.err, line
    held = [path for path in space.folder.rglob("*") if path.is_file() and KEY.encode() in path.read_bytes()]
    assert held == []
    assert KEY not in repr(space_config(space))


def space_config(space: Workspace) -> Any:
    return load(space.file, {"WRITER_KEY": KEY})


def test_without_a_writer(space: Workspace, call: Call) -> None:
    space.more = {"delivery": None}
    space.write()
    said = call("write")
    assert said.code == 2
    assert said.err.splitlines()[1] == "hint: add a `writer` block with url and model"
    assert "briefings" not in call("run", "--once").out
    assert call("status", "--json").rows[0]["writer"] == "off"


@pytest.mark.parametrize(
    ("more", "publication", "mistake"),
    [
        ({"url": "ftp://x"}, {}, "writer.url: 'ftp://x' is no web address"),
        ({"url": "https://user:secret@x/v1"}, {}, "writer.url: the address holds more than an address (the key goes into `key`)"),
        ({"url": "https://x/v1?key=secret"}, {}, "writer.url: the address holds more than an address"),
        ({"model": ""}, {}, "writer.model: must not be empty"),
        ({"key": "Bearer x"}, {}, "writer.key: "),
        ({"language": "de"}, {}, "writer.language: 'de' is no language that can be verified (write en, zh-Hans or zh-Hant)"),
        ({}, {"language": "de"}, "writer: cannot write in the publication's language (de)"),
        ({"daily_cost": 1.0}, {}, "writer.daily_cost: limits nothing without a price (add writer.price)"),
        ({"daily_cost": 1.0, "price": {"input": 0}}, {}, "writer.daily_cost: limits nothing without a price"),
        ({"daily_tokens": 0}, {}, "writer.daily_tokens: must be at least 1"),
        ({"tokens": 5}, {}, "writer.tokens: unknown key"),
    ],
)  # fmt: skip
def test_mistakes_of_its_configuration(
    space: Workspace, more: dict[str, Any], publication: dict[str, Any], mistake: str
) -> None:
    said = {"url": "https://x/v1", "model": "m", **more}
    about = {"title": "T", "link": "https://briefing.example", **publication}
    space.more = {"delivery": None, "writer": said, "publication": about}
    space.write()
    with pytest.raises(ConfigError) as found:
        load(space.file, {})
    assert any(mistake in str(one) for one in found.value.mistakes), found.value.message
    assert "secret" not in found.value.message


def test_what_is_legal_and_probably_not_meant(space: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    assert not [one for one in warnings(space_config(space)) if one.key.startswith("writer")]
    space.more["writer"] |= {"url": "http://writer.example/v1"}
    space.write()
    monkeypatch.setattr("aggregator.config.checks.find_spec", lambda _: None)
    found = [(one.key, one.message) for one in warnings(space_config(space)) if one.key.startswith("writer")]
    assert found == [
        ("writer", "nothing is written without pypinyin, which is not installed"),
        ("writer.url", "the writer's key and questions travel unencrypted"),
    ]


# --- killed ------------------------------------------------------------------------------------------------


def test_whoever_is_killed_pays_for_one_call_twice_at_most_and_forgets_none(
    space: Workspace, call: Call, site: Site, server: WriterServer
) -> None:
    server.key = None
    server.model = lambda asked: sentences(*next(told for word, told in _BRIEFINGS.items() if word in str(asked)))
    space.more["writer"].pop("key")
    site.gives("/wire", feed(0, 1))
    space.write()
    call("poll", "--force")
    stories = len(call("stories", "--json").rows)
    assert stories == 2
    kills = after = 0
    with Mortal(space.file) as steps:
        for point in count(1, 6):
            before = len(server.asked)
            if steps.run("write", at=point):
                break
            kills += 1
            after += len(server.asked) > before
            _forgets_nothing(space, server)
        steps.run("write")
    assert kills > 3
    assert stories <= len(server.asked) <= stories + after, (
        "once more for each time that it was cut off after a question"
    )
    assert json.loads(call("status", "--json").out)["writer"].startswith("test-model; ")
    ids = [row["id"] for row in call("stories", "--json").rows]
    told = [{row["label"]: row["text"] for row in call("explain", id_, "--json").rows} for id_ in ids]
    assert [one["briefing"] for one in told] == ["written by test-model, in en"] * stories


def _forgets_nothing(space: Workspace, server: WriterServer) -> None:
    engine = open_engine(space.config.database_url)
    with reading(engine) as conn:
        lines = conn.execute(select(func.count()).select_from(writer_calls)).scalar_one()
        spent = briefings.spent(conn, datetime(2000, 1, 1, tzinfo=UTC))
    engine.dispose()
    assert lines >= len(server.asked), "a line stands before a question goes out"
    assert spent["tokens"] >= 150 * len(server.asked)
