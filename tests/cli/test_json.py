"""`--json`: one object a line on standard output, with the fields that other programs rely on."""

import json
from typing import Any

import pytest

CONTRACT = {
    "entries": (
        "id source guid url canonical_url title summary language published seen categories section story duplicate_of",
        "news held retracted",
    ),
    "stories": ("id title entries sources section categories first_published last_published", "related"),
    "sources": (
        "name url state next_poll last_polled last_changed etag last_modified failures reason",
        "title since entries_a_week proposed_url held",
    ),
    "deliveries": ("edition subscriber state attempts message_id updated reason", "id"),
    "editions": ("edition newsletter number slot composed subject stories letters states url", ""),
    "subscribers": ("email name state newsletters created", ""),
    "categories": ("slug name entries leading stories", ""),
}
"""What is promised, and what we give beside it."""


@pytest.mark.parametrize("command", CONTRACT)
def test_a_list_has_exactly_its_fields(here: Any, command: str) -> None:
    said = here(command, "--json")
    assert (said.code, said.err) == (0, "")
    assert said.rows, "the round left something to list"
    promised, more = CONTRACT[command]
    for row in said.rows:
        assert set(row) == {*promised.split(), *more.split()}
        for name, value in row.items():
            if name in {"published", "seen", "created", "updated", "slot", "composed"} or name.startswith("last_p"):
                assert value is None or (len(value) == 20 and value.endswith("Z"))


def test_lists_say_how_things_are(here: Any) -> None:
    entries = {row["title"]: row for row in here("entries", "--json").rows}
    assert set(entries) == {"A chip plant is planned", "A bridge is opened"}
    chip = entries["A chip plant is planned"]
    assert chip["categories"] == ["technology"]
    assert chip["section"] == "briefings"
    assert chip["duplicate_of"] is None
    stories = here("stories", "--json").rows
    assert {row["id"] for row in stories} == {row["story"] for row in entries.values()}
    assert [row["name"] for row in here("sources", "--state", "failing", "--json").rows] == ["bad"]
    (letter,) = here("deliveries", "daily/1", "--json").rows
    assert (letter["edition"], letter["subscriber"], letter["state"]) == ("daily/1", "Ada@x.example", "accepted")
    assert here("deliveries", "--subscriber", "ADA@X.example", "--json").rows == [letter]
    assert here("deliveries", "--state", "refused", "--json").out == ""


def test_filters_and_limits(here: Any) -> None:
    assert len(here("entries", "--limit", "1", "--json").rows) == 1
    assert len(here("entries", "--limit", "0", "--json").rows) == 2
    assert [row["title"] for row in here("entries", "--category", "technology", "--json").rows] == [
        "A chip plant is planned"
    ]
    assert [row["title"] for row in here("entries", "--search", "bridge", "--json").rows] == ["A bridge is opened"]
    assert here("entries", "--duplicates", "--json").out == ""
    assert len(here("entries", "--originals", "--since", "1d", "--json").rows) == 2
    assert here("entries", "--source", "bad", "--json").out == ""


def test_tables_for_people_show_the_same(here: Any) -> None:
    for command in CONTRACT:
        said = here(command)
        assert (said.code, said.err) == (0, "")
        assert len(said.out.splitlines()) >= 3
    assert "A chip plant is planned" in here("entries").out


def test_the_other_json(here: Any, round_done: Any) -> None:
    (status,) = here("status", "--json").rows
    assert status["entries"] == 2
    assert status["to_be_curated"] == 0
    assert status["letters"] == {"accepted": 1}
    assert set(status["next_slots"]) == {"daily"}
    found = here("check", "--json")
    assert found.code == 0
    assert all(set(row) == {"kind", "file", "line", "key", "message", "hint"} for row in found.rows)
    (entry, _) = here("entries", "--json").rows
    for id_ in (entry["id"], entry["story"], "good", "daily", "daily/1", "d1"):
        explained = here("explain", id_, "--json")
        assert explained.code == 0
        assert all(set(row) == {"label", "text"} for row in explained.rows)
        assert len(here("explain", id_).out.splitlines()) >= len(explained.rows)
    (ada,) = here("subscribers", "export", "--json").rows
    assert ada["name"] == "Ada"


def test_sources_check_asks_each_and_fails_with_one(here: Any) -> None:
    said = here("sources", "check", "--json")
    assert said.code == 1
    assert {row["name"]: row["ok"] for row in said.rows} == {"good": True, "bad": False}
    assert here("sources", "check", "good").code == 0


def test_the_check_of_a_wrong_file_as_json(call: Any, tmp_path: Any) -> None:
    (tmp_path / "feeds.yaml").write_text("publication: {title: T, link: https://x.example}\nsources: [{name: a}]\n")
    said = call("check", "--json")
    assert said.code == 2
    assert said.rows[0]["kind"] == "error"
    assert json.loads(call("check", "--schema").out)["title"]
