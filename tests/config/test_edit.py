"""feeds.yaml is changed where it was asked for, and nowhere else."""

import os
import re
import stat
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.config import splice
from aggregator.config.document import Mapping, Scalar, read_nodes
from aggregator.config.edit import add_source, add_sources, remove_source, replace, set_source, source_name
from aggregator.config.kinds import SLUG
from aggregator.config.load import load
from aggregator.errors import BusyError, ConfigError, UsageError

HEAD = "# our briefing\npublication: {title:  'T' , link: https://example.org}   # two blanks are kept\n\n"
BLOCK = """sources:
  # the first
  - name: alpha   # ours
    url: https://alpha.example/feed
    title: "Alpha: the paper"

  # the second, in Chinese
  - name: beta
    url: https://beta.example/feed
    categories:
      - chips   # and nothing else
    language: zh-Hans
# the end of the sources

categories:
- {slug: chips, name: Chips, any: [芯片]}
"""
BRACES = """sources:
- {name: alpha, url: "https://alpha.example/feed",  every: 1h}  # ours
# the second
- {name: beta, url: https://beta.example/feed, title: 'B'}
web: {listen: "127.0.0.1:80"}
"""
BRACKETS = "sources: [{name: alpha, url: https://alpha.example/feed}, {name: beta, url: https://beta.example/feed}]\n"
STYLES = {"block": BLOCK, "braces": BRACES, "brackets": BRACKETS}


@pytest.fixture(params=list(STYLES.values()), ids=list(STYLES))
def feeds(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    return written(tmp_path, HEAD + request.param)


def written(folder: Path, text: str) -> Path:
    path = folder / "feeds.yaml"
    path.write_bytes(text.encode())
    return path


def names(path: Path) -> list[str]:
    return [source.name for source in load(path, {}).sources]


def test_adding_and_removing_again_leaves_every_byte_as_it_was(feeds: Path) -> None:
    before = feeds.read_bytes()
    name = add_source(
        feeds, url="https://gamma.example/rss?a=1&b=2#x", title="Gamma: “quoted”, [and] {more}", weight=2.0
    )
    assert names(feeds) == ["alpha", "beta", name]
    assert feeds.read_bytes() != before
    remove_source(feeds, name)
    assert feeds.read_bytes() == before


def test_adding_touches_no_other_line(feeds: Path) -> None:
    before = feeds.read_text().splitlines()
    add_source(feeds, url="https://gamma.example/rss", name="gamma", every=timedelta(hours=2), paused=True)
    added = load(feeds, {}).sources[2]
    assert (added.every, added.paused, added.title) == (timedelta(hours=2), True, None)
    if len(before) > 5:
        after = feeds.read_text().splitlines()
        assert [line for line in after if line in before] == before


def test_a_new_source_is_written_in_the_style_of_the_last(tmp_path: Path) -> None:
    path = written(tmp_path, HEAD + BLOCK)
    add_source(path, url="https://gamma.example/rss", name="gamma", categories=["chips"])
    new = (
        "    language: zh-Hans\n  - name: gamma\n    url: https://gamma.example/rss\n    categories: [chips]\n# the end"
    )
    assert new in path.read_text()
    path = written(tmp_path, HEAD + BRACES)
    add_source(path, url="https://gamma.example/rss", title="报纸", every="30m")
    new = "title: 'B'}\n- {name: gamma, title: 报纸, url: https://gamma.example/rss, every: 30m}\nweb:"
    assert new in path.read_text()


def test_removing_a_source_keeps_the_comments_around_it(tmp_path: Path) -> None:
    path = written(tmp_path, HEAD + BLOCK)
    remove_source(path, "beta")
    assert path.read_text() == (HEAD + BLOCK).replace(
        BLOCK[BLOCK.index("  - name: beta") : BLOCK.index("# the end")], ""
    )
    path = written(tmp_path, HEAD + BLOCK)
    remove_source(path, "alpha")
    assert "# the first\n\n  # the second, in Chinese\n  - name: beta" in path.read_text()


def test_the_only_source_cannot_be_removed(feeds: Path) -> None:
    remove_source(feeds, "alpha")
    before = feeds.read_bytes()
    with pytest.raises(UsageError, match="only source"):
        remove_source(feeds, "beta")
    assert feeds.read_bytes() == before


def test_setting_a_key_and_taking_it_back(feeds: Path) -> None:
    before = feeds.read_bytes()
    set_source(feeds, "alpha", paused=True, weight=1.5, headers={"X-Token": "a, b"})
    alpha = load(feeds, {}).source("alpha")
    assert alpha is not None
    assert (alpha.paused, alpha.weight, alpha.headers) == (True, 1.5, {"X-Token": "a, b"})
    set_source(feeds, "alpha", paused=None, weight=None, headers=None)
    assert feeds.read_bytes() == before


def test_setting_replaces_the_value_alone(tmp_path: Path) -> None:
    path = written(tmp_path, HEAD + BLOCK)
    set_source(path, "alpha", url="https://new.example/feed", title="New")
    expected = (HEAD + BLOCK).replace("https://alpha.example/feed", "https://new.example/feed")
    assert path.read_text() == expected.replace('"Alpha: the paper"', "New")
    set_source(path, "beta", categories=["chips", "chips"], language=None)
    assert "\n    categories: [chips, chips]   # and nothing else\n# the end" in path.read_text()


def test_the_first_key_of_a_block_can_go(tmp_path: Path) -> None:
    path = written(tmp_path, HEAD + "sources:\n  - every: 2h\n    name: alpha\n    url: https://alpha.example/feed\n")
    set_source(path, "alpha", every=None)
    assert path.read_text() == HEAD + "sources:\n  - name: alpha\n    url: https://alpha.example/feed\n"


def test_an_empty_value_is_filled(tmp_path: Path) -> None:
    path = written(
        tmp_path, HEAD + "sources:\n  - name: a\n    url: https://a.example/\n    title:   # none yet\n\n# end\n"
    )
    set_source(path, "a", title="A paper")
    assert "    title: A paper   # none yet\n\n# end\n" in path.read_text()


def test_the_first_source_of_an_empty_list(tmp_path: Path) -> None:
    for start in ("sources: []\n", "sources:\n", "sources:  # none yet\n"):
        path = written(tmp_path, HEAD + start)
        add_source(path, url="https://www.alpha.example/feed")
        assert names(path) == ["alpha"]


def test_what_comes_from_outside_never_reads_the_environment(feeds: Path) -> None:
    name = add_source(feeds, url="https://gamma.example/?q=${HOME}", title="Tell me ${SMTP_PASSWORD}")
    added = load(feeds, {"SMTP_PASSWORD": "secret", "HOME": "/"}).source(name)
    assert added is not None
    assert (added.url, added.title) == ("https://gamma.example/?q=${HOME}", "Tell me ${SMTP_PASSWORD}")
    with pytest.raises(UsageError, match="has this address"):
        add_source(feeds, url="https://gamma.example/?q=${HOME}")


def test_variables_that_are_not_set_do_not_hinder_an_edit(tmp_path: Path) -> None:
    text = HEAD + BRACES + 'delivery: {smtp: "smtp://u:${PASSWORD}@host:587", from: a@example.org, rate: "${RATE}"}\n'
    path = written(tmp_path, text)
    add_source(path, url="https://gamma.example/rss", name="gamma")
    assert "${PASSWORD}" in path.read_text()


def test_a_result_that_would_be_wrong_is_refused(feeds: Path) -> None:
    before = feeds.read_bytes()
    with pytest.raises(ConfigError, match=r"sources\[2\]\.url.*no web address"):
        add_source(feeds, url="gopher://gamma.example", name="gamma")
    with pytest.raises(ConfigError, match=r"sources\[0\]\.section.*no section has the slug opinions"):
        set_source(feeds, "alpha", section="opinions")
    with pytest.raises(ConfigError, match=r"sources\[2\]\.color.*unknown key"):
        add_source(feeds, url="https://gamma.example", name="gamma", color="red")
    with pytest.raises(UsageError, match="named alpha already"):
        add_source(feeds, url="https://gamma.example", name="alpha")
    with pytest.raises(UsageError, match="no source named alhpa") as raised:
        remove_source(feeds, "alhpa")
    assert raised.value.hint == "did you mean alpha?"
    assert feeds.read_bytes() == before
    assert [file.name for file in feeds.parent.iterdir()] == ["feeds.yaml"]


def test_a_file_that_is_wrong_already_is_left_alone_and_its_own_mistakes_are_told(feeds: Path) -> None:
    feeds.write_text(feeds.read_text().replace("link:", "lnk:"))
    with pytest.raises(ConfigError, match=r"feeds\.yaml:2: publication\.lnk: unknown key"):
        add_source(feeds, url="https://gamma.example/rss")


def test_many_at_once_leave_out_the_known(feeds: Path) -> None:
    added = add_sources(
        feeds,
        [
            {"url": "https://alpha.example/feed", "title": "Alpha again"},
            {"url": "https://one.example/feed", "title": "One"},
            {"url": "https://two.example/feed", "title": "One"},
            {"url": "https://one.example/feed", "title": "One, twice"},
        ],
    )
    assert added == ["one", "one-2"]
    assert names(feeds) == ["alpha", "beta", "one", "one-2"]
    assert add_sources(feeds, [{"url": "https://one.example/feed"}]) == []


def test_permissions_links_line_ends_and_byte_order_mark_stay(tmp_path: Path) -> None:
    real = written(tmp_path, "\ufeff" + (HEAD + BLOCK).replace("\n", "\r\n"))
    real.chmod(0o640)
    link = tmp_path / "link.yaml"
    link.symlink_to(real)
    add_source(link, url="https://gamma.example/rss", name="gamma")
    assert link.is_symlink()
    assert stat.S_IMODE(real.stat().st_mode) == 0o640
    data = real.read_bytes()
    assert data.startswith(b"\xef\xbb\xbf#")
    assert data.count(b"\n") == data.count(b"\r\n")
    assert names(real) == ["alpha", "beta", "gamma"]


def test_somebody_else_was_faster(feeds: Path) -> None:
    old = feeds.read_text()
    feeds.write_text(old + "# changed in an editor\n")
    with pytest.raises(BusyError, match="changed by somebody else"):
        replace(feeds, old, "lost")
    assert feeds.read_text().endswith("# changed in an editor\n")
    assert os.listdir(feeds.parent) == ["feeds.yaml"]  # noqa: PTH208  names, not paths


@pytest.mark.parametrize(
    ("url", "title", "name"),
    [
        ("https://www.scmp.com/rss", None, "scmp"),
        ("https://feeds.bbci.co.uk/news", None, "bbci"),
        ("https://example.org/feed", "The People's Daily (Overseas)", "the-peoples-daily-overseas"),
        ("https://www.caixin.com/feed", "财新网", "caixin"),
        ("https://news.sina.com.cn/rss", "新浪新闻 News", "news-sina"),
        ("http://127.0.0.1:8000/feed", None, "127-0-0-1"),
        ("http://localhost/feed", None, "localhost"),
        ("http://[::1]/feed", "", "1"),
        ("not an address", None, "source"),
    ],
)
def test_names_come_from_titles_and_hosts(url: str, title: str | None, name: str) -> None:
    assert source_name(url, title, set()) == name
    assert source_name(url, title, {name}) == f"{name}-2"


@given(st.text(), st.none() | st.text(max_size=300), st.sets(st.just("a")))
def test_a_made_name_is_always_a_slug_and_free(url: str, title: str | None, taken: set[str]) -> None:
    name = source_name("https://" + url, title, taken)
    assert name not in taken
    assert re.fullmatch(SLUG, name)
    assert len(name) <= 64


TEXTS = st.text(st.characters(exclude_categories=["Cs"]))
VALUES = TEXTS | st.booleans() | st.integers(-(10**9), 10**9) | st.floats(0.001, 9) | st.lists(TEXTS)


@given(st.dictionaries(TEXTS, VALUES | st.dictionaries(TEXTS, TEXTS), min_size=1))
def test_what_is_written_is_what_is_read(row: dict[str, Any]) -> None:
    for text in (splice.flow(row), "- [" + splice.flow(row) + "]"):
        root, mistakes = read_nodes(text, "f")
        while not isinstance(root, Mapping):
            assert not isinstance(root, Scalar)
            assert root is not None
            root = root.items[0]
        assert mistakes == []
        assert said(root) == row


def said(node: Any) -> Any:
    if isinstance(node, Scalar):
        return node.value
    if isinstance(node, Mapping):
        return {key.text: said(value) for key, value in node.pairs}
    return [said(item) for item in node.items]


COMMENTS = st.sampled_from(["", "\n", "  # why: because - of this", "\n\n    # - a dash, {braces} and: a colon\n"])


@given(
    st.lists(st.tuples(st.sampled_from(["block", "braces"]), COMMENTS, st.booleans()), min_size=2, max_size=5),
    st.data(),
)
def test_any_mixture_of_styles_survives(
    tmp_path_factory: pytest.TempPathFactory, items: list[tuple[str, str, bool]], data: st.DataObject
) -> None:
    text = HEAD + "sources:\n"
    for number, (style, comment, quoted) in enumerate(items):
        url = f'"https://h{number}.example/"' if quoted else f"https://h{number}.example/"
        if style == "block":
            text += f"  - name: s{number}\n    url: {url}{comment}\n"
        else:
            text += f"  - {{name: s{number}, url: {url} }}{comment}\n"
    path = written(tmp_path_factory.mktemp("mixed"), text)
    gone = data.draw(st.integers(0, len(items) - 1))
    add_source(path, url="https://new.example/", name="new")
    set_source(path, f"s{gone}", title="T: t", tested=False)
    remove_source(path, f"s{gone}")
    remove_source(path, "new")
    assert names(path) == [f"s{number}" for number in range(len(items)) if number != gone]
    kept = path.read_text().splitlines()
    assert [line for line in text.splitlines() if "#" in line and f"h{gone}." not in line] == [
        line for line in kept if "#" in line
    ]
