"""The sample server against real clients."""

import gzip
import http.client
import threading
import time
import urllib.request
from contextlib import closing
from email.message import Message
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.config import Config
from aggregator.demo.ports import bind, port_of
from aggregator.demo.samples import SAMPLES, Sample
from aggregator.demo.server import SampleServer, Seen, answer, serve

FILED = [sample for sample in SAMPLES if sample.file]
HARBOUR = next(sample for sample in FILED if "harbour" in sample.path)


def ask(server: SampleServer, path: str, method: str = "GET", **headers: str) -> tuple[int, Message, bytes]:
    host = urlsplit(server.base_url).netloc
    with closing(http.client.HTTPConnection(host, timeout=30)) as connection:
        connection.request(method, path, headers={name.replace("_", "-"): value for name, value in headers.items()})
        response = connection.getresponse()
        return response.status, response.headers, response.read()


@pytest.mark.parametrize("sample", [sample for sample in FILED if not sample.delay], ids=lambda sample: sample.path)
def test_a_sample_comes_as_it_is_with_its_charset(server: SampleServer, sample: Sample) -> None:
    status, headers, body = ask(server, sample.path)
    assert (status, body) == (200, sample.body())
    assert headers.get_content_type() == sample.media_type
    assert headers.get_content_charset() == (None if sample.media_type.endswith("json") else sample.charset)


def test_gzip_comes_to_those_who_ask_for_it(server: SampleServer) -> None:
    _, headers, body = ask(server, HARBOUR.path, Accept_Encoding="br, gzip;q=0.5")
    assert headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(body) == HARBOUR.body()
    _, headers, body = ask(server, HARBOUR.path, Accept_Encoding="gzip;q=0, br")
    assert headers["Content-Encoding"] is None
    assert body == HARBOUR.body()


def test_plain_and_packed_have_different_etags(server: SampleServer) -> None:
    plain, packed = (ask(server, HARBOUR.path, Accept_Encoding=coding)[1]["ETag"] for coding in ("identity", "gzip"))
    assert plain != packed
    assert ask(server, HARBOUR.path, Accept_Encoding="gzip", If_None_Match=plain)[0] == 200


def test_the_second_poll_is_answered_304_without_a_body(server: SampleServer) -> None:
    _, first, _ = ask(server, HARBOUR.path)
    validators = {"If_None_Match": first["ETag"], "If_Modified_Since": first["Last-Modified"]}
    status, headers, body = ask(server, HARBOUR.path, **validators)
    assert (status, body) == (304, b"")
    assert headers["ETag"] == first["ETag"]
    assert server.requests == [Seen(HARBOUR.path, 200, conditional=False), Seen(HARBOUR.path, 304, conditional=True)]


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"If_None_Match": '"other"'}, 200),
        ({"If_None_Match": '"other"', "If_Modified_Since": "Fri, 15 May 2020 00:00:00 GMT"}, 200),
        ({"If_None_Match": "*"}, 304),
        ({"If_Modified_Since": "Thu, 14 May 2020 23:14:59 GMT"}, 200),
        ({"If_Modified_Since": "Thu, 14 May 2020 23:15:00 GMT"}, 304),
        ({"If_Modified_Since": "yesterday"}, 200),
        ({"If_Modified_Since": ""}, 200),
    ],
    ids=lambda value: " ".join(value.values()) if isinstance(value, dict) else None,
)
def test_validators_are_compared_honestly(server: SampleServer, headers: dict[str, str], status: int) -> None:
    assert ask(server, HARBOUR.path, **headers)[0] == status


@pytest.mark.parametrize("sample", [sample for sample in FILED if not sample.delay], ids=lambda sample: sample.path)
def test_a_sample_gives_the_validators_that_it_is_said_to_give(server: SampleServer, sample: Sample) -> None:
    _, headers, _ = ask(server, sample.path)
    assert ("ETag" in headers, "Last-Modified" in headers) == (
        "etag" in sample.validators,
        "last-modified" in sample.validators,
    )
    sent = {"If-None-Match": headers["ETag"], "If-Modified-Since": headers["Last-Modified"]}
    again, _, _ = ask(server, sample.path, **{name: value for name, value in sent.items() if value})
    assert again == (304 if sample.validators else 200)


def test_not_every_sample_gives_every_validator() -> None:
    assert {sample.validators for sample in FILED} >= {("etag", "last-modified"), ("etag",), ("last-modified",), ()}


def test_one_sample_has_moved_for_good(server: SampleServer) -> None:
    (moved,) = [sample for sample in SAMPLES if sample.moved_to]
    status, headers, _ = ask(server, moved.path)
    assert (status, headers["Location"]) == (301, moved.moved_to)
    with urllib.request.urlopen(server.base_url + moved.path, timeout=30) as response:
        assert response.url == server.base_url + moved.moved_to
        assert b"Two Ferries Herald" in response.read()


def test_one_sample_always_answers_500(server: SampleServer) -> None:
    (broken,) = [sample for sample in SAMPLES if sample.status == 500]
    with pytest.raises(HTTPError) as caught:
        urllib.request.urlopen(server.base_url + broken.path, timeout=30)
    with caught.value as error:
        assert error.code == 500


def test_one_sample_is_slow(server: SampleServer) -> None:
    (slow,) = [sample for sample in SAMPLES if sample.delay]
    asked = time.monotonic()
    assert ask(server, slow.path)[2] == slow.body()
    assert time.monotonic() - asked > 1.4


def test_an_unknown_path_is_404_and_head_has_no_body(server: SampleServer) -> None:
    assert ask(server, "/nothing-here")[0] == 404
    status, headers, body = ask(server, HARBOUR.path, "HEAD")
    assert (status, int(headers["Content-Length"]), body) == (200, len(HARBOUR.body()), b"")


def test_one_connection_carries_many_requests(server: SampleServer) -> None:
    with closing(http.client.HTTPConnection(urlsplit(server.base_url).netloc, timeout=30)) as connection:
        connection.connect()
        first = connection.sock
        for path in (HARBOUR.path, "/nothing-here", HARBOUR.path):
            connection.request("GET", path)
            connection.getresponse().read()
            assert connection.sock is first


def test_a_slow_sample_holds_up_neither_the_others_nor_the_end() -> None:
    threads = set(threading.enumerate())
    slow = next(sample for sample in SAMPLES if sample.delay)
    hours = Sample(path="/hours", file=slow.file, delay=7200)
    with serve(samples=[hours, HARBOUR]) as server:
        host = urlsplit(server.base_url).netloc
        idle, waiting = (http.client.HTTPConnection(host, timeout=30) for _ in range(2))
        waiting.request("GET", hours.path)
        idle.request("GET", HARBOUR.path)
        assert idle.getresponse().read() == HARBOUR.body()
    idle.close()
    waiting.close()
    assert set(threading.enumerate()) <= threads


def test_the_port_is_remembered(tmp_path: Path) -> None:
    file = tmp_path / "state" / "port"
    with serve(file) as first:
        assert ask(first, HARBOUR.path)[0] == 200
    with serve(file) as second:
        assert second.base_url == first.base_url


def test_another_port_is_taken_and_remembered_where_the_old_one_is_in_use(tmp_path: Path) -> None:
    file = tmp_path / "port"
    with serve(file) as first, serve(file) as second:
        assert second.base_url != first.base_url
        assert file.read_text(encoding="ascii").strip() == second.base_url.rpartition(":")[2]


@pytest.mark.parametrize("junk", [b"", b"port\n", b"0", b"22", b"99999", b"-1", "٣٤٥٦".encode(), b"\xff\xfe"])
def test_a_spoilt_memory_is_only_forgotten(tmp_path: Path, junk: bytes) -> None:
    file = tmp_path / "port"
    file.write_bytes(junk)
    with closing(bind(file)) as bound:
        assert file.read_text(encoding="ascii") == f"{port_of(bound)}\n"


def test_server_and_configuration_name_the_same_addresses(config: Config) -> None:
    polled = {urlsplit(source.url).path: source for source in config.sources}
    assert set(polled) == {sample.path for sample in SAMPLES} - {sample.moved_to for sample in SAMPLES}
    assert all(path.split("/")[1] == source.name for path, source in polled.items())


@given(st.sampled_from(FILED), st.sampled_from(["", "gzip", "gzip;q=0", "*", "x-gzip"]), st.text(max_size=20))
def test_what_was_given_as_validator_is_unchanged_and_nothing_else_is(sample: Sample, coding: str, other: str) -> None:
    asked = Message()
    asked["Accept-Encoding"] = coding
    first = answer(sample, asked)
    if etag := dict(first.headers).get("ETag"):
        asked["If-None-Match"] = f'"x", W/{etag}'
        assert answer(sample, asked).status == 304
        del asked["If-None-Match"]
        asked["If-None-Match"] = '"' + other.encode("unicode_escape").decode().replace('"', "").replace("*", "") + '"'
        assert answer(sample, asked) == first
