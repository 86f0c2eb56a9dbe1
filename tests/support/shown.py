"""The demo's publication as readers see it, in three languages: every kind of page that there is."""

import fcntl
import os
import shutil
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path

from aggregator.app import App
from aggregator.config import Config
from aggregator.config.load import load
from aggregator.config.sections import in_language
from aggregator.demo.run import run
from aggregator.demo.samples import NOW
from aggregator.pipeline.subscriptions import Subscription
from aggregator.publish import mail, site
from aggregator.web.pages import Pages
from tests.support import editions

TEMPLATES = (Path(__file__).parents[2] / "templates",)
LANGUAGES = ("en", "zh-Hans", "ar")
_TITLES = {"zh-Hans": "中国简报", "ar": "موجز الصين"}


def publish(folder: Path, *, categories: int | None = 4) -> None:
    """`folder/en` and so on, each as a web server would serve it; how many categories those that are not English have."""
    run(folder / "demo", lambda _: None)
    config = load(folder / "demo" / "feeds.yaml", os.environ)
    (folder / "demo" / "out").rename(folder / "en")
    for language in LANGUAGES:
        there = config if language == "en" else _translated(config, folder, language, categories)
        _add_letters(folder / language, language)
        _add_rare_pages(folder / language, there)


def _translated(config: Config, folder: Path, language: str, categories: int | None) -> Config:
    """The same stories in another publication: how it is configured."""
    state = folder / f"{language}.db"
    shutil.copy(folder / "demo" / "state" / "aggregator.db", state)
    said = {"language": language, "title": _TITLES[language]}
    changes = {
        "publication": config.publication.model_copy(update=said),
        "sections": in_language(config.sections, language),
        "categories": config.categories[:categories],
        "database": f"sqlite:///{state}",
        "output": folder / language,
    }
    app = App(config.model_copy(update=changes), clock=lambda: NOW)
    try:
        assert app.publish().failed == ()
    finally:
        app.close()
    return app.config


def _add_letters(out: Path, language: str) -> None:
    """The demo's editions are English ones, so they are joined by one in the publication's language."""
    edition = replace(editions.chinese() if language.startswith("zh") else editions.english(), language=language)
    config = editions.config(language)
    place = out / "editions" / "daily" / "42"
    place.mkdir(parents=True)
    (place / "index.html").write_bytes(mail.web_page(edition, config, TEMPLATES))
    (place / "email.html").write_text(mail.render(edition, config, TEMPLATES).html, encoding="utf-8")


def _add_rare_pages(out: Path, config: Config) -> None:
    """What becomes of a story that is gone, and what only the server says."""
    into = replace(editions.news()[0], id=longest(out).stem)
    (out / "stories" / "withdrawn.html").write_bytes(site.withdrawn(config, "withdrawn", NOW, TEMPLATES))
    (out / "stories" / "moved.html").write_bytes(site.moved(config, "moved", into, TEMPLATES))
    pages, wish = Pages(config, TEMPLATES), Subscription("daily", ended=False, others=("weekend",))
    answers = out / "web"
    answers.mkdir()
    told = {
        "ask": pages.ask("../", "token", wish),
        "preferences": pages.preferences("../", "token", wish),
        "join": pages.join("../"),
        "missing": pages.notice("../", "missing"),
        "nothing": pages.nothing_yet("../"),
    }
    for name, page in told.items():
        (answers / f"{name}.html").write_text(page, encoding="utf-8")


def once(base: Path, name: str, make: Callable[[Path], None]) -> Path:
    """A folder that is made by whichever of several test processes comes first; the others wait for it.

    `base`: the process's own base for temporary folders. With several processes it lies in one that they share.
    """
    shared = base.parent if os.environ.get("PYTEST_XDIST_WORKER") else base
    with (shared / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        made = shared / name
        if not (made / "whole").exists():
            make(made)
            (made / "whole").touch()
    return made


def longest(out: Path) -> Path:
    """The story that has most to show."""
    return max(out.glob("stories/s*.html"), key=lambda page: page.stat().st_size)


@cache
def kinds(out: Path) -> dict[str, str]:
    """One page of each kind that is published in a folder: its name and its path.

    Not what leads to another at once, nor 404.html, whose links are absolute, as it is shown under any address.
    """
    found = {path.parent.parent.name: path for path in sorted(out.glob("*/*/index.html"))}
    found |= {f"all {path.parent.name}": path for path in sorted(out.glob("*/index.html"))}
    found |= {"index": out / "index.html"}
    found |= {"story": longest(out), "edition": out / "editions/daily/42/index.html"}
    found |= {"withdrawn": out / "stories/withdrawn.html"}
    found |= {f"answer {path.stem}": path for path in sorted(out.glob("web/*.html"))}
    return {name: str(path.relative_to(out)) for name, path in found.items()}
