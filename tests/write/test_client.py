"""One question and its answer, with every failure that servers of this protocol show."""

import time
from collections.abc import Iterator
from threading import Event, Timer
from typing import Any

import pytest

from aggregator.config import Writer
from aggregator.errors import WriterError
from aggregator.model import Prompt, Reply
from aggregator.write.client import ChatClient
from tests.support.writer_server import Says, WriterServer, completion, sentences, writer_server

KEY = "sk-secret-0123456789"
PROMPT = Prompt(task="Write.", data='{"sources": []}', most_tokens=300)


@pytest.fixture
def server() -> Iterator[WriterServer]:
    with writer_server() as running:
        yield running


def client(server: WriterServer, *, stop: Event | None = None, **values: Any) -> ChatClient:
    said = {"url": server.url, "model": "test-model", "key": KEY, "timeout": "5s", **values}
    return ChatClient(Writer.model_validate(said), "test/1", stop=stop)


def ask(server: WriterServer, **values: Any) -> Reply | WriterError:
    return client(server, **values).answer(PROMPT)


def test_a_question_and_its_answer(server: WriterServer) -> None:
    server.says(Says(body=completion("told", usage=(123, 45))))
    assert ask(server) == Reply(text="told", finish="stop", input=123, output=45)
    (asked,) = server.asked
    assert asked.path == "/v1/chat/completions"
    assert asked.headers["authorization"] == f"Bearer {KEY}"
    assert asked.headers["user-agent"] == "test/1"
    assert (asked.body["model"], asked.body["max_tokens"], asked.body["stream"]) == ("test-model", 300, False)
    assert asked.body["temperature"] == 0
    assert asked.body["messages"] == [
        {"role": "system", "content": "Write."},
        {"role": "user", "content": '{"sources": []}'},
    ]
    assert asked.body["response_format"]["json_schema"]["strict"] is True


def test_a_local_server_gets_no_key(server: WriterServer) -> None:
    assert isinstance(ask(server, key=None, url=f"{server.url}/"), Reply)
    assert "authorization" not in server.asked[0].headers
    assert server.asked[0].path == "/v1/chat/completions"


# --- what servers say instead ------------------------------------------------------------------------------

_FAILURES: dict[str, tuple[Says, str, bool]] = {
    "401": (Says(401, {"error": {"message": f"Incorrect API key provided: {KEY}."}}), "key", False),
    "403": (Says(403, b"<html>Forbidden</html>"), "key", False),
    "402": (Says(402, {"error": "no credit"}), "busy", False),
    "404 of the model": (Says(404, {"error": {"message": "The model `test-model` does not exist"}}), "model", False),
    "404 of the path": (Says(404, b"404 page not found"), "model", False),
    "413": (Says(413, b""), "request", False),
    "429": (Says(429, {"error": {"message": "Rate limit reached"}}), "busy", False),
    "500": (Says(500, {"error": {"message": "The server had an error"}}), "server", False),
    "502 of a proxy": (Says(502, b"<html>Bad gateway</html>"), "server", False),
    "503 while it loads": (Says(503, {"error": {"message": "Loading model"}}), "server", False),
    "closes without a word": (Says(raw=b""), "connection", False),
    "no HTTP": (Says(raw=b"SSH-2.0-OpenSSH_9.2\r\n"), "connection", False),
    "closes in the head": (Says(raw=b"HTTP/1.1 200 OK\r\nContent-Ty"), "connection", False),
    "closes in the middle": (Says(body=completion(sentences("A.", "B.")), cut=40), "connection", True),
    "huge": (Says(body=completion("x" * 1_100_000)), "size", True),
    "huge head": (Says(raw=b"HTTP/1.1 200 OK\r\nX-A: " + b"x" * 100_000 + b"\r\n\r\n"), "connection", False),
    "a page": (Says(body=b"<html>Welcome</html>", headers={"Content-Type": "text/html"}), "answer", True),
    "nothing": (Says(body=b""), "answer", True),
    "half JSON": (Says(body=b'{"choices": [{"message": {"content": "x'), "answer", True),
    "other JSON": (Says(body={"response": "told", "done": True}), "answer", True),
    "a list": (Says(body=b"[1, 2]"), "answer", True),
    "content in parts": (Says(body=completion([{"type": "text", "text": "told"}])), "answer", True),  # type: ignore[arg-type]
    "deep JSON": (Says(body=b"[" * 100_000), "answer", True),
    "wrong charset": (
        Says(
            body='{"choices": [{"message": {"content": "北京"}}]}'.encode("gbk"),
            headers={"Content-Type": "application/json; charset=gbk"},
        ),
        "answer",
        True,
    ),
    "streams": (
        Says(
            body=b'data: {"choices": [{"delta": {"content": "told"}}]}\n\ndata: [DONE]\n\n',
            headers={"Content-Type": "text/event-stream"},
        ),
        "answer",
        True,
    ),
    "no content": (Says(204, b""), "answer", False),
}


@pytest.mark.parametrize("name", _FAILURES)
def test_a_failure_is_a_value_that_says_what_it_is(server: WriterServer, name: str) -> None:
    says, problem, paid = _FAILURES[name]
    server.says(says)
    error = ask(server)
    assert isinstance(error, WriterError)
    assert (error.problem, error.paid) == (problem, paid)
    assert server.url in error.message
    assert KEY not in f"{error.message}{error.hint}{error!r}"
    assert "\n" not in error.message
    assert len(server.asked) == 1


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_is_not_followed_and_the_key_goes_nowhere(server: WriterServer, status: int) -> None:
    with writer_server() as other:
        server.says(Says(status, b"", {"Location": f"{other.url}/chat/completions"}))
        error = ask(server)
        assert isinstance(error, WriterError)
        assert error.problem == "redirect"
        assert other.asked == []


def test_nobody_there() -> None:
    with writer_server() as gone:
        pass
    error = ask(gone)
    assert isinstance(error, WriterError)
    assert (error.problem, error.paid) == ("connection", False)
    assert error.message == f"{gone.url} cannot be reached"


def test_a_name_without_an_address(server: WriterServer) -> None:
    error = ask(server, url="http://nobody.invalid/v1")
    assert isinstance(error, WriterError)
    assert error.problem == "connection"


@pytest.mark.parametrize("says", [Says(silent=True), Says(body=completion("told"), drip=0.05)], ids=["silent", "drip"])
def test_the_whole_exchange_has_its_time(server: WriterServer, says: Says) -> None:
    server.says(says)
    began = time.monotonic()
    error = ask(server, timeout="400ms")
    assert isinstance(error, WriterError)
    assert (error.problem, error.paid) == ("timeout", True)
    assert time.monotonic() - began < 2


def test_who_ends_does_not_wait_for_an_answer(server: WriterServer) -> None:
    server.says(Says(silent=True))
    stop = Event()
    Timer(0.1, stop.set).start()
    began = time.monotonic()
    error = ask(server, stop=stop, timeout="20s")
    assert isinstance(error, WriterError)
    assert "the program ends" in error.message
    assert time.monotonic() - began < 3


@pytest.mark.parametrize(
    ("header", "wait"),
    [("7", 7.0), ("0", 0.0), (None, None), ("soon", None), ("Wed, 21 Oct 2015 07:28:00 GMT", 0.0), ("9" * 40, 999_999_999.0)],
)  # fmt: skip
def test_retry_after(server: WriterServer, header: str | None, wait: float | None) -> None:
    server.says(Says(429, b"", {"Retry-After": header} if header else {}))
    error = ask(server)
    assert isinstance(error, WriterError)
    assert error.wait == wait


# --- in what manner ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("takes", "forms"),
    [
        (("json_schema",), ["json_schema"]),
        (("json_object", "text"), ["json_schema", "json_object"]),
        (("text",), ["json_schema", "json_object", "text"]),
    ],
)
def test_what_a_server_does_not_take_is_asked_for_more_simply_and_remembered(
    server: WriterServer, takes: tuple[str, ...], forms: list[str]
) -> None:
    server.takes = frozenset(takes)
    asking = client(server)
    assert isinstance(asking.answer(PROMPT), Reply)
    assert [asked.form for asked in server.asked] == forms
    assert isinstance(asking.answer(PROMPT), Reply)
    assert len(server.asked) == len(forms) + 1


def test_servers_that_know_other_words(server: WriterServer) -> None:
    complaint = "Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens' instead."
    server.says(
        Says(400, {"error": {"message": complaint}}),
        Says(400, {"error": {"message": "'temperature' does not support 0 with this model."}}),
    )
    assert isinstance(ask(server), Reply)
    assert "max_tokens" not in server.asked[-1].body
    assert server.asked[-1].body["max_completion_tokens"] == 300
    assert "temperature" not in server.asked[-1].body
    assert server.asked[-1].form == "json_schema"


def test_a_server_that_takes_nothing(server: WriterServer) -> None:
    server.takes = frozenset()
    error = ask(server)
    assert isinstance(error, WriterError)
    assert error.problem == "request"
    assert len(server.asked) == 3


@pytest.mark.parametrize(
    ("body", "reply"),
    [
        (completion("told", usage=None), Reply(text="told")),
        (completion("told", usage=(-1, 10**12)), Reply(text="told")),
        (completion(None), Reply(text=None, input=100, output=50)),
        (
            completion(None, refusal="I cannot help."),
            Reply(text=None, refusal="I cannot help.", input=100, output=50),
        ),
        (completion("to", finish="length"), Reply(text="to", finish="length", input=100, output=50)),
        (
            completion(None, tool_calls=[{"id": "1", "function": {"name": "f", "arguments": "{}"}}]),
            Reply(text=None, finish="tool_calls", input=100, output=50),
        ),
        ({"choices": []}, Reply(text=None)),
        ({"choices": [{"message": {"content": "told"}, "finish_reason": None}]}, Reply(text="told")),
    ],
    ids=["no usage", "senseless usage", "null", "refusal", "cut", "a tool", "no choice", "no reason"],
)
def test_what_is_an_answer_of_the_protocol_is_given_back_as_it_is(
    server: WriterServer, body: dict[str, Any], reply: Reply
) -> None:
    server.says(Says(body=body))
    assert ask(server) == reply


def test_by_a_proxy_that_is_configured_and_no_other(server: WriterServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    assert isinstance(ask(server), Reply)
    error = ask(server, proxy="http://user:proxy-secret@127.0.0.1:9")
    assert isinstance(error, WriterError)
    assert "proxy-secret" not in repr(error)
