"""The two commands: what they ask of the machine, and what they say where it is not there."""

import base64
import hashlib
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tomllib
from io import BytesIO
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
COMMANDS = ("sh deploy/setup demo", "sh deploy/setup tests")
# Stands in for the system's own commands: nothing of this machine is changed.
SUDO = """#!/bin/sh
echo "sudo $*" >> "$DIARY"
case "$*" in *tee*) cat > /dev/null ;; *install*) exit "${NO_APT:-0}" ;; esac
"""
TOOLS = (
    "sh",
    "cat",
    "cut",
    "sed",
    "dirname",
    "cksum",
    "head",
    "rm",
    "mkdir",
    "find",
    "id",
    "tee",
    "chmod",
    "tail",
    "env",
)

# Stands in for npm: gives what lies beside it.
NPM = """#!/bin/sh
echo "npm $*" >> "$DIARY"
cp "${0%/*}/package.tgz" "$4" && echo package.tgz
"""

# Stands in for Python: answers what the script asks, makes an environment of two scripts, and keeps a diary.
PYTHON = """#!/bin/sh
echo "python $*" >> "$DIARY"
case "$*" in
-\\ *) exec "$REAL_PYTHON" "$@" ;;
*version_info*) exit "${TOO_OLD:-0}" ;;
*ensurepip*) exit "${NO_VENV:-0}" ;;
--version) echo "Python 3.11.0" ;;
*venv*--clear*)
    mkdir -p .venv/bin
    cat "$0" > .venv/bin/python
    for name in aggregator ruff mypy lint-imports; do
        printf '#!/bin/sh\\necho "%s $*" >> "$DIARY"\\necho done\\n[ "$FAILS" != "%s" ]\\n' $name $name > .venv/bin/$name
        chmod +x .venv/bin/$name
    done
    chmod +x .venv/bin/python ;;
*pytest*) echo "require=${AGGREGATOR_REQUIRE:-no}" >> "$DIARY"; echo "3 passed" ;;
*--requirement*) exit "${NO_INDEX:-0}" ;;
esac
"""


class Clone:
    """A copy of what the script reads, on a machine with a few tools and our Python."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "clone"
        self.diary = folder / "diary"
        shutil.copytree(ROOT / "deploy", self.folder / "deploy")
        shutil.copy(ROOT / "pyproject.toml", self.folder)
        self.policy = folder / "policy-rc.d"  # whether this machine has one is nothing to the tests
        script = self.folder / "deploy" / "setup"
        assert "policy=/usr/sbin/policy-rc.d" in script.read_text()
        script.write_text(script.read_text().replace("policy=/usr/sbin/policy-rc.d", f"policy={self.policy}"))
        self.bin = folder / "bin"
        self.bin.mkdir()
        for tool in TOOLS:
            found = shutil.which(tool)
            assert found, tool
            (self.bin / tool).symlink_to(found)
        self.add("python3", PYTHON)
        self.add("id", "#!/bin/sh\necho 1000\n")

    def add(self, name: str, script: str) -> None:
        (self.bin / name).unlink(missing_ok=True)
        (self.bin / name).write_text(script)
        (self.bin / name).chmod(0o755)

    def run(self, *arguments: str, **environ: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            ["sh", str(self.folder / "deploy" / "setup"), *arguments],
            env={
                "PATH": str(self.bin),
                "DIARY": str(self.diary),
                "FAILS": "",
                "REAL_PYTHON": sys.executable,
                **environ,
            },
            cwd="/",
            capture_output=True,
            text=True,
            check=False,
        )

    def installs(self) -> int:
        return len(re.findall(r"pip install .*--requirement deploy/requirements\.txt", self.diary.read_text()))


@pytest.fixture
def clone(tmp_path: Path) -> Clone:
    return Clone(tmp_path)


def test_the_first_run_installs_and_the_second_does_not(clone: Clone) -> None:
    for _ in range(2):
        done = clone.run("demo", "/somewhere else")
        assert (done.returncode, done.stdout) == (0, "done\n"), done.stderr
        assert clone.installs() == 1
    assert clone.diary.read_text().count("aggregator demo /somewhere else") == 2


def test_everything_is_installed_by_hash_and_nothing_is_built_in_isolation(clone: Clone) -> None:
    clone.run("demo")
    installs = [line for line in clone.diary.read_text().splitlines() if "pip install" in line]
    assert len(installs) == 3
    assert all("--require-hashes" in line or "--no-deps" in line for line in installs)
    assert "requirements-build.txt" in installs[0]
    assert all("--no-build-isolation" in line for line in installs[1:])


@pytest.mark.parametrize("changed", ["pyproject.toml", "deploy/requirements.txt", "deploy/requirements-build.txt"])
def test_what_changed_is_installed_again(clone: Clone, changed: str) -> None:
    clone.run("demo")
    with (clone.folder / changed).open("a") as file:
        file.write("# changed\n")
    clone.run("demo")
    assert clone.installs() == 2


def test_an_installation_that_failed_is_tried_again(clone: Clone) -> None:
    failed = clone.run("demo", NO_INDEX="1")
    assert failed.returncode == 1
    assert "setup: pip could not install" in failed.stderr
    assert clone.run("demo").returncode == 0


def test_a_clone_that_was_moved_is_set_up_anew(clone: Clone) -> None:
    clone.run("demo")
    clone.folder = clone.folder.rename(clone.folder.with_name("moved clone"))
    assert clone.run("demo").returncode == 0
    assert clone.installs() == 2


def test_a_broken_environment_is_made_anew(clone: Clone) -> None:
    clone.run("demo")
    (clone.folder / ".venv" / "bin" / "python").unlink()
    assert clone.run("demo").returncode == 0
    assert clone.installs() == 2


@pytest.mark.parametrize(
    ("environ", "sentence"),
    [
        ({"TOO_OLD": "1"}, "setup: no Python from 3.11 on was found"),
        ({"NO_VENV": "1"}, "python3 has no venv module: install it (Debian and Ubuntu: apt install python3-venv)"),
    ],
)
def test_what_is_missing_is_named_with_its_mend(clone: Clone, environ: dict[str, str], sentence: str) -> None:
    done = clone.run("demo", **environ)
    assert done.returncode == 1
    assert sentence in done.stderr
    assert not (clone.folder / ".venv").exists()


def test_without_a_word_it_explains_itself(clone: Clone) -> None:
    for arguments in ((), ("help",), ("dmeo",)):
        done = clone.run(*arguments)
        assert done.returncode == 2
        assert all(command in done.stderr for command in COMMANDS)
    assert not clone.diary.exists()


def test_the_checks_come_first_and_the_tests_last(clone: Clone) -> None:
    done = clone.run("tests", "-k", "something", AGGREGATOR_NO_APT="1")
    assert (done.returncode, done.stdout.splitlines()[-1]) == (0, "3 passed")
    steps = [line.split()[0] for line in clone.diary.read_text().splitlines() if not line.startswith("python")]
    assert steps == ["ruff", "ruff", "mypy", "lint-imports", "require=no"]
    assert "python -m pytest -n auto -k something" in clone.diary.read_text()


@pytest.mark.parametrize("check", ["ruff", "mypy", "lint-imports"])
def test_a_check_that_fails_fails_the_whole(clone: Clone, check: str) -> None:
    done = clone.run("tests", AGGREGATOR_NO_APT="1", FAILS=check)
    assert done.returncode != 0
    assert "pytest" not in clone.diary.read_text()


def test_missing_tools_are_named_and_in_ci_required(clone: Clone) -> None:
    done = clone.run("tests", CI="true")  # no apt-get here
    assert re.search(r"Not on this machine: .*chromium .*\(tests that need them are skipped\)", done.stderr)
    assert "require=1" in clone.diary.read_text()


def packed(clone: Clone, script: bytes) -> str:
    """What npm would give from now on: its digest."""
    with tarfile.open(clone.bin / "package.tgz", "w:gz") as archive:
        member = tarfile.TarInfo("package/axe.min.js")
        member.size = len(script)
        archive.addfile(member, BytesIO(script))
    digest = hashlib.sha512((clone.bin / "package.tgz").read_bytes()).digest()
    return f"sha512-{base64.b64encode(digest).decode()}"


def test_a_package_of_npm_is_taken_once_and_only_if_it_is_the_pinned_one(clone: Clone) -> None:
    done = clone.run("tests")  # no npm here
    assert "Not on this machine: axe-core@" in done.stderr
    clone.add("npm", NPM)
    clone.add("cp", f'#!/bin/sh\nexec {shutil.which("cp")} "$@"\n')
    digest = packed(clone, b"judge()")
    done = clone.run("tests", AGGREGATOR_NO_NPM="1")
    assert "Not on this machine: axe-core@" in done.stderr
    assert "npm pack" not in clone.diary.read_text()
    done = clone.run("tests")
    assert (done.returncode, done.stdout.splitlines()[-1]) == (0, "3 passed")
    assert f"has {digest}, not sha512-" in done.stderr
    assert "could not be brought" in done.stderr
    assert not list(clone.folder.glob(".venv/axe-core-*"))
    pins = clone.folder / "deploy" / "requirements-npm.txt"
    pins.write_text(re.sub(r"sha512-\S+", lambda _: digest, pins.read_text()))
    for _ in range(2):
        assert "could not" not in clone.run("tests").stderr
    (script,) = clone.folder.glob(".venv/axe-core-*/axe.min.js")
    assert script.read_bytes() == b"judge()"
    assert clone.diary.read_text().count("npm pack") == 2


def test_missing_tools_are_brought_and_no_service_starts(clone: Clone) -> None:
    clone.add("sudo", SUDO)
    clone.add("apt-get", "#!/bin/sh\nexit 1\n")
    for failing in ("0", "1"):
        clone.diary.unlink(missing_ok=True)
        done = clone.run("tests", NO_APT=failing)
        assert done.returncode == 0
        assert ("could not be installed" in done.stderr) == (failing == "1")
        calls = [
            line.removeprefix("sudo -n ") for line in clone.diary.read_text().splitlines() if line.startswith("sudo")
        ]
        (install,) = [index for index, call in enumerate(calls) if "apt-get install" in call]
        assert calls[install - 1] == "apt-get update -qq"
        assert "DEBIAN_FRONTEND=noninteractive" in calls[install]
        assert "chromium" in calls[install]
        assert "debconf-set-selections" in calls[:install]
        assert f"tee {clone.policy}" in calls[:install]
        assert calls[-1] == f"rm -f {clone.policy}"


def test_a_machines_own_policy_for_services_stays(clone: Clone) -> None:
    clone.add("sudo", SUDO)
    clone.add("apt-get", "#!/bin/sh\nexit 1\n")
    clone.policy.write_text("the operator's own")
    assert clone.run("tests").returncode == 0
    assert "apt-get install" in clone.diary.read_text()
    assert str(clone.policy) not in clone.diary.read_text()


def test_ci_runs_what_the_readme_says() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    (first,) = re.findall(r"```sh\n(.*?)```", readme, re.DOTALL)[:1]
    assert [line.partition("  #")[0].strip() for line in first.splitlines()] == list(COMMANDS)
    script = (ROOT / ".ci" / "run").read_text().splitlines()
    assert [line for line in script if "deploy/setup" in line] == list(COMMANDS)
    assert script[-1] == COMMANDS[-1]
    assert "set -euo pipefail" in script
    assert os.access(ROOT / ".ci" / "run", os.X_OK)


def locked(name: str) -> dict[str, str]:
    text = (ROOT / "deploy" / name).read_text()
    found = re.findall(
        r"^([a-z0-9-]+)(?:\[[a-z,]+\])?==([^ ;]+).*?\\\n((?: +--hash=sha256:[0-9a-f]{64}.*\n)+)", text, re.MULTILINE
    )
    assert len(found) == len(re.findall(r"^[a-z]", text, re.MULTILINE)), "a line without version or hash"
    return {package: version for package, version, _ in found}


def named(requirements: list[str]) -> set[str]:
    names = (re.split(r"[^A-Za-z0-9._-]", requirement)[0] for requirement in requirements)
    return {re.sub(r"[._-]+", "-", name).lower() for name in names}


def test_every_dependency_is_locked() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    extras = project["project"]["optional-dependencies"]
    runs = named([*project["project"]["dependencies"], *extras["scale"]])
    build = named([*project["build-system"]["requires"], *project["dependency-groups"]["build"]])
    assert runs <= locked("requirements.txt").keys()
    assert runs | named(extras["dev"]) - {"aggregator"} <= locked("requirements-dev.txt").keys()
    assert build <= locked("requirements-build.txt").keys()


def test_the_locks_agree_and_name_no_index() -> None:
    base, development, build = (locked(f"requirements{part}.txt") for part in ("", "-dev", "-build"))
    assert base.items() <= development.items()
    for one, other in ((base, build), (development, build)):
        assert all(one[name] == other[name] for name in one.keys() & other.keys())
    for file in (ROOT / "deploy").glob("requirements*.txt"):
        assert not re.search(r"https?://|file:|--index|--find-links", file.read_text())


def test_what_runs_here_is_what_is_locked() -> None:
    if Path(sys.prefix) != ROOT / ".venv":
        pytest.skip("not in the environment that deploy/setup makes")
    from importlib.metadata import version

    wrong = {name for name, locked_version in locked("requirements.txt").items() if version(name) != locked_version}
    assert wrong == set()


@pytest.mark.parametrize("script", ["deploy/setup", "deploy/lock", ".ci/run"])
def test_the_scripts_are_well_formed(script: str) -> None:
    shell = "bash" if script == ".ci/run" else "sh"
    subprocess.run([shell, "-n", str(ROOT / script)], check=True)
