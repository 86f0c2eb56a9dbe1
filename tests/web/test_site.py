"""The published folder as a browser sees it, and what nobody may see."""

import os
import re
import resource
import socket
import time
from contextlib import ExitStack
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aggregator.app import App
from aggregator.errors import StoreError, UsageError
from aggregator.web import files, server
from aggregator.web.server import addresses, listen
from tests.support.web import Desk, configured, serving

KINDS = {
    "index.html": "text/html; charset=utf-8",
    "style.css": "text/css; charset=utf-8",
    "atom.xml": "application/atom+xml",
    "categories/technology/atom.xml": "application/atom+xml",
    "rss.xml": "application/rss+xml",
    "feed.json": "application/feed+json",
    "editions/daily/1/edition.json": "application/json",
    "editions/daily/1/email.txt": "text/plain; charset=utf-8",
    "sources.opml": "text/x-opml; charset=utf-8",
    "logo.svg": "image/svg+xml",
    "page.html.part": "application/octet-stream",
}


@pytest.mark.parametrize("path", KINDS)
def test_every_file_has_its_kind_and_its_bytes(desk: Desk, path: str) -> None:
    desk.put(path, f"bytes of {path}")
    answer = desk.ask(f"/{path}")
    assert (answer.status, answer.body) == (200, f"bytes of {path}".encode())
    assert answer.headers["content-type"] == KINDS[path]
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-security-policy"].startswith("default-src 'none'; style-src 'self'")
    head = desk.ask(f"/{path}", "HEAD")
    assert (head.status, head.body, head.headers["content-length"]) == (200, b"", answer.headers["content-length"])


def test_the_search_may_run_its_script(desk: Desk) -> None:
    for path in ("search/index.html", "search/search.js", "index.html"):
        desk.put(path, "x")
    for path in ("/search/", "/search/index.html"):
        policy = desk.ask(path).headers["content-security-policy"].split("; ")
        assert {"default-src 'none'", "script-src 'self'", "connect-src 'self'"} <= set(policy)
    assert "script-src" not in desk.ask("/").headers["content-security-policy"]


def test_what_a_reader_has_is_not_sent_again(desk: Desk) -> None:
    desk.put("atom.xml", "<feed/>")
    first = desk.ask("/atom.xml")
    again = desk.ask("/atom.xml", If_None_Match=first.headers["etag"])
    assert (again.status, again.body) == (304, b"")
    assert again.headers["etag"] == first.headers["etag"]
    assert desk.ask("/atom.xml", If_Modified_Since=first.headers["last-modified"]).status == 304
    desk.put("atom.xml", "<feed>new</feed>")
    changed = desk.ask("/atom.xml", If_None_Match=first.headers["etag"])
    assert (changed.status, changed.body) == (200, b"<feed>new</feed>")


def test_a_folder_is_its_index_and_leads_there_by_a_relative_way(desk: Desk) -> None:
    desk.put("index.html", "front")
    desk.put("editions/a b:c/index.html", "numbers")
    assert desk.ask("/").text == "front"
    assert desk.ask("/editions/a%20b:c/").text == "numbers"
    answer = desk.ask("/editions/a%20b:c", Host="evil.example")
    assert answer.status == 308
    assert answer.headers["location"] == "./a%20b%3Ac/"
    assert desk.ask("/editions/").status == 404, "a folder without an index shows nothing"
    assert desk.ask("/editions").status == 404


def test_before_the_first_publish_the_front_page_says_so_and_is_styled(desk: Desk) -> None:
    front = desk.ask("/")
    assert front.status == 404
    assert "Nothing has been published yet" in front.text
    style = desk.ask("/style.css")
    assert style.status == 200
    assert style.headers["content-type"].startswith("text/css")


TRAVERSALS = [
    "/../secret", "/..%2fsecret", "/%2e%2e/secret", "/%2e%2e%2fsecret", "/stories/../../secret", "/..%5csecret",
    "/stories/..%2f..%2fsecret", "//secret", "//etc/passwd", "/%2fetc%2fpasswd", "/stories//page.html", "/./secret",
    "/.hidden", "/stories/.hidden", "/.git/config", "/%00", "/secret%00.html", "/link", "/folder-link/secret",
    "/hidden-link", "/loop", "/stories/%2e/page.html", "/" + "a" * 5000, "/" + "a/" * 3000,
]  # fmt: skip


@pytest.mark.parametrize("path", TRAVERSALS, ids=lambda path: path[:40])
def test_nothing_beside_the_folder_is_served(desk: Desk, path: str) -> None:
    out = desk.put("stories/page.html", "a page").parents[1]
    (out.parent / "secret").write_text("SECRET")
    for hidden in (".hidden", "stories/.hidden", ".git/config"):
        desk.put(hidden, "SECRET")
    (out / "link").symlink_to(out.parent / "secret")
    (out / "folder-link").symlink_to(out.parent)
    (out / "hidden-link").symlink_to(".hidden")
    (out / "loop").symlink_to("loop")
    answer = desk.ask(path)
    assert answer.status == 404
    assert b"SECRET" not in answer.body
    assert b"root:" not in answer.body
    assert "There is no such page" in answer.text
    assert "location" not in answer.headers


def test_links_that_stay_inside_are_followed(desk: Desk) -> None:
    desk.put("atom.xml", "<feed/>")
    (desk.out / "feed.xml").symlink_to("atom.xml")
    assert desk.ask("/feed.xml").text == "<feed/>"


def test_a_pipe_does_not_make_us_wait(desk: Desk) -> None:
    desk.out.mkdir(parents=True, exist_ok=True)
    os.mkfifo(desk.out / "pipe.html")
    assert desk.ask("/pipe.html").status == 404


@given(path=st.text(st.sampled_from("./\\%~\0ab"), max_size=12))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_path_leads_outside(tmp_path: Path, path: str) -> None:
    root = tmp_path / "out"
    (root / "a").mkdir(parents=True, exist_ok=True)
    for place, text in ((tmp_path / "a.b", "outside"), (root / "a" / "index.html", "inside"), (root / ".a", "hidden")):
        place.write_text(text)
    found = files.find(root, path)
    assert found is None or found.body == b"inside"


def test_a_page_that_is_not_there_says_nothing_of_what_was_asked(desk: Desk) -> None:
    answer = desk.ask("/a/b/%3Cscript%3Ealert(1)%3C/script%3E?q=%22onload")
    assert answer.status == 404
    assert "alert" not in answer.text
    assert "onload" not in answer.text
    assert 'href="../../../style.css"' in answer.text, "its style is found from that depth"


@pytest.mark.parametrize(
    "path",
    ["/a", "/a/", "/a/b", "/a%2Fb", "/a%2fb/c", "//a", "//a//b/", "/a?b=/c/d", "/%E4%B8%AD/a%2F%2Fb?/", "/u/a%2Fb/c"],
)
def test_the_style_is_found_from_wherever_the_browser_is(desk: Desk, path: str) -> None:
    """As it counts (urljoin does not): an escaped slash separates nothing, each of a doubled one does. Behind a proxy
    under a prefix, one step too many leads out of it.
    """
    (ups,) = re.findall(r'href="((?:\.\./)*)style\.css"', desk.ask(path).text)
    folders = f"/pre/fix{path}".partition("?")[0].split("/")[:-1]
    assert folders[: len(folders) - ups.count("/")] == ["", "pre", "fix"]


def test_the_whole_address_in_a_request_is_understood(desk: Desk) -> None:
    assert 'href="../style.css"' in desk.ask(f"http://127.0.0.1:{desk.port}/a/b?c").text


def test_many_idle_connections_keep_nobody_out(desk: Desk) -> None:
    """More than a hundred, and some with numbers that select cannot watch."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(4096, hard), hard))
    with ExitStack() as held:
        held.callback(resource.setrlimit, resource.RLIMIT_NOFILE, (soft, hard))
        for _ in range(1030):
            held.callback(os.close, os.open("/", os.O_RDONLY))
        for _ in range(150):
            held.enter_context(socket.create_connection(("127.0.0.1", desk.port)))
        begun = time.monotonic()
        assert desk.ask("/healthz").status == 200
        assert time.monotonic() - begun < 5


def test_who_says_nothing_more_is_let_go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "_IDLE_SECONDS", 1)
    with serving(App(configured(tmp_path))) as port, socket.create_connection(("127.0.0.1", port), timeout=30) as slow:
        slow.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n")
        assert slow.recv(1) == b"", "its connection is closed"


def test_every_link_of_our_own_pages_is_relative(desk: Desk) -> None:
    """So that a proxy may take a prefix away that we know nothing of."""
    token = desk.token("ada@x.example")
    for path in ("/", "/subscribe", f"/u/{token}", f"/p/{token}", "/a/b/c"):
        page = desk.ask(path).text
        assert 'href="/' not in page
        assert 'action="/' not in page
        assert "127.0.0.1" not in page


def test_other_methods_are_refused_calmly(desk: Desk) -> None:
    for path, method in (("/", "POST"), ("/subscribe", "PUT"), ("/u/x", "DELETE"), ("/healthz", "POST")):
        answer = desk.ask(path, method, b"")
        assert answer.status == 405
        assert "GET" in answer.headers["allow"]
        assert "This cannot be answered" in answer.text


def test_too_large_a_body_is_refused(desk: Desk) -> None:
    answer = desk.post(f"/u/{desk.token('ada@x.example')}", b"confirm=yes&x=" + b"x" * 100_000)
    assert answer.status == 413
    assert desk.gets("ada@x.example") == ("daily", "weekly")


def test_the_mail_keeps_its_styles_and_may_do_nothing_else(desk: Desk) -> None:
    desk.put("editions/daily/1/email.html", "<p style='color:red'>")
    policy = desk.ask("/editions/daily/1/email.html").headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; style-src 'unsafe-inline';")
    assert "form-action 'none'" in policy


def test_health_tells_the_truth(desk: Desk) -> None:
    good = desk.ask("/healthz")
    assert (good.status, good.text, good.headers["content-type"]) == (200, '{"status": "ok"}', "application/json")
    file = desk.app.config.database_file
    assert file is not None
    desk.app.engine.dispose()
    file.write_bytes(b"no database at all" * 100)
    for suffix in ("-wal", "-shm"):
        file.with_name(file.name + suffix).unlink(missing_ok=True)
    bad = desk.ask("/healthz")
    assert (bad.status, bad.text) == (503, '{"status": "the database does not answer"}')


def test_how_to_subscribe_names_who_to_write_to(desk: Desk) -> None:
    page = desk.ask("/subscribe")
    assert page.status == 200
    assert "mailto:" not in page.text
    assert "Morning &lt;Briefing&gt;" in page.text


AUTHOR = {"title": "T", "link": "https://d.example", "author": {"name": "Desk", "email": "desk@x.example"}}


@pytest.mark.parametrize("desk", [{"publication": AUTHOR}], indirect=True)
def test_the_operators_address_is_a_link(desk: Desk) -> None:
    assert '<a href="mailto:desk%40x.example">desk@x.example</a>' in desk.ask("/subscribe").text


def test_a_port_that_is_taken_is_a_clear_error(tmp_path: Path) -> None:
    app = App(configured(tmp_path))
    with (
        socket.create_server(("127.0.0.1", 0)) as taken,
        pytest.raises(UsageError, match=r"cannot listen on 127\.0\.0\.1"),
    ):
        listen(app, "127.0.0.1", taken.getsockname()[1])
    app.close()


def test_a_host_that_is_none_is_a_clear_error(tmp_path: Path) -> None:
    app = App(configured(tmp_path))
    with pytest.raises(UsageError, match=r"cannot listen on no\.such\.host\.invalid"):
        listen(app, "no.such.host.invalid", 0)
    app.close()


def test_without_a_database_it_does_not_begin(tmp_path: Path) -> None:
    (tmp_path / "state.db").write_bytes(b"this is a letter, not a database" * 50)
    with pytest.raises(StoreError):
        listen(App(configured(tmp_path)), "127.0.0.1", 0)


def test_where_it_listens_as_a_browser_takes_it(tmp_path: Path) -> None:
    app = App(configured(tmp_path))
    listening = listen(app, "127.0.0.1", 0)
    assert addresses(listening) == [f"http://127.0.0.1:{listening.effective_port}/"]
    listening.close()
    app.close()
