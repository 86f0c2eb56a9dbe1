"""Makes the pictures in docs/pictures anew: the mail of the golden files, and the pages of the demo's publication.

    python docs/pictures.py

It needs Chromium and the tests' environment (`sh deploy/setup tests`), and uses no network but loopback.
"""

import base64
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from tests.support import needs, shown  # noqa: E402  found by the line before
from tests.support.browser import Page, opened, served  # noqa: E402

FOLDER = ROOT / "docs" / "pictures"
MAIL_WIDTHS = (375, 600, 900)
SITE_WIDTHS = (375, 600, 1280)
LONGEST = {"mail": 2400, "site": 1500}
"""Pixels: what a picture shows of a page that is longer."""
KINDS = {
    "front": "index",
    "section": "sections",
    "category": "categories",
    "source": "sources",
    "story": "story",
    "edition": "edition",
    "editions": "all editions",
    "search": "all search",
    "archive": "archive",
}
"""Of these pages, each as the tests name it; all but the front at the widest only."""


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "shown"
        shown.publish(folder, categories=None)
        for name in ("english", "chinese"):
            letter = (ROOT / "tests" / "publish" / "golden" / f"{name}.html").read_bytes()
            (folder / f"{name}.html").write_bytes(letter)
        with opened(needs.need("chromium"), Path(scratch) / "profile") as browser, served(folder) as address:
            page = browser.page()
            for name, path, width, scheme in wanted(folder):
                page.prefers(scheme=scheme)
                page.size(width)
                page.go(f"{address}/{path}")
                take(page, FOLDER / f"{name}-{width}-{scheme}.webp", width, LONGEST[name.partition("-")[0]])
                print(f"{name}-{width}-{scheme}")


def wanted(folder: Path) -> Iterator[tuple[str, str, int, str]]:
    """Name, path, width and scheme of each picture."""
    for language in ("english", "chinese"):
        for width in MAIL_WIDTHS:
            for scheme in ("light", "dark"):
                yield f"mail-{language}", f"{language}.html", width, scheme
    for language in ("en", "zh-Hans"):
        kinds = shown.kinds(folder / language)
        for kind, known in KINDS.items():
            path = f"{language}/{kinds[known]}"
            for width in SITE_WIDTHS if kind == "front" else SITE_WIDTHS[-1:]:
                for scheme in ("light", "dark") if kind == "front" else ("light",):
                    yield f"site-{kind}-{language}", path, width, scheme


def take(page: Page, file: Path, width: int, longest: int) -> None:
    height = min(longest, int(page.run("document.documentElement.scrollHeight")))
    clip = {"x": 0, "y": 0, "width": width, "height": height, "scale": 1}
    taken = page.call("Page.captureScreenshot", format="webp", quality=80, clip=clip, captureBeyondViewport=True)
    file.write_bytes(base64.b64decode(taken["data"]))


if __name__ == "__main__":
    main()
