"""A workspace's templates beside ours: which are changed, and which an upgrade left behind."""

import json
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aggregator.config import templates
from aggregator.config.templates import RECORD
from aggregator.config.workspace import ALWAYS_OURS, packaged, write_starter
from aggregator.errors import UsageError

OURS = packaged("templates")
STORY, LIST = "site/story.html", "site/list.html"


def states(base: Path) -> dict[str, str]:
    return {one.name: one.state for one in templates.listed(base)}


def written(base: Path, name: str, text: str) -> Path:
    path = base / "templates" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def from_older(base: Path, name: str, text: str) -> Path:
    """As an older version of the program would have copied it: `text` was ours then."""
    path = written(base, name, text)
    record = base / "templates" / RECORD
    said = json.loads(record.read_text()) if record.exists() else {}
    record.write_text(json.dumps(said | {name: sha256(text.encode()).hexdigest()}))
    return path


def test_without_any_all_are_ours(tmp_path: Path) -> None:
    assert set(states(tmp_path).values()) == {"ours"}
    shipped = {path.relative_to(OURS).as_posix() for path in OURS.rglob("*") if path.is_file()}
    assert set(states(tmp_path)) == shipped - ALWAYS_OURS
    with pytest.raises(UsageError, match="no template"):
        templates.copy(tmp_path, sorted(ALWAYS_OURS))


def test_a_checkout_is_no_workspace_of_copies() -> None:
    assert set(states(OURS.parent).values()) == {"ours"}


def test_each_state_is_told(tmp_path: Path) -> None:
    templates.copy(tmp_path, [STORY, LIST, "edition.html"])
    written(tmp_path, LIST, "changed")
    from_older(tmp_path, "site/front.html", "as it was")
    from_older(tmp_path, "site/moved.html", "as it was")
    written(tmp_path, "site/moved.html", "as it was, changed")
    written(tmp_path, "site/base.html", "nobody knows of which version")
    written(tmp_path, "site/_mine.html", "")
    found = {name: state for name, state in states(tmp_path).items() if state != "ours"}
    assert found == {
        STORY: "copied",
        "edition.html": "copied",
        LIST: "changed",
        "site/front.html": "older",
        "site/moved.html": "behind",
        "site/base.html": "changed",
        "site/_mine.html": "own",
    }


def test_update_touches_what_nobody_changed_and_nothing_else(tmp_path: Path) -> None:
    older = from_older(tmp_path, STORY, "as it was")
    from_older(tmp_path, LIST, "as it was")
    changed = written(tmp_path, LIST, "changed")
    assert templates.update(tmp_path) == [older]
    assert older.read_bytes() == (OURS / STORY).read_bytes()
    assert changed.read_text() == "changed"
    assert templates.update(tmp_path) == []
    assert states(tmp_path)[STORY] == "copied"


def test_nothing_is_written_where_one_name_is_wrong_or_taken(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"no template 'site/stroy\.html'") as caught:
        templates.copy(tmp_path, [LIST, "site/stroy.html"])
    assert caught.value.hint == "did you mean site/story.html?"
    mine = written(tmp_path, STORY, "mine")
    with pytest.raises(UsageError, match="is there already"):
        templates.copy(tmp_path, [LIST, STORY])
    assert not (tmp_path / "templates" / LIST).exists()
    templates.copy(tmp_path, [STORY], overwrite=True)
    assert mine.read_bytes() == (OURS / STORY).read_bytes()


def test_a_difference_is_from_ours_to_theirs(tmp_path: Path) -> None:
    (path,) = templates.copy(tmp_path, [STORY])
    assert templates.difference(tmp_path, STORY) == ""
    path.write_text(path.read_text() + "{# mine #}\n")
    added = [line for line in templates.difference(tmp_path, STORY).splitlines() if line.startswith("+")]
    assert added == [f"+++ {path}", "+{# mine #}"]
    with pytest.raises(UsageError, match="no two templates"):
        templates.difference(tmp_path, LIST)


@settings(max_examples=30)
@given(st.binary(max_size=60) | st.sampled_from([b"[]", b'{"site/list.html": 1}', b'{"site/list.html": "x"}']))
def test_a_record_that_is_none_of_ours_costs_nothing(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    base = tmp_path_factory.mktemp("desk")
    written(base, LIST, "changed")
    (base / "templates" / RECORD).write_bytes(data)
    assert states(base)[LIST] == "changed"


def test_a_link_out_of_the_workspace_is_not_followed_by_names(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no template"):
        templates.copy(tmp_path, ["../feeds.yaml"])
    with pytest.raises(UsageError, match="no two"):
        templates.difference(tmp_path, "../feeds.yaml")


def test_what_init_writes_is_remembered_by_the_command(tmp_path: Path) -> None:
    written_, _ = write_starter(tmp_path)
    names = [path.relative_to(tmp_path / "templates") for path in written_ if "templates" in path.parts]
    templates.remember(tmp_path, [name.as_posix() for name in names])
    assert set(states(tmp_path).values()) == {"copied"}
