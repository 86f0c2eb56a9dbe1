"""Subscription lists in and out: folders become categories, and come back as folders."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from aggregator.collect.opml import Folder, OpmlFeed, read, write
from aggregator.config import Config
from aggregator.config.load import load

HEAD = "# ours\npublication: {title: T, link: https://x.example}\n"
WIRE = "sources:\n  - {name: wire, url: https://w.example/f}  # mine\n"
LIST = """<opml version="2.0"><body>
<outline text="Technology"><outline text="Chips" xmlUrl="https://chips.example/rss" htmlUrl="https://chips.example/" language="en-us"/>
  <outline text="军事"><outline text="Fleet" xmlUrl="https://fleet.example/rss" language="unknown"/></outline></outline>
<outline text="The Far East"><outline text="Chips again" xmlUrl="https://chips.example/rss" htmlUrl="nowhere"/></outline>
<outline xmlUrl="https://loose.example/rss"/>
<outline text="Old" xmlUrl="gopher://old.example"/><outline text="Broken" xmlUrl="https://[broken"/>
</body></opml>"""


def start(folder: Path, rest: str = "") -> Path:
    file = folder / "feeds.yaml"
    file.write_text(HEAD + WIRE + rest, encoding="utf-8")
    (folder / "list.opml").write_text(LIST, encoding="utf-8")
    return file


def filed(config: Config) -> dict[str, tuple[str, ...]]:
    return {source.url: source.categories for source in config.sources}


def named(config: Config) -> dict[str, str]:
    return {category.slug: category.name for category in config.categories}


def test_folders_become_categories(call: Any, tmp_path: Path) -> None:
    file = start(
        tmp_path, "# kept\ncategories:  # one\n  - {slug: tech, name: ＴＥＣＨＮＯＬＯＧＹ, any: [chip]}  # by hand\n"
    )
    said = call("sources", "import", "list.opml")
    assert said.code == 1, "two lines were left out"
    assert said.err.splitlines() == [
        "left out, for it is no web address: gopher://old.example",
        "left out, for it is no web address: https://[broken",
    ]
    assert said.out.splitlines() == [
        "3 of 6 feeds added to feeds.yaml",
        "new category the-far-east: The Far East",
        "new category category: 军事",
    ]
    config = load(file, {})
    assert filed(config) == {
        "https://w.example/f": (),
        "https://chips.example/rss": ("tech", "the-far-east"),
        "https://fleet.example/rss": ("category",),
        "https://loose.example/rss": (),
    }
    chips = config.sources[1]
    assert (chips.title, chips.home, chips.language) == ("Chips", "https://chips.example/", "en-us")
    assert (config.sources[2].language, config.sources[3].title) == (None, None)
    text = file.read_text(encoding="utf-8")
    assert all(comment in text for comment in ("# ours\n", "# mine\n", "# kept\n", "# one\n", "# by hand\n"))
    assert call("sources", "import", "list.opml").out == "0 of 6 feeds added to feeds.yaml\n"
    assert file.read_text(encoding="utf-8") == text


@pytest.mark.parametrize("rest", ["", "# the end\n", "categories:\n", "categories: []  # none\n", "web: {}"], ids=repr)
def test_the_first_categories_of_a_file(call: Any, tmp_path: Path, rest: str) -> None:
    file = start(tmp_path, rest)
    before = file.read_text(encoding="utf-8")
    assert "3 of 6" in call("sources", "import", "list.opml").out
    assert list(named(load(file, {}))) == ["technology", "the-far-east", "category"]
    comments = [line.partition("#")[2] for line in before.splitlines() if "#" in line]
    assert [line.partition("#")[2] for line in file.read_text(encoding="utf-8").splitlines() if "#" in line] == comments


def test_no_categories_when_told_so(call: Any, tmp_path: Path) -> None:
    file = start(tmp_path)
    assert "new category" not in call("sources", "import", "list.opml", "--no-categories").out
    config = load(file, {})
    assert set(filed(config).values()) == {()}
    assert not config.categories


def test_a_category_without_rules_takes_nothing_by_itself(call: Any, tmp_path: Path) -> None:
    start(tmp_path)
    call("sources", "import", "list.opml")
    assert call("check").code == 0


def test_export_and_import_give_the_same(call: Any, tmp_path: Path) -> None:
    more = "".join(
        f"  - {{name: s{number}, url: https://s{number}.example/, title: S {number}, categories: {said}}}\n"
        for number, said in enumerate(("[b, a]", "[a]", "[]", "[z, b]"))
    )
    rest = "categories:\n" + "".join(
        f"  - {{slug: {slug}, name: {name}, any: [x]}}\n"
        for slug, name in (("a", "Alpha"), ("b", "贝塔"), ("z", "Alpha & more"), ("unused", "Nobody"))
    )
    file = start(tmp_path, more + rest)
    before = load(file, {})
    exported = call("sources", "export").out
    assert exported == call("sources", "export").out
    (tmp_path / "all.opml").write_text(exported, encoding="utf-8")
    file.write_text(HEAD + WIRE, encoding="utf-8")
    assert call("sources", "import", "all.opml").code == 0
    after = load(file, {})
    assert {url: set(slugs) for url, slugs in filed(after).items()} == {
        url: set(slugs) for url, slugs in filed(before).items()
    }
    assert named(after) == {slug: name for slug, name in named(before).items() if slug != "unused"}
    assert {source.title for source in after.sources} == {source.title for source in before.sources}


def test_real_lists_come_in_and_go_out_whole(call: Any, tmp_path: Path, corpora: Path) -> None:
    with gzip.open(corpora / "opml" / "index.jsonl.gz", "rt") as lines:
        listed = [json.loads(line) for line in lines]
    for row in listed:
        file = start(tmp_path)
        data = (corpora / "opml" / row["file"]).read_bytes()
        (tmp_path / "list.opml").write_bytes(data)
        said = call("sources", "import", "list.opml")
        if not row["feeds"]:
            assert said.code == 2, row["file"]
            continue
        left_out = {line.rpartition(": ")[2] for line in said.err.splitlines()}
        wanted = {feed.url for feed in read(data)} - {address.rpartition("address: ")[2] for address in left_out}
        (tmp_path / "again.opml").write_text(call("sources", "export").out, encoding="utf-8")
        assert {feed.url for feed in read((tmp_path / "again.opml").read_bytes())} == wanted | {"https://w.example/f"}
        before = load(file, {})
        file.write_text(HEAD + WIRE, encoding="utf-8")
        assert call("sources", "import", "again.opml").code == 0, row["file"]
        after = load(file, {})
        assert {url: set(slugs) for url, slugs in filed(after).items()} == {
            url: set(slugs) for url, slugs in filed(before).items()
        }
        assert named(after) == named(before)


def test_a_folder_may_be_called_anything(call: Any, tmp_path: Path) -> None:
    names = ["${HOME}", 'A "b" <c>', "a: b # c", "- x", "yes", "007", "Ⅳ", "😀", "x" * 200, "新闻", "軍事", "Économie"]
    file = start(tmp_path)
    feeds = [
        OpmlFeed(title=f"F{at}", url=f"https://f{at}.example/", folders=(Folder(name),))
        for at, name in enumerate(names)
    ]
    (tmp_path / "list.opml").write_bytes(write("All", feeds, [Folder(name) for name in names]))
    said = call("sources", "import", "list.opml")
    assert said.code == 0, said.err
    before = load(file, {"HOME": "nowhere"})
    assert set(named(before).values()) == set(names)
    assert {"category", "category-2", "category-3", "economie", "iv"} <= set(named(before))
    (tmp_path / "again.opml").write_text(call("sources", "export").out, encoding="utf-8")
    file.write_text(HEAD + WIRE, encoding="utf-8")
    assert call("sources", "import", "again.opml").code == 0
    assert (named(load(file, {})), filed(load(file, {}))) == (named(before), filed(before))
