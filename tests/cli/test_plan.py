"""`plan` says what an edited feeds.yaml would do, and does nothing."""

import os
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from aggregator.app import App
from aggregator.config.load import load
from aggregator.model import PollState
from aggregator.pipeline.plan import facts, plan, remember_taken
from aggregator.store import entries, sources, taken
from aggregator.store.engine import reading, writing
from tests.support.entries import entry

NOW = datetime(2020, 5, 14, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
FILE = """publication: {title: T, link: https://x.example, timezone: Asia/Shanghai}
poll: {every: 30m}
sources:
  - {name: wire, url: "https://reader:geheim@wire.example/f?k=${KEY}", section: analyses}
  - {name: idle, url: https://idle.example/f, paused: true}
  - {name: slow, url: https://slow.example/f, every: 6h}
categories:
  - {slug: trade, name: Trade, any: [tariff]}
newsletters:
  - {name: daily, title: Daily, schedule: "07:00"}
"""
KEY = {"KEY": "hush-hush"}
Plan = Callable[..., list[tuple[str, str, str, tuple[datetime, ...]]]]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "feeds.yaml"
    path.write_text(FILE)
    return path


def polled(name: str, url: str) -> PollState:
    led = "https://slow.example/new" if name == "slow" else None
    return PollState(
        source=name, url=url, due=NOW + HOUR, last_polled=NOW - HOUR, adopted_url=led, state="moved" if led else "ok"
    )


@pytest.fixture
def edited(file: Path) -> Plan:
    """The file was taken and each of its sources polled, due in an hour; then the texts were replaced in it."""
    config = load(file, KEY)
    app = App(config)
    remember_taken(app.engine, config, NOW)
    with writing(app.engine) as conn:
        sources.remember(conn, [polled(one.name, one.url) for one in config.sources])
    app.close()

    def replaced(*changes: tuple[str, str], environ: dict[str, str] = KEY) -> list[Any]:
        text = FILE
        for old, new in changes:
            assert old in text
            text = text.replace(old, new)
        file.write_text(text)
        return [(one.change, f"{one.kind} {one.name}", one.what, one.next) for one in plan(load(file, environ), NOW)]

    return replaced


@pytest.mark.parametrize(
    ("old", "new", "change", "subject", "said", "due"),
    [
        pytest.param("categories:\n", "  - {name: new, url: https://new.example/f}\ncategories:\n", "added", "source new", "https://new.example/f is polled at once", [NOW], id="new source"),
        pytest.param("  - {name: slow, url: https://slow.example/f, every: 6h}\n", "", "removed", "source slow", "its entries stay", [], id="removed source"),
        pytest.param("https://slow.example/f", "https://slow.example/g", "changed", "source slow", "https://slow.example/f -> https://slow.example/g: starts anew", [NOW], id="address"),
        pytest.param("https://slow.example/f", "https://slow.example/new", "changed", "source slow", "all that is known stays", [NOW + HOUR], id="address where redirects led"),
        pytest.param(", paused: true", "", "changed", "source idle", "resumed", [NOW + HOUR], id="resumed"),
        pytest.param(", every: 6h", ", every: 6h, paused: true", "changed", "source slow", "paused", [], id="paused"),
        pytest.param("every: 6h", "every: 2h", "changed", "source slow", "every 6h -> 2h", [NOW + HOUR], id="interval"),
        pytest.param(", every: 6h", "", "changed", "source slow", "every 6h -> poll.every", [NOW + HOUR], id="interval gone"),
        pytest.param("section: analyses", "section: perspectives", "changed", "source wire", "section analyses -> perspectives", [], id="section"),
        pytest.param(", every: 6h", ", every: 6h, categories: [trade]", "changed", "source slow", "categories [] -> [trade]", [], id="categories"),
        pytest.param(", every: 6h", ", every: 6h, fulltext: true", "changed", "source slow", "fulltext false -> true", [], id="full text"),
        pytest.param("every: 30m", "every: 1h", "changed", "poll poll.every", "30m -> 1h", [], id="poll.every"),
        pytest.param('schedule: "07:00"', 'schedule: "08:30"', "changed", "newsletter daily", "schedule 07:00 -> 08:30", [datetime(2020, 5, 15 + day, 0, 30, tzinfo=UTC) for day in range(3)], id="schedule"),
        pytest.param("newsletters:\n", 'newsletters:\n  - {name: week, title: W, schedule: "08:00 sun"}\n', "added", "newsletter week", "08:00 sun (Asia/Shanghai)", [datetime(2020, 5, 17, tzinfo=UTC) + timedelta(weeks=week) for week in range(3)], id="new newsletter"),
        pytest.param('newsletters:\n  - {name: daily, title: Daily, schedule: "07:00"}\n', "", "removed", "newsletter daily", "no more", [], id="removed newsletter"),
        pytest.param("name: Trade", "name: Commerce", "changed", "category trade", "“Trade” is called “Commerce”", [], id="category renamed"),
        pytest.param("newsletters:\n", "  - {slug: war, name: War}\nnewsletters:\n", "added", "category war", "“War”", [], id="new category"),
        pytest.param("categories:\n  - {slug: trade, name: Trade, any: [tariff]}\n", "", "removed", "category trade", "“Trade”", [], id="removed category"),
    ],
)  # fmt: skip
def test_one_change_and_what_comes_of_it(
    edited: Plan, *, old: str, new: str, change: str, subject: str, said: str, due: list[datetime]
) -> None:
    ((found, name, what, times),) = edited((old, new))
    assert (found, name, list(times)) == (change, subject, due)
    assert said in what


def test_sections_come_and_go(edited: Plan) -> None:
    found = edited(("categories:\n", "sections: [briefings, analyses, {slug: data, title: Data}]\ncategories:\n"))
    assert [(change, name) for change, name, _, _ in found] == [
        ("added", "section data"), ("removed", "section hot-topics"), ("removed", "section perspectives"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        pytest.param("any: [tariff]", "any: [tariff, import duty]", "rules changed: any +“import duty”; of the last 30 days, 1 entry would move: 1 from none", id="a term more"),
        pytest.param("any: [tariff]", "any: [wheat]", "rules changed: any +wheat -tariff; of the last 30 days, 2 entries would move: 2 to none", id="another term"),
        pytest.param("any: [tariff]", "any: [tariff], none: [barley], weight: 2", "rules changed: none +barley; weight 1 -> 2; of the last 30 days, 1 entry would move: 1 to none", id="a term that forbids"),
        pytest.param("any: [tariff]", "any: [tariff, wheat]", "rules changed: any +wheat; of the last 30 days, no entry would move", id="nothing moves"),
        pytest.param("any: [tariff]", "any: [tariff, a1, a2, a3, a4, a5, a6, a7, a8]", "any +a1 +a2 +a3 +a4 +a5 +a6 and 2 more;", id="many terms"),
        pytest.param("any: [tariff]", "any: [tariff], rules: [{any: [wheat], fields: [tags], weight: -1}]", "rules changed: rules +{any: [wheat], fields: [tags], weight: -1.0};", id="a rule"),
        pytest.param("any: [tariff]", "any: [tariff]}\n  - {slug: grain, name: Grain, within: [trade], any: [barley]", "“Grain” takes entries that are curated from now on; of the last 30 days, 1 entry would move: 1 from trade", id="a new category"),
        pytest.param("any: [tariff]", "any: [tariff]}\n  - {slug: grain, name: Grain, weight: 0.5, any: [barley]", "of the last 30 days, no entry would move; 1 would have it beside others", id="beside others"),
    ],
)  # fmt: skip
def test_rules_that_changed_say_what_would_move(edited: Plan, file: Path, old: str, new: str, said: str) -> None:
    app = App(load(file, KEY))
    titles = ("A tariff on barley", "A tariff on rice", "Import duty rises", "A bridge")
    with writing(app.engine) as conn:
        found = [entry(title, published=NOW, seen=NOW) for title in titles]
        entries.add(conn, found, news={one.id: True for one in found})
    app.curate()
    app.close()
    ((change, name, what, _),) = edited((old, new))
    assert (change, name) in {("changed", "category trade"), ("added", "category grain")}
    assert said in what


def test_a_section_with_another_mark(edited: Plan) -> None:
    found = edited(("categories:\n", "sections: [briefings, hot-topics, analyses, {slug: perspectives, title: Perspectives, titles: [Opinion]}]\ncategories:\n"))  # fmt: skip
    ((change, name, what, _),) = found
    assert (change, name) == ("changed", "section perspectives")
    assert what.startswith("rules changed: tags -")


def test_the_same_file_changes_nothing(edited: Plan) -> None:
    assert edited() == []
    assert edited(("poll: {every: 30m}", "# a comment\npoll: {every: 1800s}")) == []


def test_an_address_that_a_variable_changes_starts_anew_and_tells_nothing(edited: Plan) -> None:
    ((change, name, what, due),) = edited(environ={"KEY": "another-one"})
    assert (change, name, due) == ("changed", "source wire", (NOW,))
    assert "by a variable of the environment" in what
    assert "another-one" not in what


def test_a_source_that_comes_back_is_polled_when_it_is_due(edited: Plan, file: Path) -> None:
    without = FILE.replace("  - {name: slow, url: https://slow.example/f, every: 6h}\n", "")
    file.write_text(without)
    app = App(load(file, KEY))
    assert remember_taken(app.engine, app.config, NOW + HOUR)
    assert not remember_taken(app.engine, app.config, NOW + HOUR)
    app.close()
    ((change, name, what, due),) = edited()
    assert (change, name, due) == ("added", "source slow", (NOW + HOUR,))
    assert "was here before" in what


def test_a_source_whose_server_said_gone_stays_unpolled(edited: Plan, file: Path) -> None:
    app = App(load(file, KEY))
    with writing(app.engine) as conn:
        sources.save(conn, replace(polled("idle", "https://idle.example/f"), state="gone"))
    app.close()
    assert edited((", paused: true", "")) == [
        ("changed", "source idle", "resumed: is not polled: its server said that it is gone", ())
    ]


def test_a_server_that_asked_to_wait_is_waited_for(edited: Plan, file: Path) -> None:
    app = App(load(file, KEY))
    with writing(app.engine) as conn:
        sources.save(conn, replace(polled("slow", "https://slow.example/f"), retry_after=NOW + 3 * HOUR))
    app.close()
    ((_, _, _, due),) = edited(("every: 6h", "every: 2h"))
    assert due == (NOW + 3 * HOUR,)


def test_no_secret_is_kept(edited: Plan, file: Path) -> None:
    app = App(load(file, KEY))
    with reading(app.engine) as conn:
        kept = taken.load(conn)
    app.close()
    assert kept == facts(load(file, KEY))
    assert "${KEY}" in str(kept)
    assert not [secret for secret in ("hush-hush", "geheim") if secret in str(kept)]


def test_of_a_new_workspace_all_is_new_and_nothing_is_made(call: Any, file: Path, tmp_path: Path) -> None:
    file.write_text(FILE.replace("${KEY}", "1"))
    said = call("plan")
    assert said.code == 0, said.err
    lines = said.out.splitlines()
    assert lines[0].startswith("+ source wire: https://***@wire.example/f?k=1 is polled at once (next, UTC: 20")
    assert lines[1] == "+ source idle: https://idle.example/f is paused: not polled"
    assert all(line.startswith("+ ") for line in lines)
    assert os.listdir(tmp_path) == ["feeds.yaml"]  # noqa: PTH208  names, not paths
    rows = call("plan", "--json").rows
    assert len(rows) == len(lines)
    assert set(rows[0]) == {"change", "kind", "name", "what", "next", "moves"}


def test_nothing_would_change(call: Any, file: Path) -> None:
    file.write_text(FILE.replace("${KEY}", "1"))
    app = App(load(file, {}))
    remember_taken(app.engine, app.config, NOW)
    app.close()
    assert call("plan").out == "nothing would change\n"
    assert call("plan", "--json").out == ""


def test_mistakes_are_told_as_check_tells_them(call: Any, file: Path) -> None:
    file.write_text(FILE.replace("section: analyses", "section: opinions").replace("${KEY}", "1"))
    said, checked = call("plan"), call("check")
    assert (said.code, said.out, said.err) == (2, "", checked.err)
