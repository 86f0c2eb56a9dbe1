"""Manners and limits of the fetcher, with the request log of real servers on loopback as witness."""

import asyncio
import gzip
import threading
import time
import zlib
from collections.abc import Callable, Iterable
from datetime import timedelta
from itertools import pairwise
from typing import Any

import aiohttp
import brotli
import pytest
import zstandard

from aggregator.collect.client import open_session
from aggregator.collect.fetch import HttpFetcher
from aggregator.collect.guard import Guard
from aggregator.config import PollSettings
from aggregator.errors import FetchError
from aggregator.model import Page, Request
from tests.support.site import Site

BODY = b"<rss version='2.0'><channel><title>News</title></channel></rss>"
MEGABYTE = 1_000_000


def ask(url: str, settings: PollSettings, **fields: Any) -> Page | FetchError:
    asked = Request(source="sample", url=url, **fields)
    ((answered, answer),) = HttpFetcher(settings, "aggregator/1 (+https://desk.example)").fetch([asked])
    assert answered is asked
    return answer


def page(answer: Page | FetchError) -> Page:
    assert isinstance(answer, Page), answer
    return answer


def error(answer: Page | FetchError) -> FetchError:
    assert isinstance(answer, FetchError), answer
    return answer


def requests(urls: Iterable[str]) -> list[Request]:
    return [Request(source=f"s{number}", url=url) for number, url in enumerate(urls)]


def deflated(body: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(body) + packer.flush()


CODINGS: dict[str, tuple[str, Callable[[bytes], bytes]]] = {
    "gzip": ("gzip", gzip.compress),
    "gzip under its old name": ("x-gzip", gzip.compress),
    "gzip in two members": ("gzip", lambda body: gzip.compress(body[:9]) + gzip.compress(body[9:])),
    "deflate as the standard says": ("deflate", zlib.compress),
    "deflate as some servers say": ("Deflate", deflated),
    "brotli": ("br", brotli.compress),
    "zstd": ("zstd", zstandard.compress),
    "zstd in two frames": ("zstd", lambda body: zstandard.compress(body[:9]) + zstandard.compress(body[9:])),
    "none": ("identity", bytes),
}


def test_a_page_and_what_it_was_asked_with(site: Site, settings: PollSettings) -> None:
    url = site.gives("/feed", BODY, headers={"ETag": '"1"', "Content-Type": "text/xml", "Set-Cookie": "a=b"})
    for _ in range(2):
        found = page(ask(url, settings))
    assert (found.url, found.final_url, found.status, found.body, found.permanent_url) == (url, url, 200, BODY, None)
    assert (found.headers["etag"], found.headers["content-type"]) == ('"1"', "text/xml")
    sent = site.log[-1].headers
    assert sent["user-agent"] == "aggregator/1 (+https://desk.example)"
    assert "application/atom+xml" in sent["accept"]
    assert not {"cookie", "referer", "if-none-match", "if-modified-since", "authorization"} & set(sent)


@pytest.mark.parametrize("etag", ['"plain"', 'W/"weak"', "unquoted", '"with spaces, commas"', "'single'", '"umlaut-ü"'])
def test_validators_go_back_as_they_came(site: Site, settings: PollSettings, etag: str) -> None:
    odd_date = "14.05.2020 8 Uhr"
    url = site.gives("/feed", status=304, headers={"ETag": etag.encode().decode("latin-1")})
    found = page(ask(url, settings, etag=etag, last_modified=odd_date))
    assert (found.status, found.body, found.headers["etag"]) == (304, b"", etag)
    sent = site.log[0].headers
    assert sent["if-none-match"].encode("latin-1").decode() == etag
    assert sent["if-modified-since"] == odd_date


def test_304_that_nobody_asked_for_is_an_error(site: Site, settings: PollSettings) -> None:
    failed = error(ask(site.gives("/feed", status=304), settings))
    assert (failed.problem, failed.status) == ("status", 304)


@pytest.mark.parametrize(("coding", "pack"), CODINGS.values(), ids=CODINGS.keys())
def test_codings_are_undone(site: Site, settings: PollSettings, coding: str, pack: Callable[[bytes], bytes]) -> None:
    url = site.gives("/feed", pack(BODY * 1000), headers={"Content-Encoding": coding})
    assert page(ask(url, settings)).body == BODY * 1000


@pytest.mark.parametrize(("coding", "pack"), CODINGS.values(), ids=CODINGS.keys())
def test_bombs_are_stopped(site: Site, coding: str, pack: Callable[[bytes], bytes]) -> None:
    url = site.gives("/feed", pack(bytes(30 * MEGABYTE)), headers={"Content-Encoding": coding})
    failed = error(ask(url, PollSettings(allow_private_networks=True, max_bytes=MEGABYTE)))
    assert (failed.problem, failed.status) == ("size", 200)


@pytest.mark.parametrize(("coding", "pack"), CODINGS.values(), ids=CODINGS.keys())
def test_what_unpacks_to_hundreds_of_times_its_size_is_no_feed(
    site: Site, settings: PollSettings, coding: str, pack: Callable[[bytes], bytes]
) -> None:
    """Within `max_bytes`; a real feed, however repetitive, comes to a few dozen times."""
    body = bytes(5 * MEGABYTE)
    answer = ask(site.gives("/feed", pack(body), headers={"Content-Encoding": coding}), settings)
    if coding == "identity":
        assert page(answer).body == body
    else:
        assert "times its size" in error(answer).message


@pytest.mark.parametrize(
    ("coding", "body"),
    [
        pytest.param("gzip, gzip", gzip.compress(gzip.compress(BODY)), id="packed twice"),
        pytest.param("compress", BODY, id="unknown"),
        pytest.param("gzip", BODY, id="not what it says"),
        pytest.param("gzip", gzip.compress(BODY)[:-9], id="gzip ends early"),
        pytest.param("br", brotli.compress(BODY * 99)[:-3], id="brotli ends early"),
        pytest.param("zstd", zstandard.compress(BODY * 99)[:-3], id="zstd ends early"),
        pytest.param("zstd", BODY, id="no zstd"),
        pytest.param("br", BODY, id="no brotli"),
    ],
)
def test_codings_that_cannot_be_undone(site: Site, settings: PollSettings, coding: str, body: bytes) -> None:
    failed = error(ask(site.gives("/feed", body, headers={"Content-Encoding": coding}), settings))
    assert failed.problem == "coding"


def test_a_body_that_never_ends_is_stopped(site: Site) -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\n\r\n"
    url = site.sends("/feed", head, *[bytes(10_000)] * 500)
    limits = PollSettings(allow_private_networks=True, max_bytes=MEGABYTE)
    assert error(ask(url, limits)).problem == "size"
    announced = site.sends("/long", b"HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\n")
    assert error(ask(announced, limits)).problem == "size"


# --- redirects -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("status", "permanent"), [(301, True), (308, True), (302, False), (303, False), (307, False)])
def test_kinds_of_redirects(site: Site, settings: PollSettings, status: int, *, permanent: bool) -> None:
    new = site.gives("/new", BODY)
    found = page(ask(site.redirects("/old", status, "/new"), settings))
    assert (found.final_url, found.body) == (new, BODY)
    assert found.permanent_url == (new if permanent else None)


@pytest.mark.parametrize(
    ("statuses", "permanent"),
    [
        pytest.param((301, 308), "/2", id="permanent all the way"),
        pytest.param((301, 302), "/1", id="permanent, then temporary"),
        pytest.param((302, 301), None, id="temporary, then permanent"),
        pytest.param((301, 302, 301), "/1", id="broken in between"),
        pytest.param((301, 301, 301, 301, 301), "/5", id="five hops"),
    ],
)
def test_permanent_address_is_where_the_unbroken_chain_leads(
    site: Site, settings: PollSettings, statuses: tuple[int, ...], permanent: str | None
) -> None:
    for step, status in enumerate(statuses):
        site.redirects(f"/{step}", status, f"/{step + 1}")
    site.gives(f"/{len(statuses)}", BODY)
    found = page(ask(site.url("/0"), settings))
    assert found.permanent_url == (site.url(permanent) if permanent else None)


@pytest.mark.parametrize(
    "targets",
    [
        pytest.param(("/0",), id="to itself"),
        pytest.param(("/1", "/2", "/0"), id="in a circle"),
        pytest.param(("/1", "/2", "/3", "/4", "/5", "/6"), id="six hops"),
        pytest.param(("",), id="to nowhere"),
        pytest.param(("http://[bad",), id="to nonsense"),
    ],
)
def test_redirects_that_lead_nowhere(site: Site, settings: PollSettings, targets: tuple[str, ...]) -> None:
    for step, target in enumerate(targets):
        site.redirects(f"/{step}", 301, target)
    site.gives("/6", BODY)
    assert error(ask(site.url("/0"), settings)).problem == "redirects"
    assert not site.asked("/6")


def test_redirect_to_another_scheme_is_refused(site: Site, settings: PollSettings) -> None:
    for target in ("ftp://127.0.0.1/feed", "file:///etc/hostname", "gopher://127.0.0.1/"):
        assert error(ask(site.redirects("/feed", 302, target), settings)).problem == "address"


def test_what_belongs_to_one_host_goes_to_no_other(site: Site, other_site: Site, settings: PollSettings) -> None:
    target = other_site.gives("/feed", BODY)
    url = site.redirects("/feed", 301, target)
    page(ask(url, settings, etag='"1"', last_modified="long ago", headers={"X-Key": "secret"}))
    first, second = site.log[0].headers, other_site.log[0].headers
    assert (first["x-key"], first["if-none-match"], first["if-modified-since"]) == ("secret", '"1"', "long ago")
    assert not {"x-key", "if-none-match", "if-modified-since"} & set(second)


def test_validators_go_where_they_came_from_behind_a_redirect(
    site: Site, other_site: Site, settings: PollSettings
) -> None:
    target = other_site.gives("/feed", status=304)
    url = site.redirects("/feed", 302, target)
    found = page(ask(url, settings, etag='"1"', validators_url=target))
    assert (found.status, found.final_url) == (304, target)
    assert "if-none-match" not in site.log[0].headers
    assert other_site.log[0].headers["if-none-match"] == '"1"'


def test_cookies_are_not_kept_from_hop_to_hop(site: Site, settings: PollSettings) -> None:
    site.gives("/new", BODY)
    url = site.gives("/old", status=302, headers={"Location": "/new", "Set-Cookie": "id=1; Path=/"})
    page(ask(url, settings))
    assert "cookie" not in site.asked("/new")[0].headers


# --- failures --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [206, 400, 403, 404, 410, 429, 500, 503, 599])
def test_statuses_that_give_no_page(site: Site, settings: PollSettings, status: int) -> None:
    failed = error(ask(site.gives("/feed", b"no", status=status, headers={"Retry-After": "120"}), settings))
    assert (failed.problem, failed.status, failed.headers["retry-after"]) == ("status", status, "120")
    assert str(status) in failed.message


@pytest.mark.parametrize(
    ("pieces", "problem"),
    [
        pytest.param([b""], "connection", id="nothing"),
        pytest.param([b"no HTTP at all\r\n\r\n"], "connection", id="no HTTP"),
        pytest.param([b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort"], "connection", id="ends early"),
        pytest.param([b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"], "connection", id="bad chunk"),
        pytest.param([b"HTTP/1.1 200 OK\r\nX: " + b"y" * 100_000 + b"\r\n\r\n"], "connection", id="endless header"),
        pytest.param([b"HTTP/1.1 200 OK\r\n", *[b"X: y\r\n"] * 50_000], "connection", id="endless headers"),
    ],
)
def test_servers_that_break_off(site: Site, settings: PollSettings, pieces: list[bytes], problem: str) -> None:
    assert error(ask(site.sends("/feed", *pieces), settings)).problem == problem


def test_header_bytes_of_any_kind_are_text_that_can_be_stored(site: Site, settings: PollSettings) -> None:
    url = site.sends("/feed", b'HTTP/1.1 200 OK\r\nETag: "\xff\xfe"\r\nContent-Length: 1\r\n\r\nx')
    assert page(ask(url, settings)).headers["etag"] == '"ÿþ"'


def test_the_whole_request_has_one_deadline(site: Site) -> None:
    hasty = PollSettings(allow_private_networks=True, timeout=timedelta(seconds=0.4))
    drip = site.sends("/drip", b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n", *[b"x"] * 1000, pause=0.05)
    silent = site.gives("/silent", BODY, pause=30)
    for step in range(4):
        site.gives(f"/{step}", status=302, headers={"Location": f"/{step + 1}"}, pause=0.15)
    site.gives("/4", BODY)
    for url in (drip, silent, site.url("/0")):
        assert error(ask(url, hasty)).problem == "timeout"


def test_names_and_ports_without_anybody(site: Site, settings: PollSettings) -> None:
    assert error(ask("http://nobody.invalid/feed", settings)).problem == "name"
    assert error(ask("http://127.0.0.3:9/feed", settings)).problem == "connection"
    assert error(ask(site.url("/feed").replace("http:", "https:"), settings)).problem == "tls"
    assert error(ask("http://" + "a" * 300 + ".example/feed", settings)).problem in {"address", "name"}


def test_one_bad_source_does_not_harm_the_round(site: Site, settings: PollSettings) -> None:
    good = [site.gives(f"/good{number}", BODY) for number in range(5)]
    bad = [
        site.sends("/bad", b"\x00\x01"),
        site.redirects("/circle", 301, "/circle"),
        site.gives("/gone", status=410),
        site.gives("/lies", BODY, headers={"Content-Encoding": "br"}),
        "http://nobody.invalid/",
        "ftp://127.0.0.1/",
        "http://[::",
        "nonsense",
    ]
    answers = list(HttpFetcher(settings, "ua").fetch(requests(bad + good)))
    assert sorted(request.url for request, _ in answers) == sorted(bad + good)
    assert {request.url for request, answer in answers if isinstance(answer, Page)} == set(good)


# --- many at once ----------------------------------------------------------------------------------------


def test_no_host_is_asked_more_than_it_may_be(site: Site, other_site: Site) -> None:
    polite = PollSettings(allow_private_networks=True, per_host=2)
    urls = [each.gives(f"/{number}", BODY, pause=0.02) for number in range(10) for each in (site, other_site)]
    assert all(isinstance(answer, Page) for _, answer in HttpFetcher(polite, "ua").fetch(requests(urls)))
    assert (site.busiest, other_site.busiest) == (2, 2)


def test_no_more_than_allowed_are_under_way(open_site: Callable[[str], Site]) -> None:
    sites = [open_site(f"127.0.0.{number}") for number in range(1, 7)]
    urls = [site.gives(f"/{number}", BODY, pause=0.05) for site in sites for number in range(2)]
    few = PollSettings(allow_private_networks=True, concurrency=3, per_host=2)
    watched: list[int] = []
    done = threading.Event()

    def watch() -> None:
        while not done.wait(0.005):
            watched.append(sum(site.busy for site in sites))

    watcher = threading.Thread(target=watch)
    watcher.start()
    list(HttpFetcher(few, "ua").fetch(requests(urls)))
    done.set()
    watcher.join()
    assert 1 < max(watched) <= 3


def test_starts_on_one_host_are_apart(site: Site) -> None:
    calm = PollSettings(allow_private_networks=True, per_host=4, per_host_delay=timedelta(seconds=0.1))
    list(HttpFetcher(calm, "ua").fetch(requests(site.gives(f"/{number}", BODY) for number in range(4))))
    times = sorted(asked.at for asked in site.log)
    assert min(later - earlier for earlier, later in pairwise(times)) > 0.05


def test_a_slow_host_holds_up_nobody_else(site: Site, other_site: Site) -> None:
    slow = [site.gives(f"/{number}", BODY, pause=5) for number in range(6)]
    quick = [other_site.gives(f"/{number}", BODY) for number in range(6)]
    few = PollSettings(allow_private_networks=True, concurrency=3, per_host=2)
    answers = HttpFetcher(few, "ua").fetch(requests(slow + quick))
    first = [next(answers)[0].url for _ in quick]
    answers.close()
    assert set(first) == set(quick)


def test_closing_early_ends_everything(site: Site, settings: PollSettings) -> None:
    urls = [site.gives(f"/{number}", BODY, pause=0.0 if number == 0 else 10) for number in range(50)]
    answers = HttpFetcher(settings, "ua").fetch(requests(urls))
    next(answers)
    answers.close()
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("fetch")]
    assert len(site.log) <= 3


def test_a_slow_caller_holds_back_the_asking(site: Site) -> None:
    few = PollSettings(allow_private_networks=True, concurrency=4, per_host=4)
    urls = [site.gives(f"/{number}", BODY) for number in range(100)]
    answers = HttpFetcher(few, "ua").fetch(requests(urls))
    next(answers)
    time.sleep(0.3)
    assert len(site.log) <= 4 + 2 * 4 + 4
    assert len(list(answers)) == 99


def test_proxies_of_the_environment_are_not_used(
    site: Site, settings: PollSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.3:9")
    assert page(ask(site.gives("/feed", BODY), settings)).body == BODY


def test_nothing_to_ask() -> None:
    assert list(HttpFetcher(PollSettings(), "ua").fetch([])) == []


# --- inside addresses ------------------------------------------------------------------------------------


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "0x7f000001", "2130706433", "127.1", "[::ffff:127.0.0.1]"])
def test_inside_addresses_are_refused(site: Site, host: str) -> None:
    site.gives("/feed", BODY)
    assert error(ask(site.url("/feed", host), PollSettings())).problem == "address"
    assert not site.log


def test_inside_addresses_are_refused_after_a_redirect(site: Site, other_site: Site) -> None:
    other_site.gives("/feed", BODY)
    url = site.redirects("/feed", 301, other_site.url("/feed"))
    fetcher = HttpFetcher(PollSettings(), "ua", exempt=frozenset({"127.0.0.1"}))
    ((_, answer),) = fetcher.fetch([Request(source="s", url=url)])
    assert error(answer).problem == "address"
    assert len(site.log) == 1
    assert not other_site.log


def test_the_socket_itself_is_guarded(site: Site) -> None:
    """The last wall, for what every check before it let through."""

    async def straight() -> None:
        async with open_session(Guard(), "ua") as session, session.get(site.gives("/feed", BODY)):
            pass

    with pytest.raises(aiohttp.ClientConnectorError) as raised:
        asyncio.run(straight())
    assert "not a public address" in str(raised.value.os_error)
    assert not site.log
