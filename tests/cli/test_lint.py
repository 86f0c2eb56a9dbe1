"""`lint` reads a part of a letter or a whole one, says what is wrong and how to mend it, and needs no configuration."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from aggregator.cli import cli, run
from tests.support.letters import letter
from tests.support.workspace import ROOT

LETTERS = ROOT / "tests" / "data" / "letters"


def lint(*files: Path | str) -> Result:
    return CliRunner().invoke(cli, ["lint", *map(str, files)], standalone_mode=False)


def test_a_clean_letter_in_all_three_forms(tmp_path: Path) -> None:
    good = letter("english")
    files = [tmp_path / name for name in ("email.html", "email.txt", "letter.eml", "letter")]
    for file, content in zip(files, (good.html, good.text, good.raw, good.raw), strict=True):
        file.write_bytes(content if isinstance(content, bytes) else (content or "").encode())
    said = lint(*files)
    assert said.return_value == 0
    assert said.output.splitlines() == [f"{file}: nothing is wrong with it" for file in files]


def test_an_error_is_told_with_its_line_and_mend() -> None:
    file = LETTERS / "grey_meta_line.html"
    said = lint(file)
    assert said.return_value == 1
    first, mend = said.output.splitlines()
    assert first.startswith(f"{file}: html line 8: error: text in #73818c on #ffffff")
    assert first.endswith("[contrast]")
    assert mend.startswith("    take a darker text")


def test_warnings_alone_keep_nothing_back(tmp_path: Path) -> None:
    file = tmp_path / "email.txt"
    file.write_text(f"{letter('english').text}\n{'word ' * 20}\n")
    said = lint(file)
    assert (said.return_value, "warning" in said.output) == (0, True)


def test_as_json() -> None:
    said = lint("--json", LETTERS / "media_in_media.html")
    assert '"rule": "nested-at-rule", "part": "html", "line": 6' in said.output
    assert len(said.output.splitlines()) == 1


def test_a_file_that_cannot_be_read(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["lint", str(LETTERS / "grey_meta_line.html"), str(tmp_path / "none.html")]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert "none.html cannot be read" in said.err
