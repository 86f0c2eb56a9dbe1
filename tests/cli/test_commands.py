"""What each command does, and with which exit code it ends."""

import json
import signal
import sqlite3
import subprocess
import sys
import urllib.request
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from aggregator.cli import labelled
from aggregator.config import Category
from aggregator.pipeline import models
from tests.support.learned import model
from tests.support.site import serving
from tests.support.workspace import ROOT, Workspace, rss


def test_an_empty_folder_is_begun_checked_and_listed(process: Any, tmp_path: Path) -> None:
    begun = process("init")
    assert begun.code == 0
    assert (tmp_path / "feeds.yaml").exists()
    assert (tmp_path / "templates" / "web" / "answer.html").exists()
    assert process("check").code == 0
    listed = process("entries")
    assert (listed.code, listed.out.strip(), listed.err) == (0, "no entries", "")
    again = process("init")
    assert again.code == 0
    assert "written:" not in again.out


def test_a_broken_template_is_found_by_check(empty: Any, tmp_path: Path) -> None:
    (tmp_path / "templates" / "site").mkdir(parents=True)
    (tmp_path / "templates" / "site" / "front.html").write_text("line one\n{% if %}\n")
    said = empty("check")
    assert said.code == 2
    assert "front.html:2:" in said.err


def test_sources_come_and_go_and_the_file_keeps_its_comments(empty: Any, call: Any, tmp_path: Path) -> None:
    (tmp_path / "feeds.yaml").write_text(
        "# kept\npublication: {title: T, link: https://x.example}\nsources:\n  - {name: wire, url: https://w.example/f}  # mine\n"
    )
    assert (
        call(
            "sources", "add", "https://new.example/feed", "--name", "new", "--title", "The New", "--section", "analyses"
        ).code
        == 0
    )
    names = [row["name"] for row in call("sources", "--json").rows]
    assert names == ["wire", "new"]
    assert call("sources", "add", "nonsense").code == 2
    assert call("sources", "add", "https://other.example/feed", "--name", "new").code == 2
    assert call("sources", "pause", "new").code == 0
    assert [row["name"] for row in call("sources", "--state", "paused", "--json").rows] == ["new"]
    assert call("sources", "resume", "new").code == 0
    assert call("sources", "--state", "paused", "--json").out == ""
    exported = call("sources", "export")
    (tmp_path / "list.opml").write_text(exported.out)
    assert call("sources", "remove", "new").code == 0
    assert "1 of 2 feeds added" in call("sources", "import", "list.opml").out
    assert "0 of 2 feeds added" in call("sources", "import", "list.opml").out
    text = (tmp_path / "feeds.yaml").read_text()
    assert "# kept" in text
    assert "# mine" in text


@pytest.mark.parametrize("data", [b"", b"\xff\xfe\x00", b"<opml>", b"<html/>", b"{}"], ids=repr)
def test_what_is_no_opml_is_told(empty: Any, tmp_path: Path, data: bytes) -> None:
    (tmp_path / "x.opml").write_bytes(data)
    said = empty("sources", "import", "x.opml")
    assert said.code == 2
    assert said.err.startswith("error: x.opml: ")
    assert "Traceback" not in said.err


def test_a_secret_in_an_address_is_never_told(call: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither to the operator's screen and log nor to readers, to whom relative links would carry it."""
    monkeypatch.setenv("KEY", "geheim")
    feed = rss("Wire", {"a": "A chip plant is planned"}, base="https://wire.example").replace(
        b"<link>https://wire.example/a</link>", b"<link>#a</link><content>&lt;a href='b'&gt;b&lt;/a&gt;</content>"
    )
    with serving("127.0.0.1") as site:
        site.gives("/feed?key=geheim", feed)
        for step in range(6):
            site.redirects(f"/{step}?key=geheim", 301, f"/{step + 1}?key=geheim")
        site.sends("/broken?key=geheim", b"nonsense")
        host = site.url("").replace("http://", "http://me:${KEY}@")
        addresses = {name: f"{host}/{path}?key=${{KEY}}" for name, path in (("a", "feed"), ("b", "0"), ("c", "broken"))}
        Workspace(tmp_path, addresses, "smtp://127.0.0.1:9")
        said = [call("poll"), call("sources", "--json"), call("sources"), call("sources", "check"), call("publish")]
        said += [call("explain", name) for name in addresses] + [call("sources", "check", "--json")]
        said += [call("sources", "export"), call("check", "--json")]
    assert "1 new entries" in said[0].out, said[0].err
    assert said[1].rows[0]["url"].endswith("/feed?key=${KEY}")
    assert not [each for each in said if "geheim" in each.out + each.err]
    assert not [path for path in (tmp_path / "out").rglob("*") if path.is_file() and b"geheim" in path.read_bytes()]


def test_people_come_and_go(empty: Any, tmp_path: Path) -> None:
    assert empty("subscribers", "add", "Ada@x.example", "--name", "Ada, of course").code == 0
    assert "already" in empty("subscribers", "add", "ada@X.example", "--newsletter", "daily").out
    (tmp_path / "people.csv").write_text("\ufeffname,email\nBen,ben@x.example\n,nonsense\nCem,cem@x.example\n", "utf-8")
    said = empty("subscribers", "import", "people.csv")
    assert said.code == 1
    assert said.out == "2 added, 0 there already, 1 lines left out\n"
    assert said.err.startswith("people.csv:3: 'nonsense' is no e-mail address")
    exported = empty("subscribers", "export").out
    assert '"Ada, of course"' in exported
    assert empty("subscribers", "remove", "BEN@x.example").code == 0
    (tmp_path / "all.csv").write_text(exported)
    assert empty("subscribers", "import", "all.csv").out == "1 added, 2 there already, 0 lines left out\n"
    assert empty("subscribers", "export").out.count("\n") == 4


@pytest.mark.parametrize("text", ["", "mail\na@x.example\n", "a@x.example\n"], ids=repr)
def test_a_csv_without_its_column_is_told(empty: Any, tmp_path: Path, text: str) -> None:
    (tmp_path / "people.csv").write_text(text)
    said = empty("subscribers", "import", "people.csv")
    assert said.code == 2
    assert "people.csv:1: no column is named email" in said.err


def test_an_import_brings_nobody_back_who_has_unsubscribed(empty: Any, tmp_path: Path) -> None:
    assert empty("subscribers", "add", "ada@x.example").code == 0
    assert empty("subscribers", "add", "ben@x.example").code == 0
    with closing(sqlite3.connect(tmp_path / "state" / "aggregator.db")) as conn, conn:
        conn.execute("UPDATE subscriptions SET ended = created WHERE subscriber = 2")
    (tmp_path / "old.csv").write_text("email\nada@x.example\nBen@x.example\n")
    said = empty("subscribers", "import", "old.csv")
    assert (said.code, said.out) == (0, "0 added, 1 there already, 1 have unsubscribed and stay so, 0 lines left out\n")
    exported = empty("subscribers", "export").out
    assert empty("subscribers", "remove", "ben@x.example").code == 0
    (tmp_path / "all.csv").write_text(exported)
    assert empty("subscribers", "import", "all.csv").code == 0
    kept = {row["email"]: row["newsletters"] for row in empty("subscribers", "--json").rows}
    assert kept == {"ada@x.example": ["daily"], "ben@x.example": []}, "also where the database is another one"
    assert "gets daily\n" in empty("subscribers", "add", "ben@x.example").out


@pytest.mark.parametrize(
    "text", ['email,name\na@x.example,"Ann\nb@x.example,Ben\n', f"email\n{'a' * 200_000}\n"], ids=["quote", "endless"]
)
def test_a_broken_csv_is_told_and_adds_nobody(empty: Any, tmp_path: Path, text: str) -> None:
    (tmp_path / "people.csv").write_text(text)
    said = empty("subscribers", "import", "people.csv")
    assert said.code == 2
    assert "this is no CSV" in said.err
    assert empty("subscribers", "--json").out == ""


def test_a_full_disk_behind_the_output_is_no_bug(round_done: Workspace) -> None:
    command = [sys.executable, "-m", "aggregator", "--config", str(round_done.file), "entries"]
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(command, cwd=ROOT, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert (done.returncode, done.stderr) == (1, "error: No space left on device\n")


def test_backup_is_a_whole_database_and_overwrites_nothing(here: Any, tmp_path: Path) -> None:
    said = here("backup", tmp_path / "copy.db")
    assert said.code == 0
    with closing(sqlite3.connect(tmp_path / "copy.db")) as copy:
        assert copy.execute("SELECT count(*) FROM entries").fetchone() == (2,)
    before = (tmp_path / "copy.db").read_bytes()
    assert here("backup", tmp_path / "copy.db").code == 2
    assert (tmp_path / "copy.db").read_bytes() == before
    assert not list(tmp_path.glob("*.part"))


def test_evaluate_measures_and_names_wrong_lines(empty: Any, tmp_path: Path) -> None:
    texts = [
        {"title": "A new chip", "summary": "", "label": "technology"},
        {"title": "芯片", "label": "Technology"},
        {"title": "A bridge", "summary": "over a river", "label": "technology"},
        {"title": "A school", "label": "other"},
    ]
    (tmp_path / "texts.jsonl").write_text("".join(f"{json.dumps(text)}\n" for text in texts))
    (found,) = empty("evaluate", "texts.jsonl", "--json").rows
    assert (found["n"], found["accuracy"]) == (4, 0.75)
    assert 0 < found["macro_f1"] < 1
    assert "4 texts: accuracy 0.750" in empty("evaluate", "texts.jsonl").out
    (tmp_path / "wrong.jsonl").write_text(
        '{"title": "x", "label": "technology"}\n[1]\nnonsense\n{"title": "x", "label": "y"}\n'
    )
    said = empty("evaluate", "wrong.jsonl", "--json")
    assert (said.code, said.out) == (2, "")
    assert [line.split(": ")[1] for line in said.err.splitlines()] == [
        "wrong.jsonl:2",
        "wrong.jsonl:3",
        "wrong.jsonl:4",
    ]


def test_what_is_wrong_in_many_lines_is_told_once(empty: Any, tmp_path: Path) -> None:
    lines = [
        *('{"title": "x", "label": "tecnology"}',) * 1500,
        *('{"title": ["x"], "label": "technology"}', '{"title": "x", "label": ["technology"]}') * 2,
        '{"title": "x", "label": true}',
        '{"title": "x", "label": "other", "summary": {}}',
    ]
    (tmp_path / "wrong.jsonl").write_text("\n".join(lines))
    said = empty("evaluate", "wrong.jsonl")
    assert said.code == 2
    assert [line.split(" (")[0].removeprefix("error: wrong.jsonl:") for line in said.err.splitlines()] == [
        "1: names no category: 'tecnology'; did you mean technology?, as in 1,499 further lines",
        "1501: has a title that is no text, as in line 1503",
        "1502: has a label that is no text, as in 2 further lines",
        "1506: has a summary that is no text",
    ]


def test_a_label_as_it_stands_holds_before_one_that_is_alike() -> None:
    rows = [{"slug": "sci-tech", "name": "SciTech"}, {"slug": "scitech", "name": "sci-tech"}]
    asked: Any = SimpleNamespace(categories=[Category(**row) for row in rows])
    known = labelled.categories(asked)
    labels = ["sci-tech", "scitech", "SciTech", "Sci/Tech", "OTHER", "other"]
    assert [labelled.meant(label, known, "category") for label in labels] == [
        *("sci-tech", "scitech", "sci-tech", "scitech"),
        *("other", "other"),
    ]


def test_evaluate_says_how_much_was_spoken(empty: Any, tmp_path: Path) -> None:
    rows = [
        {"title": "A new chip", "label": "TECHNOLOGY"},
        {"title": "A bridge", "tags": ["chips"], "url": "https://x.example/a", "label": " Techno-logy"},
        {"title": "A chip on the shoulder", "label": "Other", "tags": "talk"},
    ]
    (tmp_path / "texts.jsonl").write_text("".join(f"{json.dumps(row)}\n" for row in rows))
    (found,) = empty("evaluate", "texts.jsonl", "--json").rows
    assert found["confusion"] == {"technology": {"technology": 1, "other": 1}, "other": {"technology": 1}}
    assert (found["spoken"], found["precision"]) == (pytest.approx(2 / 3), 1 / 2)
    assert "66.7% were given one, and of those 50.0% the right one" in empty("evaluate", "texts.jsonl").out


def test_evaluate_measures_one_layer_alone(empty: Any, tmp_path: Path) -> None:
    rows = [
        {"title": "A new chip", "label": "technology"},
        {"title": "A ferry is built", "label": "technology"},
        {"title": "Timetable", "label": "economy"},
    ]
    space = Workspace(tmp_path, {"wire": "http://127.0.0.1:9/feed"}, "smtp://127.0.0.1:9")
    space.more = {"categories": [{"slug": "technology", "name": "Technology", "any": ["chip"]}, {"slug": "economy", "name": "Economy"}]}  # fmt: skip
    space.write()
    (tmp_path / "texts.jsonl").write_text("".join(f"{json.dumps(row)}\n" for row in rows))
    said = empty("evaluate", "texts.jsonl", "--learned")
    assert (said.code, said.err.splitlines()[0]) == (2, "error: nothing was learned of categories yet")
    taught = model(["economy", "other", "technology"], {"ferry": (0, 0, 4), "timetable": (0.2, 0, 0)})
    models.keep(tmp_path / "state" / "models", "categories", 1, taught)
    figures = {
        layer: [empty("evaluate", "texts.jsonl", *layer, "--json").rows[0][name] for name in ("accuracy", "spoken")]
        for layer in ((), ("--rules",), ("--learned",))
    }
    third = 1 / 3
    assert figures["--rules",] == pytest.approx([third, third])
    assert figures["--learned",] == pytest.approx([2 * third, third]), "the best guess counts, also where it is unsure"
    assert figures[()] == pytest.approx([1, 2 * third])
    said = empty("evaluate", "texts.jsonl", "--stories", "--rules")
    assert (said.code, said.err.splitlines()[0]) == (2, "error: --rules has no say in stories")


def test_evaluate_sections(empty: Any, tmp_path: Path) -> None:
    rows = [
        {"title": "Opinion | A call to act", "section": "Perspectives"},
        {"title": "A call", "url": "https://x.example/opinion/a", "section": "perspectives"},
        {"title": "A call", "tags": ["Op-Ed"], "section": "perspectives"},
        {"title": "A bridge is opened", "section": "latest briefings"},
        {"title": "How a bridge came about", "section": "analyses"},
    ]
    (tmp_path / "texts.jsonl").write_text("".join(f"{json.dumps(row)}\n" for row in rows))
    (found,) = empty("evaluate", "texts.jsonl", "--sections", "--json").rows
    assert (found["accuracy"], found["spoken"], found["precision"]) == (0.8, 0.6, 1)
    assert found["confusion"]["analyses"] == {"briefings": 1}
    (tmp_path / "texts.jsonl").write_text('{"title": "x", "section": "sport"}\n{"title": "x"}\n')
    said = empty("evaluate", "texts.jsonl", "--sections")
    assert said.code == 2
    assert "texts.jsonl:1: names no section: 'sport'" in said.err
    assert "texts.jsonl:2: has no section" in said.err


@pytest.mark.parametrize("data", [b"", b"\xff\xfe{}", b"\n\n"], ids=repr)
def test_evaluate_of_nothing_is_no_bug(empty: Any, tmp_path: Path, data: bytes) -> None:
    (tmp_path / "texts.jsonl").write_bytes(data)
    said = empty("evaluate", "texts.jsonl")
    assert "internal error" not in said.err
    assert said.code == 2
    assert said.err.startswith("error: texts.jsonl")


def test_evaluate_stories_places_texts_as_new_entries_are(empty: Any, tmp_path: Path) -> None:
    plant = "TSMC plans a chip plant in Arizona", "TSMC to build chip plant in Arizona"
    rows = [
        {"title": plant[0], "text": "It will cost 12 billion dollars.", "cluster": "plant", "date": "2020-05-14"},
        {"title": "Poll finds Canadians wary of Beijing", "story": "poll", "date": "2020-05-14T01:00:00Z", "url": ""},
        {"title": plant[1], "summary": "It will cost 12 billion.", "label": "plant", "published": "2020-05-15"},
    ]
    (tmp_path / "texts.jsonl").write_text("".join(f"{json.dumps(row)}\n" for row in rows))
    (found,) = empty("evaluate", "--stories", "texts.jsonl", "--json").rows
    assert found == {
        "n": 3,
        "b_cubed": {"precision": 1, "recall": 1, "f1": 1},
        "pairwise": {"precision": 1, "recall": 1, "f1": 1},
        "stories": 2,
        "clusters": 2,
    }
    assert "3 texts: 2 stories, 2 would be right" in empty("evaluate", "texts.jsonl", "--stories").out
    rows[2]["published"] = "2020-08-14"
    (tmp_path / "texts.jsonl").write_text("".join(f"{json.dumps(row)}\n" for row in reversed(rows)))
    (found,) = empty("evaluate", "--stories", "texts.jsonl", "--json").rows
    assert (found["stories"], found["pairwise"]["recall"]) == (3, 0), "in the order of their times: months apart"
    del rows[0]["date"]
    (tmp_path / "texts.jsonl").write_text("".join(f"{json.dumps(row)}\n" for row in rows))
    (found,) = empty("evaluate", "--stories", "texts.jsonl", "--json").rows
    assert found["stories"] == 2, "where one has no time, as if all had come at once"


@pytest.mark.parametrize(
    ("line", "said"),
    [
        pytest.param('{"title": "x"}', "has no cluster or story or label", id="no cluster"),
        pytest.param('{"cluster": "x"}', "has no title", id="no title"),
        pytest.param('{"title": "x", "cluster": 1, "date": "soon"}', "has no date that can be read: 'soon'", id="date"),
        pytest.param("[]", "is no JSON object", id="a list"),
        pytest.param("{", "is no JSON: ", id="cut off"),
        pytest.param("[" * 100_000, "cannot be read as JSON", id="too deep"),
    ],
)
def test_evaluate_stories_names_wrong_lines(empty: Any, tmp_path: Path, line: str, said: str) -> None:
    (tmp_path / "texts.jsonl").write_text(f'{{"title": "x", "cluster": "y"}}\n\n{line}\n')
    found = empty("evaluate", "--stories", "texts.jsonl")
    assert found.code == 2
    assert f"texts.jsonl:3: {said}" in found.err
    assert '"cluster": "…"' in found.err


def test_deliver_without_delivery_is_a_mistake_and_with_nothing_due_it_is_done(empty: Any, tmp_path: Path) -> None:
    space = Workspace(tmp_path, {"wire": "http://127.0.0.1:9/feed"}, "smtp://127.0.0.1:9")
    assert empty("deliver").code == 0, "nothing is due"
    space.more = {"delivery": None}
    space.write()
    said = empty("deliver")
    assert said.code == 2
    assert "hint: add a `delivery` block" in said.err


def test_poll_fails_only_when_told_to_be_strict(empty: Any) -> None:
    assert empty("poll").code == 0
    said = empty("poll", "wire", "--force", "--strict")
    assert said.code == 1
    assert "wire: failed:" in said.err
    assert "1 failed" in said.out


def test_the_steps_one_by_one(empty: Any) -> None:
    assert "no newsletter is due" in empty("compose").out
    assert "daily" in empty("compose", "daily", "--now").out
    assert empty("publish").code == 0
    assert empty("publish").out.startswith("0 of ")
    assert not empty("publish", "--rebuild").out.startswith("error")
    assert empty("run", "--once").code == 0


def test_pages_that_cannot_be_made_are_told_and_hold_up_nothing(empty: Any, tmp_path: Path) -> None:
    for number in range(12):
        path = tmp_path / "templates" / "site" / f"part{number}.html"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("\n{% if %}")
    chosen = "".join(
        f"{{% if path == 'sections/s{at}/index.html' %}}{{% include 'site/part{at}.html' %}}{{% endif %}}"
        for at in range(12)
    )
    (tmp_path / "templates" / "site" / "list.html").write_text(chosen)
    sections = [{"slug": f"s{at}", "title": f"S {at}"} for at in range(12)]
    space = Workspace(tmp_path, {"wire": "http://127.0.0.1:9/feed"}, "smtp://127.0.0.1:9", more={"sections": sections})
    for command in (["publish"], ["run", "--once"]):
        said = empty(*command)
        assert said.code == 1
        errors = [line for line in said.err.splitlines() if line.startswith("error: ")]
        first = tmp_path / "templates" / "site" / "part0.html"
        assert errors[0] == f"error: {first}:2: Expected an expression, got 'end of statement block'"
        assert len(errors) == 11
        assert errors[-1] == "error: and 2 more of the kind"
        assert said.err.count("hint: mend the template, or remove it to use ours") == 1
    assert "0 letters accepted" in said.out
    assert (space.out / "index.html").exists()


def test_what_was_taken_away_is_told(empty: Any, tmp_path: Path) -> None:
    assert empty("publish").code == 0
    Workspace(tmp_path, {"wire": "http://127.0.0.1:9/feed"}, "smtp://127.0.0.1:9", more={"categories": []})
    said = empty("publish", "--verbose")
    assert ", 4 removed in " in said.out
    assert "categories/technology/atom.xml: removed\n" in said.err
    assert "removed" not in empty("publish").out


def test_serve_says_where_and_ends_at_sigterm(round_done: Workspace) -> None:
    process = round_done.start("serve", "--port", "0")
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line.startswith(f"serving {round_done.out} at http://127.0.0.1:")
        with urllib.request.urlopen(line.split()[-1] + "atom.xml", timeout=30) as answer:
            assert answer.headers["content-type"] == "application/atom+xml"
    finally:
        process.send_signal(signal.SIGTERM)
        out, errors = process.communicate(timeout=60)
    assert (process.returncode, out, errors) == (0, "", "")


def test_the_demo_done_twice_finds_nothing_new(process: Any, tmp_path: Path) -> None:
    (first,) = process("demo", "--json").rows
    assert first["new"] > 0
    assert first["letters"] > 0
    letters = sorted(path.name for path in (tmp_path / "demo" / "mail").iterdir())
    again = process("demo", "--json")
    (second,) = again.rows
    assert (again.code, second["new"], second["letters"], second["editions"], second["files_written"]) == (
        0,
        0,
        0,
        [],
        0,
    )
    assert sorted(path.name for path in (tmp_path / "demo" / "mail").iterdir()) == letters


def test_the_demo_leaves_a_workspace_of_somebodys_own_alone(empty: Any, tmp_path: Path) -> None:
    before = (tmp_path / "feeds.yaml").read_text()
    said = empty("demo", tmp_path)
    assert said.code == 2
    assert "is not the demo's" in said.err
    assert (tmp_path / "feeds.yaml").read_text() == before


def test_who_stops_reading_is_no_error(round_done: Workspace) -> None:
    """`aggregator entries --json | head -0`"""
    command = [sys.executable, "-m", "aggregator", "--config", str(round_done.file), "entries", "--json"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as child:
        assert child.stdout is not None
        assert child.stderr is not None
        child.stdout.close()
        assert child.stderr.read() == b""
        assert child.wait(60) == 0
