"""`categories` lists them, shows what changed rules would move, and moves it."""

from pathlib import Path
from typing import Any

import pytest

from aggregator.app import App
from aggregator.store import entries
from aggregator.store.engine import writing
from tests.support.entries import entry
from tests.support.workspace import Workspace

RULES = [{"slug": "technology", "name": "Technology", "any": ["chip"]}, {"slug": "sea", "name": "The sea", "any": ["ship"]}]  # fmt: skip


@pytest.fixture
def space(tmp_path: Path) -> Workspace:
    made = Workspace(tmp_path, {"wire": "http://127.0.0.1:9/feed"}, "smtp://127.0.0.1:9", more={"categories": RULES})
    app = App(made.config)
    now = app.clock()
    found = [entry(title, published=now, seen=now) for title in ("A chip is made", "A ship\x1b[2J is made", "A bridge")]
    with writing(app.engine) as conn:
        entries.add(conn, found, news={one.id: True for one in found})
    app.curate()
    app.close()
    return made


def test_they_are_seen_then_moved(space: Workspace, call: Any) -> None:
    assert call("categories", "test").out == (
        "3 entries: 0 would move to another category, 0 to another section; "
        "0 would gain a further category, 0 would lose one\n"
    )
    space.more = {"categories": [RULES[0] | {"any": ["chip", "ship"], "weight": 2}, RULES[1]]}
    space.write()
    total, move = call("categories", "test", "--json").rows
    assert total == {"kind": "total", "entries": 3, "moved": 1, "gained": 0, "lost": 0, "resectioned": 0}
    (shown,) = move.pop("examples")
    assert move == {"kind": "category", "from": "sea", "to": "technology", "entries": 1}
    assert (shown["title"], shown["why"]) == ("A ship\x1b[2J is made", "title has “ship”")
    said = call("categories", "test", "--since", "1h").out
    assert "\n1 category sea -> technology\n" in said
    assert f"\n    {shown['id']}  A ship[2J is made  (title has “ship”)\n" in said, "and moves no cursor"
    assert said.endswith("nothing was written: `categories apply` does it\n")
    assert call("categories", "apply").out == "1 of 3 entries are sorted otherwise now; 1 story changed with them\n"
    assert call("categories", "apply").out == "0 of 3 entries are sorted otherwise now; 0 stories changed with them\n"
    rows = {row["slug"]: row for row in call("categories", "--json").rows}
    assert rows["technology"] == {"slug": "technology", "name": "Technology", "entries": 2, "leading": 2, "stories": 2}
    assert rows["sea"] == {"slug": "sea", "name": "The sea", "entries": 1, "leading": 0, "stories": 1}
    assert "sorted again: sea -> technology, sea" in call("explain", shown["id"]).out


def test_further_categories_are_told_beside_the_moves(space: Workspace, call: Any) -> None:
    space.more = {"categories": [RULES[0], RULES[1] | {"any": ["ship", "chip"], "weight": 0.5}]}
    space.write()
    total, further = call("categories", "test", "--json").rows
    assert (total["moved"], total["gained"], total["lost"]) == (0, 1, 0)
    assert further == {"kind": "further", "category": "sea", "gained": 1, "lost": 0}
    said = call("categories", "test").out
    assert "\nfurther category sea: 1 would gain it, 0 lose it\n" in said
    assert said.endswith("nothing was written: `categories apply` does it\n")


def test_what_is_older_stays(space: Workspace, call: Any) -> None:
    space.more = {"categories": []}
    space.write()
    assert call("categories", "test", "--since", "0s").out.startswith("0 entries: ")
    assert call("categories", "apply", "--since", "0s", "--quiet").out == ""
    assert call("categories").out == "no categories\n1 of 3 entries have none\n"
    assert call("categories", "test", "--json").rows[0]["moved"] == 2


def test_a_wrong_file_is_told_before_anything_is_done(space: Workspace, call: Any) -> None:
    space.more = {"categories": [RULES[0] | {"slug": "Tech nology"}]}
    space.write()
    for command in ("test", "apply"):
        said = call("categories", command)
        assert (said.code, said.out) == (2, "")
        assert "categories[0].slug" in said.err
