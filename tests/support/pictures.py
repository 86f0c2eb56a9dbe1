"""The pictures of the site in docs/, of the demo's publication: `python -m tests.support.pictures docs`."""

import sys
import tempfile
from pathlib import Path

from tests.support.browser import opened, served
from tests.support.needs import need
from tests.support.shown import kinds, publish

# The file's name, the language, the kind of page, the window, the colours.
PICTURES = (
    ("site", "en", "index", (1280, 1250), "light"),
    ("site-dark", "en", "index", (1280, 900), "dark"),
    ("site-phone", "en", "index", (375, 1250), "light"),
    ("site-phone-dark", "en", "story", (375, 1250), "dark"),
    ("site-tablet", "en", "edition", (600, 1250), "light"),
    ("site-story", "en", "story", (1280, 1000), "light"),
    ("site-search", "en", "all search", (1280, 800), "light"),
    ("site-archive", "en", "archive", (1280, 800), "light"),
    ("site-chinese", "zh-Hans", "edition", (1280, 1250), "light"),
    ("site-chinese-phone", "zh-Hans", "edition", (375, 1250), "dark"),
)


def take(folder: Path) -> None:
    with tempfile.TemporaryDirectory() as made:
        shown = Path(made, "shown")
        shown.mkdir()
        publish(shown)
        with opened(need("chromium"), Path(made, "profile")) as browser, served(shown) as address:
            page = browser.page()
            for name, language, kind, (width, height), scheme in PICTURES:
                page.size(width, height)
                page.prefers(scheme=scheme)
                asked = "?q=Huawei" if kind == "all search" else ""
                page.go(f"{address}/{language}/{kinds(shown / language)[kind]}{asked}")
                if asked:
                    page.until("document.querySelectorAll('#results li').length > 0")
                page.picture(folder / f"{name}.png", whole=False)


if __name__ == "__main__":
    take(Path(sys.argv[1]))
