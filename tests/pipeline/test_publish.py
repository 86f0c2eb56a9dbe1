"""`out/` is as it should be, whatever happened to it and whatever cannot be made; on both databases."""

import multiprocessing
import os
import resource
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, update

from aggregator.app import App
from aggregator.config import Config
from aggregator.errors import FullError
from aggregator.model import Story
from aggregator.pipeline import Published, publish
from aggregator.publish import site, syndicate
from aggregator.store import published as records
from aggregator.store import stale
from aggregator.store.engine import writing
from aggregator.store.published import Printed
from aggregator.store.tables import editions, stories
from tests.support.newsroom import BARLEY, DAY, ROCKET, SAMPLES, SLOT, Article, Newsroom, opened
from tests.support.workspace import ROOT

FORK = multiprocessing.get_context("fork")
NOBODY = 65534
TRADE = {f"categories/trade/{name}" for name in ("index.html", *syndicate.FORMATS)}
DENIED = "[Errno 13] Permission denied"


@pytest.fixture
def published(app: App, room: Newsroom) -> App:
    """One edition, three stories, all published."""
    room.now = SLOT
    app.compose()
    assert app.publish().failed == ()
    return app


def own_template(room: Newsroom, name: str, change: Callable[[str], str]) -> Path:
    """The operator's own, made from ours."""
    path = room.folder / "templates" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(change((ROOT / "templates" / name).read_text()))
    return path


def reasons(done: Published) -> list[str]:
    return [error.message for error in done.failed]


def data_of(room: Newsroom) -> dict[str, bytes]:
    return {path: data for path, (_, data) in room.files().items()}


# --- what cannot be made ---------------------------------------------------------------------------------


def test_a_broken_template_costs_its_own_pages_alone(published: App, room: Newsroom) -> None:
    before = data_of(room)
    path = own_template(room, "site/story.html", lambda text: f"one\n{{% if %}}\n{text}")
    room.tells("gazette", BARLEY, replace(SAMPLES, title="Samples were handed over"))
    published.poll(force=True)
    published.curate()
    done = room.app().publish()
    assert reasons(done) == [f"{path}:2: Expected an expression, got 'end of statement block'"]
    after = data_of(room)
    assert {name for name, data in before.items() if after.get(name) is None} == set()
    assert "Samples were handed over" in after["index.html"].decode()
    assert "Samples were handed over" in after["atom.xml"].decode()
    assert {name: data for name, data in after.items() if name.startswith("stories/")} == {
        name: data for name, data in before.items() if name.startswith("stories/")
    }
    path.unlink()
    assert room.app().publish().failed == ()
    assert any(b"Samples were handed over" in data for name, data in data_of(room).items() if "stories/" in name)


def test_a_page_that_fails_for_what_it_tells_stands_alone(published: App, room: Newsroom) -> None:
    trap = f'{{% if story.title == "{ROCKET.title}" %}}{{{{ story.nothing }}}}{{% endif %}}'
    path = own_template(
        room,
        "site/story.html",
        lambda text: text.replace("{% block content %}", f"{{% block content %}}changed {trap}"),
    )
    (room.out / "index.html").unlink()
    done = room.app().publish()
    (reason,) = reasons(done)
    assert reason.startswith(f"{path}:")
    assert "nothing" in reason
    changed = {name for name, data in data_of(room).items() if "stories/" in name and b"changed" in data}
    ids = {title: story.id for title, story in room.stories().items()}
    assert changed == {f"stories/{ids[title]}.html" for title in (BARLEY.title, SAMPLES.title)}
    assert "index.html" in done.written


def test_a_list_that_fails_costs_no_other(published: App, room: Newsroom) -> None:
    """The first category's list cannot be made; the sections, by the same template, can."""
    trap = '{% if folder == "categories/trade" %}{{ 1 / 0 }}{% endif %}'
    start = "{% block content %}"
    path = own_template(room, "site/list.html", lambda text: text.replace(start, f"{start}{trap}<!-- new -->"))
    before = data_of(room)
    done = room.app().publish()
    (reason,) = reasons(done)
    assert reason.startswith(f"{path}:")
    assert "division by zero" in reason
    after = data_of(room)
    assert after["categories/trade/index.html"] == before["categories/trade/index.html"], "it stands as it stood"
    assert b"<!-- new -->" in after["sections/analyses/index.html"]
    assert done.removed == ()


def test_an_edition_that_cannot_be_rendered_costs_no_other(published: App, room: Newsroom) -> None:
    with writing(room.engine) as conn:
        conn.execute(update(editions).values(data='{"newsletter": "daily"}'))
        stale.mark(conn, ["daily/1"], "edition")
    room.tells("gazette", BARLEY, Article("new", "A new harbour is built in the north", "It has four piers."))
    room.now = SLOT + DAY
    published.poll(force=True)
    published.curate()
    published.compose()
    done = published.publish()
    assert len(done.failed) == 1
    assert reasons(done)[0].startswith("daily/1: this is no edition that we can read")
    assert {"editions/daily/2/index.html", "editions/daily/2/email.html", "editions/daily/atom.xml"} <= set(
        done.written
    )
    assert "editions/daily/1/index.html" in data_of(room)


def test_a_feed_that_cannot_be_made_costs_no_other(
    published: App, room: Newsroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = data_of(room)
    for path in ("feed.json", "rss.xml"):
        (room.out / path).write_bytes(before[path][:100])
    made = syndicate.rss

    def refused(*stories: Any, path: str, **more: Any) -> bytes:
        if path == "rss.xml":
            raise ValueError("All strings must be XML compatible")
        return made(*stories, path=path, **more)

    monkeypatch.setattr(syndicate, "rss", refused)
    done = published.publish()
    assert reasons(done) == ["rss.xml could not be made: All strings must be XML compatible"]
    assert done.written == ("feed.json",)
    monkeypatch.undo()
    assert published.publish().written == ("rss.xml",)
    assert data_of(room) == before


def test_a_path_that_cannot_be_written_costs_no_other(published: App, room: Newsroom, tmp_path: Path) -> None:
    ids = sorted(story.id for story in room.stories().values())
    elsewhere = tmp_path / "elsewhere"
    elsewhere.write_text("theirs")
    for path in (f"stories/{ids[0]}.html", "atom.xml", "index.html"):
        (room.out / path).unlink()
    (room.out / f"stories/{ids[0]}.html").symlink_to(elsewhere)
    (room.out / "atom.xml").mkdir()
    done = published.publish()
    assert len(done.failed) == 2
    assert "leads out of the output folder" in reasons(done)[0]
    assert "cannot write atom.xml" in reasons(done)[1]
    assert done.written == ("index.html",)
    assert elsewhere.read_text() == "theirs"


def test_a_full_disk_ends_it_at_once(published: App, room: Newsroom) -> None:
    """No file after that one would have room, and a log line for each helps nobody."""
    before = data_of(room)
    start = "{% block content %}"
    own_template(room, "site/story.html", lambda text: text.replace(start, f"{start}{'much ' * 1_000_000}"))

    def fill() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (4_000_000, 4_000_000))  # the database needs less
        with pytest.raises(FullError, match=r"cannot write stories/\w+\.html in the output folder"):
            app.publish()

    app = room.app()
    child = FORK.Process(target=fill)
    child.start()
    child.join(30)
    assert child.exitcode == 0
    assert data_of(room) == before
    assert app.publish().failed == ()
    changed = {path for path, data in data_of(room).items() if data != before[path]}
    assert changed == {path for path in before if path.startswith("stories/")}


def test_what_fails_everywhere_is_not_tried_for_ever(
    published: App, room: Newsroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A broken template would otherwise be read anew for each of ten thousand stories, at every tick."""
    room.has_source("board", *(Article(f"g{at:03}", f"Notice {at} of the harbour board", "") for at in range(120)))
    with closing(room.app()) as app:
        app.poll(force=True)
        app.curate()
    tried = Counter[str]()
    render = site.story

    def counted(config: Config, story: Story, *rest: Any, **more: Any) -> bytes:
        tried[story.id] += 1
        return render(config, story, *rest, **more)

    monkeypatch.setattr(site, "story", counted)
    path = own_template(room, "site/story.html", lambda _: "\n{{ 1 / 0 }}")
    done = room.app().publish()
    assert reasons(done) == [f"{path}:2: division by zero"]
    assert done.removed == ()
    assert 1 < len(tried) < 100 < done.pages
    path.unlink()
    assert len([name for name in room.app().publish().written if name.startswith("stories/")]) >= 100


def test_a_template_that_may_not_be_read_costs_its_own_pages_alone() -> None:
    with tempfile.TemporaryDirectory() as place, opened(Path(place), f"sqlite:///{place}/state.db") as room:
        room.has_source("gazette", BARLEY)
        app = room.app()
        app.poll()
        app.curate()
        app.close()
        own_template(room, "site/story.html", str).chmod(0)
        if os.geteuid() == 0:
            for path in (room.folder, *room.folder.rglob("*")):
                os.chown(path, NOBODY, NOBODY)
        app = room.app()

        def without_rights() -> None:
            if os.geteuid() == 0:
                os.setuid(NOBODY)
            done = app.publish()
            assert reasons(done) == [f"site/story.html: {DENIED}: '{template}'"]
            assert "index.html" in done.written

        template = room.folder / "templates/site/story.html"
        child = FORK.Process(target=without_rights)
        child.start()
        child.join(30)
        assert child.exitcode == 0


# --- what happened to the folder -------------------------------------------------------------------------


def test_what_was_lost_emptied_or_cut_is_written_again(published: App, room: Newsroom) -> None:
    before = data_of(room)
    story = next(name for name in before if name.startswith("stories/"))
    (room.out / story).unlink()
    (room.out / "editions/daily/1/email.html").write_bytes(b"")
    (room.out / "editions/daily/1/index.html").write_bytes(before["editions/daily/1/index.html"][:1000])
    (room.out / "index.html").write_bytes(before["index.html"][::2])
    lost = [
        "archive/2020-05/index.html",
        "atom.xml",
        "search/2020-05.json",
        "sitemap-2020-05.xml",
        "sources/gazette/index.html",
    ]
    for path in lost:
        (room.out / path).unlink()
    assert sorted(published.publish().written) == sorted(
        [*lost, "editions/daily/1/email.html", "editions/daily/1/index.html", "index.html", story]
    )
    assert data_of(room) == before
    shutil.rmtree(room.out)
    assert len(published.publish().written) == len(before)
    assert data_of(room) == before


def test_a_link_in_the_place_of_a_page_is_replaced_by_the_page(published: App, room: Newsroom) -> None:
    before = data_of(room)
    story = next(name for name in before if name.startswith("stories/"))
    copy = (room.out / story).rename(room.out / "copy")
    (room.out / story).symlink_to(copy)
    assert published.publish().written == (story,)
    assert not (room.out / story).is_symlink()
    assert copy.read_bytes() == before[story]


def test_another_output_folder_is_filled_and_the_old_one_left(published: App, room: Newsroom) -> None:
    before = data_of(room)
    moved = published.config.model_copy(update={"output": Path("other")})
    shutil.copytree(room.out, room.folder / "other")
    for path in (room.folder / "other").rglob("*.html"):
        path.write_bytes(b"x" * path.stat().st_size)
    done = publish(published.engine, moved, folders=published.folders)
    assert set(done.written) == {path for path in before if path.endswith(".html")}
    assert {path: (room.folder / "other" / path).read_bytes() for path in before} == before
    assert data_of(room) == before


def test_a_new_version_of_ours_makes_all_pages_anew(
    published: App, room: Newsroom, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """As if the package had been installed anew, with one file changed."""
    page = room.out / "editions/daily/1/index.html"
    page.write_bytes(b"x" * page.stat().st_size)
    assert published.publish().written == (), "its size tells nothing"
    package = shutil.copytree(Path(site.__file__).parent, tmp_path / "publish")
    monkeypatch.setattr(site, "__file__", str(package / "site.py"))
    assert published.publish().written == (), "it is the same there"
    (package / "labels.py").write_text("# changed\n")
    assert published.publish().written == ("editions/daily/1/index.html",)


# --- what belongs there no longer ------------------------------------------------------------------------


def test_what_no_longer_belongs_is_taken_away(published: App, room: Newsroom) -> None:
    retracted = room.stories()[SAMPLES.title].id
    with writing(room.engine) as conn:
        conn.execute(delete(stories).where(stories.c.id == retracted))
    config = published.config.model_copy(update={"categories": (), "newsletters": ()})
    theirs = [room.out / name for name in ("categories/trade/notes.txt", "robots.txt", "stories/theirs.html")]
    for path in theirs:
        path.write_text("theirs")
    done = publish(published.engine, config, folders=published.folders)
    assert set(done.removed) == {
        f"stories/{retracted}.html",
        *(f"{folder}/{name}" for folder in ("categories/trade", "editions/daily") for name in syndicate.FORMATS),
        "categories/trade/index.html",
        "editions/daily/index.html",
    }
    left = data_of(room)
    assert not set(done.removed) & set(left)
    assert all(path.read_text() == "theirs" for path in theirs)
    assert "editions/daily/1/index.html" in left, "a letter that went out leads there"
    assert publish(published.engine, config, folders=published.folders).removed == ()
    again = published.publish()
    assert {"categories/trade/index.html", "editions/daily/atom.xml"} <= set(again.written)


def test_an_empty_folder_goes_with_its_last_page(published: App, room: Newsroom) -> None:
    publish(published.engine, published.config.model_copy(update={"categories": ()}), folders=published.folders)
    assert not (room.out / "categories/trade").exists()
    assert (room.out / "categories/index.html").exists()


def test_an_operators_page_in_the_place_of_ours_stays(published: App, room: Newsroom) -> None:
    page = room.out / "categories/trade/index.html"
    page.write_text("moved to another site")
    config = published.config.model_copy(update={"categories": ()})
    removed = publish(published.engine, config, folders=published.folders).removed
    assert set(removed) == {f"categories/trade/{name}" for name in syndicate.FORMATS}
    assert publish(published.engine, config, folders=published.folders).removed == ()
    assert page.read_text() == "moved to another site"


def test_a_rebuild_takes_away_as_well(published: App, room: Newsroom) -> None:
    config = published.config.model_copy(update={"categories": ()})
    done = publish(published.engine, config, folders=published.folders, rebuild=True)
    assert set(done.removed) == TRADE


def test_what_could_not_be_taken_away_is_tried_again(published: App, room: Newsroom, tmp_path: Path) -> None:
    config = published.config.model_copy(update={"categories": ()})
    kept = (room.out / "categories/trade").rename(tmp_path / "trade")
    (room.out / "categories/trade").symlink_to(kept)
    done = publish(published.engine, config, folders=published.folders)
    assert (len(done.failed), done.removed) == (len(TRADE), ())
    (room.out / "categories/trade").unlink()
    kept.rename(room.out / "categories/trade")
    assert set(publish(published.engine, config, folders=published.folders).removed) == TRADE


def test_a_record_that_leads_out_takes_nothing_away(published: App, room: Newsroom) -> None:
    (room.folder / "x").write_text("x")
    with writing(room.engine) as conn:
        records.record(conn, {"../x": Printed("", 1)})
    done = published.publish()
    assert reasons(done) == ["'../x' is no path inside the output folder"]
    assert (room.folder / "x").exists()
