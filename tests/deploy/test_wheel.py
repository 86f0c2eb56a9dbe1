"""A wheel, installed outside the clone, has in it what the program needs at run time."""

import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    build = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    (made,) = folder.glob("*.whl")
    return made


@pytest.fixture(scope="module")
def python(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fresh environment with the wheel in it. The dependencies are those of this one, by a path: `.pth` files beside
    them are not followed, so the clone itself (an editable install) is not to be seen.
    """
    folder = tmp_path_factory.mktemp("elsewhere")
    venv.create(folder, with_pip=False, symlinks=True)
    python = folder / "bin" / "python"
    install = ["install", "--quiet", "--no-deps", "--no-index", "--disable-pip-version-check", str(wheel)]
    subprocess.run([sys.executable, "-m", "pip", "--python", str(python), *install], check=True, capture_output=True)
    (site,) = folder.glob("lib/python*/site-packages")
    (site / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return python


def ask(python: Path, code: str) -> list[str]:
    done = subprocess.run([python, "-c", code], cwd="/", check=True, capture_output=True, text=True)
    return done.stdout.splitlines()


def test_the_wheel_holds_the_package_and_its_data_alone(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    templates = {
        f"aggregator/data/{file.relative_to(ROOT)}" for file in (ROOT / "templates").rglob("*") if file.is_file()
    }
    assert templates
    assert {"aggregator/data/feeds.yaml", "aggregator/config/values.py", *templates} <= set(names)
    assert {name.split("/")[0] for name in names if ".dist-info" not in name} == {"aggregator"}


def test_outside_the_clone_templates_and_defaults_are_found(python: Path, tmp_path: Path) -> None:
    code = f"""
import aggregator
from aggregator.config.load import load
from aggregator.config.workspace import packaged, write_starter
from pathlib import Path
written, kept = write_starter(Path({str(tmp_path)!r}))
config = load(Path({str(tmp_path)!r}) / "feeds.yaml", {{"SMTP_PASSWORD": "x", "DATABASE_PASSWORD": "x"}})
print(aggregator.__file__, packaged("templates"), packaged("feeds.yaml"), len(written) > 2, len(config.sources) > 1, sep="\\n")
"""
    package, templates, feeds, wrote, read = ask(python, code)
    inside = str(python.parents[1])
    assert package.startswith(inside)
    assert templates.startswith(inside)
    assert feeds.startswith(inside)
    assert (wrote, read) == ("True", "True")
    assert (Path(feeds).read_bytes(), wrote) == ((ROOT / "feeds.yaml").read_bytes(), "True")
