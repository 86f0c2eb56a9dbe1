"""Who edits templates: which there are, what they look like, and what is wrong with them."""

import json
import signal
import urllib.request
from hashlib import sha256
from pathlib import Path
from typing import Any

from tests.support.workspace import ROOT, Workspace

ITEM = "mail/item.html"


def test_the_preview_says_where_shows_samples_and_ends_at_sigterm(tmp_path: Path) -> None:
    """Where there is no database yet; and it makes none."""
    space = Workspace(tmp_path, {"wire": "http://127.0.0.1:9/feed"}, "smtp://127.0.0.1:9")
    process = space.start("preview", "--port", "0", "--newsletter", "daily")
    try:
        assert process.stdout is not None
        assert (
            process.stdout.readline() == f"there is no {tmp_path}/state/aggregator.db yet: sample stories are shown\n"
        )
        line = process.stdout.readline()
        assert line.startswith("preview at http://127.0.0.1:")
        with urllib.request.urlopen(line.split()[-1], timeout=30) as answer:
            assert answer.url.endswith("/look/mail/daily/2")
            assert "Sample stories" in answer.read().decode()
    finally:
        process.send_signal(signal.SIGTERM)
        out, errors = process.communicate(timeout=60)
    assert (process.returncode, out, errors) == (0, "", "")
    assert [path.name for path in tmp_path.iterdir()] == ["feeds.yaml"]


def test_the_preview_of_a_database_leaves_every_file_as_it_was(round_done: Workspace) -> None:
    def files() -> dict[str, str]:
        found = (
            path
            for path in round_done.folder.rglob("*")
            if path.is_file() and path.suffix not in {".db-shm", ".db-wal"}
        )
        return {str(path): sha256(path.read_bytes()).hexdigest() for path in found}

    before = files()
    process = round_done.start("preview", "--port", "0")
    try:
        assert process.stdout is not None
        address = process.stdout.readline().split()[-1]
        with urllib.request.urlopen(address, timeout=30) as answer:
            assert answer.url.endswith("/look/mail/daily/1")
        with urllib.request.urlopen(f"{address}site/asked/index.html", timeout=30) as answer:
            assert "A chip plant is planned" in answer.read().decode()
    finally:
        process.send_signal(signal.SIGTERM)
        out, errors = process.communicate(timeout=60)
    assert (process.returncode, out, errors) == (0, "", "")
    assert files() == before


def test_the_preview_refuses_a_newsletter_that_there_is_not(empty: Any) -> None:
    said = empty("preview", "--newsletter", "dayly")
    assert said.code == 2
    assert said.err == "error: there is no newsletter 'dayly'\nhint: did you mean daily?\n"


def test_templates_are_copied_compared_and_brought_up_to_date(empty: Any, tmp_path: Path) -> None:
    assert {row["state"] for row in empty("templates", "--json").rows} == {"ours"}
    path = tmp_path / "templates" / ITEM
    assert empty("templates", "copy", ITEM).out == f"written: {path}\n"
    assert empty("templates", "diff").out == ""
    ours = path.read_text()
    path.write_text(f"{ours}{{# mine #}}\n")
    assert empty("templates", "diff").out.endswith("+{# mine #}\n")
    assert "changed" in next(line for line in empty("templates").out.splitlines() if ITEM in line)
    assert empty("check").code == 0
    record = tmp_path / "templates" / ".made-from.json"
    record.write_text(json.dumps({ITEM: sha256(b"older").hexdigest()}))
    assert "was made from an older version of ours (`aggregator templates diff`" in empty("check").err
    assert empty("templates", "update").out.startswith(f"left alone: {ITEM}")
    path.write_text("older")
    assert "is an unchanged copy of an older version of ours" in empty("check").err
    assert empty("templates", "update").out == f"updated: {path}\n"
    assert path.read_text() == ours


def test_what_init_wrote_is_known_as_ours(call: Any) -> None:
    assert call("init").code == 0
    assert {row["state"] for row in call("templates", "--json").rows} == {"copied"}
    assert call("templates", "copy", "site/none.html").code == 2


def test_check_renders_what_is_changed(empty: Any, tmp_path: Path) -> None:
    path = tmp_path / "templates" / "mail" / "edition.html"
    path.parent.mkdir(parents=True)
    ours = (ROOT / "templates" / "mail" / "edition.html").read_text()
    path.write_text(ours.replace("{{ unsubscribe_url }}", "{{ home_url }}"))
    said = empty("check", "--json")
    assert said.code == 2
    assert [row["message"] for row in said.rows if row["kind"] == "error"] == [
        "mail/edition.html has no link to unsubscribe"
    ]
    path.write_text(ours.replace("{{ edition.title }}", "{{ edition.titel }}", 1))
    (row,) = [row for row in empty("check", "--json").rows if row["kind"] == "error"]
    line = next(at for at, text in enumerate(path.read_text().splitlines(), 1) if "titel" in text)
    assert (row["file"], row["line"]) == (str(path), line)
