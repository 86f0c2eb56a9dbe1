"""What the links of letters lead to: asking is harmless, one click is enough, and it counts at once."""

import re
import sqlite3
import threading
from contextlib import closing
from pathlib import Path
from urllib.parse import quote, urljoin

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aggregator.app import App
from aggregator.store import deliveries, journal, secrets, subscribers
from aggregator.store.engine import open_engine, reading, writing
from tests.support.site import serving as feeds
from tests.support.smtp import Sink
from tests.support.web import Desk, serving
from tests.support.workspace import Workspace, rss

MULTIPART = (
    b'--b0undary\r\nContent-Disposition: form-data; name="List-Unsubscribe"\r\n\r\nOne-Click\r\n--b0undary--\r\n'
)
FORM = "application/x-www-form-urlencoded"
FORMS = {
    "urlencoded": (b"List-Unsubscribe=One-Click", FORM),
    "multipart": (MULTIPART, "multipart/form-data; boundary=b0undary"),
    "our own button": (b"confirm=yes", FORM),
    "a line end after it": (b"List-Unsubscribe=One-Click\r\n", FORM),
}
ADA, BEN = "ada@x.example", "ben@x.example"


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_one_post_ends_the_subscription_and_what_was_planned(desk: Desk, form: tuple[bytes, str]) -> None:
    desk.planned("daily", 1)
    desk.planned("weekly", 1)
    answer = desk.post(f"/u/{desk.token(ADA)}", *form)
    assert answer.status == 200
    assert "You are unsubscribed" in answer.text
    assert desk.gets(ADA) == ("weekly",)
    assert desk.gets(BEN) == ("daily",)
    assert desk.states() == {
        f"daily/1 {ADA}": "cancelled",
        f"daily/1 {BEN}": "planned",
        f"weekly/1 {ADA}": "planned",
    }


def test_one_click_needs_nothing_but_the_token(desk: Desk) -> None:
    """RFC 8058: no cookie, no redirect, whatever the origin."""
    path = f"/u/{desk.token(ADA)}"
    headers = {"Content_Type": FORM, "Origin": "https://mail.example", "Sec_Fetch_Site": "cross-site", "Cookie": "a=b"}
    answer = desk.ask(path, "POST", b"List-Unsubscribe=One-Click", **headers)
    assert answer.status == 200
    assert "set-cookie" not in answer.headers
    assert "location" not in answer.headers
    assert desk.gets(ADA) == ("weekly",)


def test_once_or_often_is_the_same(desk: Desk) -> None:
    path = f"/u/{desk.token(ADA)}"
    first, second = desk.post(path, *FORMS["urlencoded"]), desk.post(path, *FORMS["multipart"])
    assert (first.status, first.body) == (second.status, second.body)
    with reading(desk.app.engine) as conn:
        events = journal.read(conn, "daily")
    assert [event for _, event in events] == ["subscription 1 ended by its reader; 0 waiting letters cancelled"]


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_looking_writes_nothing(desk: Desk, method: str) -> None:
    """Not a byte: SQLite's own count of what others wrote stands still, and moves with the first POST."""
    token = desk.token(ADA)
    with closing(sqlite3.connect(desk.app.config.database_file or "")) as witness:
        before = _written(witness)
        for path in (f"/u/{token}", f"/p/{token}", f"/u/{token}/undo", f"/u/{token}?List-Unsubscribe=One-Click"):
            assert desk.ask(path, method).status == 200
        assert _written(witness) == before
        desk.post(f"/u/{token}")
        assert _written(witness) != before


def _written(witness: sqlite3.Connection) -> int:
    found: int = witness.execute("PRAGMA data_version").fetchone()[0]
    return found


def test_the_page_asks_with_one_button_and_the_next_one_takes_it_back(desk: Desk) -> None:
    token = desk.token(ADA)
    page = desk.ask(f"/u/{token}")
    assert "Do you want to stop getting Morning &lt;Briefing&gt; by e-mail?" in page.text
    left = desk.post(_action(page.text, f"/u/{token}"))
    assert desk.gets(ADA) == ("weekly",)
    assert "unsubscribed" in desk.ask(f"/u/{token}").text, "who comes again sees how things stand"
    back = desk.post(_action(left.text, f"/u/{token}"))
    assert back.status == 200
    assert "You are subscribed again" in back.text
    assert set(desk.gets(ADA)) == {"daily", "weekly"}


def test_letters_that_were_cancelled_stay_so_after_an_undo(desk: Desk) -> None:
    desk.planned("daily", 1)
    token = desk.token(ADA)
    desk.post(f"/u/{token}")
    desk.post(f"/u/{token}/undo")
    desk.planned("daily", 2)
    assert desk.states()[f"daily/1 {ADA}"] == "cancelled"
    assert desk.states()[f"daily/2 {ADA}"] == "planned"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"List-Unsubscribe=Yes",
        b"confirm=",
        b"confirm=+",
        b"List-Unsubscribe=%20",
        b"\xff=%zz&confirm",
        b"list-unsubscribe=one-click",
    ],
)
def test_a_body_that_does_not_say_so_changes_nothing(desk: Desk, body: bytes) -> None:
    token = desk.token(ADA)
    for path in (f"/u/{token}", f"/u/{token}/undo"):
        assert desk.post(path, body).status == 400
    assert desk.gets(ADA) == ("daily", "weekly")


def test_one_click_does_not_undo(desk: Desk) -> None:
    token = desk.token(ADA)
    desk.post(f"/u/{token}")
    assert desk.post(f"/u/{token}/undo", *FORMS["urlencoded"]).status == 400
    assert desk.gets(ADA) == ("weekly",)


def test_unknown_links_get_one_calm_page(desk: Desk) -> None:
    """Damaged, invented, or of who was erased: nobody can tell one from the other."""
    erased = desk.token(BEN)
    with writing(desk.app.engine) as conn:
        subscribers.remove(conn, BEN)
    damaged = desk.token(ADA)[:-1] + "_"
    looks, posts = set(), set()
    for token in (erased, damaged, "A" * 28, "x", "%3Cscript%3E", "a" * 2000, "%E4%B8%AD"):
        look, post = desk.ask(f"/u/{token}"), desk.post(f"/u/{token}")
        undo, preferences = desk.post(f"/u/{token}/undo"), desk.ask(f"/p/{token}")
        assert [one.status for one in (look, post, undo, preferences)] == [404, 200, 200, 404], token
        looks |= {look.body, preferences.body}
        posts.add(post.body)
    assert len(looks) == 1
    assert posts == looks
    assert desk.gets(ADA) == ("daily", "weekly")


@given(token=st.text(st.characters(codec="utf-8", exclude_characters="/?#%"), min_size=1, max_size=40))
@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_invented_token_does_anything(desk: Desk, token: str) -> None:
    path = quote(token)
    assert desk.ask(f"/u/{path}").status == 404
    assert desk.post(f"/u/{path}").status in {200, 404, 405}  # . and .. are names of other places
    assert desk.gets(ADA) == ("daily", "weekly")


def test_preferences_show_what_comes_and_how_to_end_it(desk: Desk) -> None:
    token = desk.token(ADA)
    page = desk.ask(f"/p/{token}")
    assert "Morning &lt;Briefing&gt;</li>" in page.text
    assert "The Week</li>" in page.text
    desk.post(_action(page.text, f"/p/{token}"))
    assert desk.gets(ADA) == ("weekly",)
    page = desk.ask(f"/p/{token}")
    assert "Briefing&gt;</li>" not in page.text
    desk.post(_action(page.text, f"/p/{token}"))
    assert set(desk.gets(ADA)) == {"daily", "weekly"}


def test_what_belongs_to_a_reader_is_kept_by_nobody(desk: Desk) -> None:
    token = desk.token(ADA)
    answers = [
        desk.ask(f"/u/{token}"), desk.ask(f"/p/{token}"), desk.post(f"/u/{token}"), desk.post(f"/u/{token}/undo"),
        desk.ask("/u/unknown"), desk.post("/u/unknown"), desk.post(f"/u/{token}", b"no"),
    ]  # fmt: skip
    for answer in answers:
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["x-robots-tag"] == "noindex"
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "form-action 'self'" in answer.headers["content-security-policy"]
        assert "unsafe" not in answer.headers["content-security-policy"]
        assert answer.headers["content-type"] == "text/html; charset=utf-8"
        assert ADA.encode() not in answer.body
        assert b"<script" not in answer.body
        assert b"style=" not in answer.body


@pytest.mark.parametrize(
    "desk", [{"publication": {"title": "中国简报", "link": "https://d.example", "language": "zh-Hant"}}], indirect=True
)
def test_the_page_speaks_the_language_of_the_publication(desk: Desk) -> None:
    page = desk.ask(f"/u/{desk.token(ADA)}")
    assert '<html lang="zh-Hant" dir="ltr">' in page.text
    assert "您確定不再透過電子郵件接收《Morning &lt;Briefing&gt;》嗎？" in page.text


def test_a_locked_database_is_told_calmly_and_a_mail_program_tries_again(desk: Desk) -> None:
    token = desk.token(ADA)
    desk.app.engine.dispose()
    desk.app.__dict__["engine"] = open_engine(desk.app.config.database_url, busy_seconds=0.1)
    with writing(open_engine(desk.app.config.database_url)):
        answer = desk.post(f"/u/{token}", *FORMS["urlencoded"])
    assert answer.status == 503
    assert "Something went wrong" in answer.text
    assert desk.gets(ADA) == ("daily", "weekly")


def test_it_counts_before_the_next_letter_of_a_running_send(tmp_path: Path) -> None:
    """Three letters are claimed together and go out one by one; the second reader leaves while the first is sent."""
    with Sink() as sink, feeds("127.0.0.1") as site:
        site.gives("/feed", rss("Wire", {"a": "A chip plant is planned", "b": "A bridge is opened"}))
        space = Workspace(tmp_path, {"wire": site.url("/feed")}, sink.url)
        space.more = {"delivery": {"smtp": sink.url, "from": "d@x.example", "connections": 1, "rate": "1000/s"}}
        space.write()
        app = App(space.config)
        with writing(app.engine) as conn:
            for name in ("one", "two", "three"):
                email = f"{name}@x.example"
                subscribers.add(conn, email=email, key=email, name=None, newsletters=["daily"], now=app.clock())
            secrets.key(conn, "tokens")
        app.poll()
        app.curate()
        app.compose(at_once=True)
        sink.fail("dot", "250 2.0.0 taken", accept=True, wait=True)
        with serving(app) as port:
            _leave_in_the_middle(Desk(app, port), sink)
    assert [letter.recipient for letter in sink.accepted] == ["one@x.example", "three@x.example"]


def _leave_in_the_middle(desk: Desk, sink: Sink) -> None:
    sending = threading.Thread(target=desk.app.deliver)
    sending.start()
    try:
        for _ in range(3000):
            if sink.accepted:
                break
            threading.Event().wait(0.01)
        with reading(desk.app.engine) as conn:
            states = {one.email: one.state for one in deliveries.listed(conn)}
        assert states["two@x.example"] == "claimed"
        answer = desk.post(f"/u/{desk.token('two@x.example')}", *FORMS["urlencoded"])
        assert answer.status == 200
    finally:
        sink.release()
        sending.join(60)
    assert desk.states()["daily/1 two@x.example"] == "cancelled"
    assert desk.states()["daily/1 three@x.example"] == "accepted"


def _action(page: str, at: str) -> str:
    """Where the page's one form leads, as a browser at that address understands it."""
    found: str
    (found,) = re.findall(r'<form class="ask" method="post" action="([^"]*)">', page)
    return urljoin(at, found)
