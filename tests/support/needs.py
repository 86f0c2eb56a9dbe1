"""What a test needs from the machine beside Python: found, or the test is skipped with the name of what was missing.

Where AGGREGATOR_REQUIRE is set (`deploy/setup` does so in CI, having installed them), a missing one is a failure.
"""

import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn

import pytest

_ROOT = Path(__file__).parents[2]
_PACKAGES = {"initdb": "postgresql", "chromium": "chromium", "smtp-sink": "postfix", "NotoSansCJK": "fonts-noto-cjk"}


def need(*names: str) -> Path:
    """The first of these programs that is there: `need("chromium", "google-chrome")`."""
    for name in names:
        found = shutil.which(name) or shutil.which(name, path=os.pathsep.join(_further_folders()))
        if found:
            return Path(found)
    package = _PACKAGES.get(names[0])
    return _missing(" or ".join(names), f" (Debian's package {package})" if package else "")


def need_font(name: str) -> Path:
    """A font file whose name begins so: `need_font("NotoSansCJK")`."""
    for folder in (Path("/usr/share/fonts"), Path("/usr/local/share/fonts"), Path.home() / ".fonts"):
        for found in sorted(folder.rglob(f"{name}*")):
            return found
    package = _PACKAGES.get(name)
    return _missing(f"the font {name}", f" (Debian's package {package})" if package else "")


def need_axe() -> str:
    """The script that judges a page, as `deploy/setup` brings it into the environment: run it in the page."""
    pinned = (_ROOT / "deploy" / "requirements-npm.txt").read_text(encoding="utf-8").splitlines()[-1].split()[0]
    script = Path(sys.prefix) / pinned.replace("@", "-") / "axe.min.js"
    if not script.is_file():
        _missing(pinned, " (`sh deploy/setup tests` brings it, where there is npm)")
    return script.read_text(encoding="utf-8")


def optional(*names: str) -> Path:
    """Like need, for what no package of the setup brings: skipped where it is missing, in CI as well."""
    try:
        return next(Path(found) for name in names if (found := shutil.which(name)))
    except StopIteration:
        pytest.skip(f"{' or '.join(names)} is not on this machine")


def _missing(what: str, package: str) -> NoReturn:
    reason = f"{what} is not on this machine{package}"
    if os.environ.get("AGGREGATOR_REQUIRE"):
        pytest.fail(f"{reason}, and AGGREGATOR_REQUIRE is set")
    pytest.skip(reason)


def _further_folders() -> Iterator[str]:
    """Debian keeps servers outside of most users' PATH."""
    yield from ("/usr/sbin", "/usr/local/sbin", "/sbin")
    yield from (str(folder) for folder in sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True))
