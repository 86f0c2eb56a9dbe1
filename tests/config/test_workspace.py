"""What `init` writes is a workspace that works, and never writes over somebody's work."""

from pathlib import Path

import pytest

from aggregator.config.load import load
from aggregator.config.schema import FIRST_LINE
from aggregator.config.workspace import ALWAYS_OURS, packaged, starter, template_folders, write_starter
from aggregator.errors import UsageError

ROOT = Path(__file__).parents[2]


def test_in_a_checkout_the_shipped_files_are_the_checkouts_own() -> None:
    assert packaged("feeds.yaml") == ROOT / "feeds.yaml"
    assert packaged("templates") == ROOT / "templates"
    with pytest.raises(UsageError, match="without its nothing"):
        packaged("nothing")


def test_a_workspace_is_complete_and_valid(tmp_path: Path) -> None:
    written, kept = write_starter(tmp_path / "new" / "desk")
    assert kept == []
    assert {str(path.relative_to(tmp_path / "new" / "desk")) for path in written} == set(starter())
    assert {"feeds.yaml", "feeds.schema.json"} <= set(starter())
    feeds = tmp_path / "new" / "desk" / "feeds.yaml"
    assert feeds.read_text(encoding="utf-8").splitlines()[0] == FIRST_LINE
    assert load(feeds, {"SMTP_PASSWORD": "x", "DATABASE_PASSWORD": "x"}).sources
    shipped = {file.relative_to(ROOT / "templates") for file in (ROOT / "templates").rglob("*") if file.is_file()}
    assert shipped
    own = feeds.parent / "templates"
    left = {Path(name) for name in ALWAYS_OURS}
    assert left < shipped
    assert {file.relative_to(own) for file in own.rglob("*") if file.is_file()} == shipped - left
    assert template_folders(feeds.parent) == (own, ROOT / "templates")


def test_what_is_there_is_left_alone_unless_told(tmp_path: Path) -> None:
    (tmp_path / "feeds.yaml").write_text("# mine\n")
    written, kept = write_starter(tmp_path)
    assert kept == [tmp_path / "feeds.yaml"]
    assert (tmp_path / "feeds.yaml").read_text() == "# mine\n"
    assert len(written) == len(starter()) - 1
    assert write_starter(tmp_path)[0] == []
    write_starter(tmp_path, overwrite=True)
    assert (tmp_path / "feeds.yaml").read_text() != "# mine\n"


def test_a_folder_that_cannot_be_written_to_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageError, match="cannot be written"):
        write_starter(tmp_path / "file")


def test_a_folder_without_its_own_templates_uses_the_shipped() -> None:
    assert template_folders(ROOT) == (ROOT / "templates",)
    assert template_folders(Path("/nonexistent")) == (ROOT / "templates",)
