"""The systemd unit, the image and the compose file, each held against its own tools where they are there."""

import re
import shlex
import subprocess
import sys
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from tests.support.needs import optional

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
UNIT = DEPLOY / "aggregator.service"

# What MemoryDenyWriteExecute= forbids, forbidden to this process by the kernel itself; then everything that is
# compiled is loaded and used once.
WITHOUT_JIT = """
import ctypes, mmap, sys
if ctypes.CDLL(None).prctl(65, 1, 0, 0, 0) != 0:  # PR_SET_MDWE, Linux 6.3
    sys.exit(77)
try:
    mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
except PermissionError:
    pass
else:
    sys.exit(77)
import aiohttp, brotli, charset_normalizer, feedparser, jinja2, lxml.etree, nh3, premailer, psycopg
import sqlalchemy, zstandard
from aggregator.config import Publication
assert Publication(title="T", link="https://x").founded
assert lxml.etree.fromstring(b"<a><b c='1'/></a>").xpath("//b/@c") == ["1"]
assert "color" in premailer.transform("<style>p{color:red}</style><p>x</p>", allow_network=False)
assert nh3.clean("<b>x<script>") == "<b>x</b>"
assert brotli.decompress(brotli.compress(b"x")) == b"x"
assert zstandard.decompress(zstandard.compress(b"x")) == b"x"
assert sqlalchemy.create_engine("sqlite://").connect().exec_driver_sql("select 1").scalar() == 1
"""


def test_systemd_takes_the_unit(tmp_path: Path) -> None:
    copy = tmp_path / UNIT.name
    text = UNIT.read_text().replace("/opt/aggregator/.venv/bin/aggregator", "/bin/true")
    copy.write_text(text)
    analyze = str(optional("systemd-analyze"))
    done = subprocess.run([analyze, "verify", "--man=no", str(copy)], capture_output=True, text=True, check=False)
    assert (done.returncode, [line for line in done.stderr.splitlines() if UNIT.name in line]) == (0, [])


def test_systemd_finds_the_unit_hardened() -> None:
    command = [
        str(optional("systemd-analyze")),
        "security",
        "--offline=true",
        "--threshold=15",
        "--no-pager",
        str(UNIT),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if "unrecognized option" in done.stderr:
        pytest.skip("systemd-analyze is older than 250")
    assert done.returncode == 0, done.stdout[-600:] + done.stderr


def test_the_units_promises() -> None:
    settings = dict(re.findall(r"^(\w+)=(.*)$", UNIT.read_text(), re.MULTILINE))
    assert settings["Restart"] == "always"
    assert settings["ExecReload"] == "/bin/kill -HUP $MAINPID"
    assert settings["TimeoutStopSec"] == "15"
    assert settings["RestartPreventExitStatus"] == "2"
    assert shlex.split(settings["ExecStart"])[-1] == "run"
    assert "PASSWORD" not in UNIT.read_text()


def test_nothing_needs_memory_that_is_written_and_executed() -> None:
    command = [sys.executable, "-W", "ignore", "-c", WITHOUT_JIT]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode == 77:
        pytest.skip("this kernel cannot forbid writable, executable memory to one process (Linux 6.3)")
    assert done.returncode == 0, done.stderr


def steps() -> list[list[str]]:
    lines = [line for line in (DEPLOY / "Dockerfile").read_text().splitlines() if not line.startswith("#")]
    return [shlex.split(step) for step in "\n".join(lines).replace("\\\n", " ").splitlines() if step.strip()]


def arguments(name: str) -> list[list[str]]:
    return [step[1:] for step in steps() if step[0] == name]


def test_what_the_image_copies_is_there_and_not_ignored() -> None:
    allowed = [
        line[1:] for line in (DEPLOY / "Dockerfile.dockerignore").read_text().splitlines() if line.startswith("!")
    ]
    copied = [
        source.rstrip("/") for copy in arguments("COPY") if not copy[0].startswith("--from") for source in copy[:-1]
    ]
    assert copied
    for source in copied:
        assert (ROOT / source).exists(), source
        assert any(fnmatch(source, pattern) for pattern in allowed), source
    stages = {step[2] for step in arguments("FROM") if len(step) == 3}
    assert {copy[0].removeprefix("--from=") for copy in arguments("COPY") if copy[0].startswith("--from")} <= stages


def test_the_image_installs_by_hash_and_runs_as_nobody_special() -> None:
    installs = [step for run in arguments("RUN") for step in " ".join(run).split("&&") if "pip install" in step]
    assert len(installs) == 3
    assert all("--require-hashes" in step or "--no-deps" in step for step in installs)
    assert arguments("USER") == [["10001:10001"]]
    assert [step[0] for step in steps()][-1] == "CMD"
    assert len(arguments("HEALTHCHECK")) == 1
    assert arguments("ENTRYPOINT") == [["[aggregator]"]]
    names = [step[0] for step in steps()]
    assert "RUN" not in names[names.index("USER") :]


def compose() -> dict[str, Any]:
    found: dict[str, Any] = YAML(typ="safe", pure=True).load((DEPLOY / "compose.yaml").read_text())
    return found


def test_the_compose_file_holds_together() -> None:
    file = compose()
    for service in file["services"].values():
        for volume in service["volumes"]:
            source = volume.rsplit(":", 1)[0]
            assert source in file["volumes"] or source.startswith("${WORKSPACE"), volume
        assert set(service["networks"]) <= file["networks"].keys()
        assert service.get("depends_on", {}).keys() <= file["services"].keys()
    build = file["services"]["aggregator"]["build"]
    assert (DEPLOY / build["context"] / build["dockerfile"]).resolve() == DEPLOY / "Dockerfile"
    assert file["networks"]["inside"] == {"internal": True}
    assert "outside" not in file["services"]["database"]["networks"]
    mounted = {volume.rpartition(":")[2] for volume in file["services"]["aggregator"]["volumes"]}
    (declared,) = re.findall(r"^VOLUME \[(.*)\]$", (DEPLOY / "Dockerfile").read_text(), re.MULTILINE)
    assert {part.strip('"') for part in declared.split(", ")} <= mounted


def test_the_compose_file_holds_no_secret() -> None:
    for service in compose()["services"].values():
        for name, value in service["environment"].items():
            assert "PASSWORD" not in name or re.fullmatch(r"\$\{[A-Z_]+:[?-].*\}", value), name


def test_docker_takes_the_compose_file() -> None:
    docker = str(optional("docker"))
    if subprocess.run([docker, "compose", "version"], capture_output=True, check=False).returncode != 0:
        pytest.skip("docker compose is not on this machine")
    command = [docker, "compose", "--file", str(DEPLOY / "compose.yaml"), "config", "--quiet"]
    done = subprocess.run(
        command, env={"PATH": "/usr/bin:/bin", "DATABASE_PASSWORD": "x"}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_the_deployment_page_names_every_file() -> None:
    page = (DEPLOY / "README.md").read_text(encoding="utf-8")
    for file in DEPLOY.iterdir():
        if file.name not in {"README.md", "Dockerfile.dockerignore", "workspace"} and file.suffix != ".txt":
            assert f"`{file.name}`" in page, file.name
