"""The session against a scripted server: what each fault at each moment comes to."""

import socket
import threading
from collections.abc import Callable, Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.errors import ConfigError, Deferred, InDoubt, Refused, SendError
from aggregator.send import smtp
from aggregator.send.server import parse_url
from tests.support.smtp import Sink, Stage, sink

FROM, TO = "desk@example.org", "bob@example.net"
LETTER = b"Subject: hello\r\n\r\n" + b"One line of the letter.\r\n" * 20


@pytest.fixture
def server() -> Iterator[Sink]:
    with sink() as running:
        yield running


def mailer(server: Sink, *, timeout: float = 5.0, tls: smtp.Tls = "auto") -> smtp.SmtpMailer:
    return smtp.SmtpMailer(server.url, tls=tls, timeout=timeout, local_hostname="client.example")


def yes() -> bool:
    return True


def noting(asked: list[bool]) -> Callable[[], bool]:
    """The ledger's answer, and that it was asked for it."""

    def before_dot() -> bool:
        asked.append(True)
        return True

    return before_dot


def test_a_letter_arrives_as_it_was(server: Sink) -> None:
    with mailer(server).session() as session:
        session.send(FROM, TO, LETTER, yes)
    (accepted,) = server.accepted
    assert accepted.letter == LETTER
    assert accepted.mail == f"MAIL FROM:<{FROM}> SIZE={len(LETTER)}"
    assert accepted.rcpt == f"RCPT TO:<{TO}>"
    assert server.commands[0] == "ehlo client.example"
    assert server.commands[-1].upper() == "QUIT"


def test_one_connection_takes_many_letters(server: Sink) -> None:
    with mailer(server).session() as session:
        for number in range(20):
            session.send(FROM, f"reader{number}@example.net", LETTER, yes)
    assert [letter.recipient for letter in server.accepted] == [f"reader{number}@example.net" for number in range(20)]
    assert server.connections == 1


def test_the_ledger_commits_after_the_letter_and_before_the_dot(server: Sink) -> None:
    seen: list[list[object]] = []

    def before_dot() -> bool:
        seen.append([server.commands[-1], len(server.accepted)])
        return True

    with mailer(server).session() as session:
        session.send(FROM, TO, LETTER, before_dot)
    assert seen == [["DATA", 0]]
    assert len(server.accepted) == 1


def test_where_the_ledger_says_no_there_is_no_dot(server: Sink) -> None:
    with mailer(server).session() as session:
        with pytest.raises(Deferred, match="broken off"):
            session.send(FROM, TO, LETTER, lambda: False)
        assert not session.alive
    assert server.accepted == []
    assert "QUIT" not in server.commands


def test_where_the_ledger_fails_there_is_no_dot(server: Sink) -> None:
    def before_dot() -> bool:
        raise RuntimeError("database is locked")

    with mailer(server).session() as session:
        with pytest.raises(RuntimeError, match="database is locked"):
            session.send(FROM, TO, LETTER, before_dot)
        assert not session.alive
    assert server.accepted == []


def test_the_dot_is_not_held_back_by_the_system(server: Sink) -> None:
    """No clock in this test: with Nagle's algorithm on, each letter costs 40 ms of waiting for an acknowledgement."""
    with mailer(server).session() as session:
        assert session._smtp.sock is not None  # nothing else shows the socket
        assert session._smtp.sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


STAGES: list[Stage] = ["MAIL", "RCPT", "DATA", "dot"]


@pytest.mark.parametrize(
    ("stage", "reply", "kind"),
    [(stage, "451 4.3.0 later", Deferred) for stage in STAGES]
    + [(stage, "550 5.1.1 nobody", Refused) for stage in STAGES if stage != "MAIL"],
)
def test_a_refused_letter_leaves_the_connection_for_the_next(
    stage: Stage, reply: str, kind: type[SendError], server: Sink
) -> None:
    server.fail(stage, reply)
    with mailer(server).session() as session:
        with pytest.raises(kind) as failure:
            session.send(FROM, TO, LETTER, yes)
        assert failure.value.code == int(reply[:3])
        assert failure.value.message == f"127.0.0.1:{server.port} answered {reply}"
        assert session.alive
        session.send(FROM, "next@example.net", LETTER, yes)
    assert [letter.recipient for letter in server.accepted] == ["next@example.net"]
    assert server.connections == 1


@pytest.mark.parametrize("stage", STAGES)
def test_421_ends_the_connection_and_defers(stage: Stage, server: Sink) -> None:
    server.fail(stage, "421 4.3.2 going down", drop=True)
    with mailer(server).session() as session:
        with pytest.raises(Deferred) as failure:
            session.send(FROM, TO, LETTER, yes)
        assert failure.value.code == 421
        assert not session.alive
        with pytest.raises(Deferred, match="is closed"):
            session.send(FROM, TO, LETTER, yes)
    assert server.accepted == []


@pytest.mark.parametrize("stage", ["MAIL", "RCPT", "DATA", "body"])
def test_a_connection_lost_before_the_dot_defers(stage: Stage, server: Sink) -> None:
    server.fail(stage, drop=True)
    asked: list[bool] = []
    with mailer(server).session() as session:
        with pytest.raises(Deferred) as failure:
            # So long that the server's end of it is noticed while it is written.
            session.send(FROM, TO, LETTER * 100_000, noting(asked))
        assert failure.value.code is None
        assert not session.alive
    assert server.accepted == []
    assert asked == []


def test_a_server_that_hangs_up_while_the_ledger_commits_defers_or_leaves_in_doubt(server: Sink) -> None:
    """The client cannot always tell which; what it may never do is call the letter accepted or refused."""
    with mailer(server).session() as session:

        def before_dot() -> bool:
            server.cut()
            return True

        with pytest.raises((Deferred, InDoubt)) as failure:
            session.send(FROM, TO, LETTER, before_dot)
        assert failure.value.code is None
        assert not session.alive
    assert server.accepted == []


@pytest.mark.parametrize("accept", [True, False], ids=["accepted", "not accepted"])
def test_a_connection_lost_after_the_dot_is_in_doubt(accept: bool, server: Sink) -> None:  # noqa: FBT001  a case
    server.fail("dot", drop=True, accept=accept)
    with mailer(server).session() as session:
        with pytest.raises(InDoubt):
            session.send(FROM, TO, LETTER, yes)
        assert not session.alive
    assert len(server.accepted) == accept


@pytest.mark.parametrize("reply", ["nonsense", "354 go on", "2"])
def test_an_answer_to_the_dot_that_is_none_is_in_doubt(reply: str, server: Sink) -> None:
    server.fail("dot", reply, accept=True)
    with mailer(server).session() as session:
        with pytest.raises(InDoubt):
            session.send(FROM, TO, LETTER, yes)
        assert not session.alive


def test_silence_after_the_dot_is_in_doubt_and_waited_for_longer(server: Sink) -> None:
    server.fail("dot", accept=True, wait=True)
    with mailer(server, timeout=0.03).session() as session, pytest.raises(InDoubt, match="timed out"):
        session.send(FROM, TO, LETTER, yes)
    server.release()


def test_a_slow_answer_to_the_dot_is_still_an_answer(server: Sink) -> None:
    server.fail("dot", "250 2.0.0 at last", accept=True, wait=True)
    timer = threading.Timer(0.6, server.release)
    with mailer(server, timeout=0.3).session() as session:
        timer.start()
        session.send(FROM, TO, LETTER, yes)
        assert session.alive
    timer.join()
    assert len(server.accepted) == 1


@pytest.mark.parametrize("stage", ["MAIL", "RCPT", "DATA"])
def test_silence_before_the_dot_defers(stage: Stage, server: Sink) -> None:
    server.fail(stage, wait=True)
    with mailer(server, timeout=0.1).session() as session, pytest.raises(Deferred, match="timed out"):
        session.send(FROM, TO, LETTER, yes)
    server.release()
    assert server.accepted == []


def test_a_refusal_while_the_letter_is_on_its_way_comes_before_the_commit(server: Sink) -> None:
    server.fail("body", "552 5.3.4 too large", drop=True)
    asked: list[bool] = []
    with mailer(server).session() as session:
        with pytest.raises((Refused, Deferred)):
            session.send(FROM, TO, LETTER * 100_000, noting(asked))
        assert not session.alive
    assert asked == []
    assert server.accepted == []


@pytest.mark.parametrize("stage", ["MAIL", "RCPT", "DATA"])
def test_an_answer_that_is_none_ends_the_connection_and_defers(stage: Stage, server: Sink) -> None:
    server.fail(stage, "nonsense")
    with mailer(server).session() as session:
        with pytest.raises(Deferred, match="not SMTP") as failure:
            session.send(FROM, TO, LETTER, yes)
        assert failure.value.code is None
        assert not session.alive


@pytest.mark.parametrize("reply", ["530 5.7.0 authenticate first", "535 5.7.8 wrong", "553 5.7.1 not your address"])
def test_what_the_server_says_to_the_sender_is_not_the_readers_fault(reply: str, server: Sink) -> None:
    """And it ends the connection: no other letter would fare better on it."""
    server.fail("MAIL", reply)
    with mailer(server).session() as session:
        with pytest.raises(Deferred, match=reply) as failure:
            session.send(FROM, TO, LETTER, yes)
        assert not session.alive
    assert failure.value.hint is not None


def test_a_sender_in_other_scripts_is_not_the_readers_fault() -> None:
    with sink("8BITMIME") as running, mailer(running).session() as session:
        with pytest.raises(Deferred, match="SMTPUTF8"):
            session.send("发信@example.org", TO, LETTER, yes)
        assert not session.alive


@pytest.mark.parametrize(
    ("stage", "say"), [("connect", "554 5.3.2 no"), ("connect", "421 busy"), ("connect", ""), ("EHLO", "")]
)
def test_a_server_that_does_not_serve_defers(stage: Stage, say: str, server: Sink) -> None:
    server.fail(stage, say, drop=True)
    with pytest.raises(Deferred, match=rf"^no connection to the mail server 127\.0\.0\.1:{server.port}: "):  # noqa: SIM117
        with mailer(server).session():
            pytest.fail("there is no session")


def test_no_server_defers() -> None:
    with Sink() as gone:
        pass
    with pytest.raises(Deferred, match="Connection refused"), mailer(gone).session():
        pytest.fail("there is no session")


def test_a_host_that_cannot_be_defers() -> None:
    wrong = smtp.SmtpMailer("smtp://" + "a" * 70 + ".example", tls="auto", timeout=1, local_hostname="c.example")
    with pytest.raises(Deferred, match="no connection"), wrong.session():
        pytest.fail("there is no session")


def test_a_servers_words_are_one_line_of_a_log(server: Sink) -> None:
    server.fail("RCPT", "550-5.1.1 first\r\n550-5.1.1 \x1b[31msecond\r\n550 " + "x" * 2000)
    with mailer(server).session() as session, pytest.raises(Refused) as failure:
        session.send(FROM, TO, LETTER, yes)
    assert "5.1.1 first" in failure.value.message
    assert failure.value.message.isprintable()
    assert len(failure.value.message) < 400


def test_a_sink_without_smtputf8_refuses_addresses_in_other_scripts() -> None:
    with sink("SIZE") as server, mailer(server).session() as session:
        with pytest.raises(Refused, match="SMTPUTF8"):
            session.send(FROM, "李雷@example.net", LETTER, yes)
        session.send(FROM, "li@例子.中国", LETTER, yes)
        assert server.accepted[0].rcpt == "RCPT TO:<li@xn--fsqu00a.xn--fiqs8s>"


def test_addresses_in_other_scripts_go_under_smtputf8(server: Sink) -> None:
    letter = "To: 李雷@example.net\r\n".encode() + LETTER
    with mailer(server).session() as session:
        session.send(FROM, "李雷@example.net", letter, yes)
    (accepted,) = server.accepted
    assert accepted.mail.endswith(" BODY=8BITMIME SMTPUTF8")
    assert accepted.recipient == "李雷@example.net"
    assert accepted.letter == letter


@pytest.mark.parametrize("recipient", ["bob", "bob@example.net>\r\nRCPT TO:<eve@example.net", "<bob@example.net>"])
def test_what_is_no_address_is_not_said(recipient: str, server: Sink) -> None:
    with mailer(server).session() as session:
        with pytest.raises(Refused, match="is no e-mail address"):
            session.send(FROM, recipient, LETTER, yes)
        assert session.alive
    assert [command for command in server.commands if "eve" in command or "RCPT" in command] == []


def test_notices_have_no_sender(server: Sink) -> None:
    with mailer(server).session() as session:
        session.send("", TO, LETTER, yes)
    assert server.accepted[0].mail.startswith("MAIL FROM:<>")


LINES = st.lists(st.sampled_from([b".", b"..", b"a", b"\r\n", b"\n", b"\r", b"\r\r\n", b"QUIT", b"\0", b"\xe5", b""]))


@given(LINES.map(b"".join))
def test_the_body_on_the_wire_ends_nowhere_but_at_its_end(letter: bytes) -> None:
    sent = smtp.on_the_wire(letter)
    assert sent.endswith(b"\r\n")
    assert sent.count(b"\r\n") == sent.count(b"\r") == sent.count(b"\n")
    lines = sent.split(b"\r\n")[:-1]
    assert b"." not in lines
    assert all(line.startswith(b"..") for line in lines if line.startswith(b"."))
    undone = b"".join(line.removeprefix(b".") + b"\n" for line in lines)
    wanted = letter.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    assert undone == (wanted if wanted.endswith(b"\n") else wanted + b"\n")


@pytest.mark.parametrize(
    "ending", [b"\n.\r\n", b"\r.\r\n", b"\r\n.\n", b"\r\n.\r", b"\n.\n", b"\r\n.\r\n", b"\r\n\0.\r\n"]
)
def test_no_letter_smuggles_another(ending: bytes, server: Sink) -> None:
    letter = LETTER + ending + b"MAIL FROM:<eve@example.net>\r\nRCPT TO:<eve@example.net>\r\nDATA\r\nhi\r\n.\r\n"
    with mailer(server).session() as session:
        session.send(FROM, TO, letter, yes)
        session.send(FROM, TO, LETTER, yes)
    assert [accepted.recipient for accepted in server.accepted] == [TO, TO]
    assert server.accepted[1].letter == LETTER


@pytest.mark.parametrize(
    ("url", "host", "port", "user", "password"),
    [
        ("smtp://mail.example", "mail.example", 25, None, None),
        ("smtp://mail.example:2525/", "mail.example", 2525, None, None),
        ("smtp://me:pw@mail.example", "mail.example", 587, "me", "pw"),
        ("smtps://me:pw@mail.example", "mail.example", 465, "me", "pw"),
        ("smtp://me%40example.org:p%40s%2Fs%25@mail.example:587", "mail.example", 587, "me@example.org", "p@s/s%"),
        ("smtp://me@example.org:p@s/s:w#?d@mail.example:587", "mail.example", 587, "me@example.org", "p@s/s:w#?d"),
        ("smtp://me:密码@mail.example", "mail.example", 587, "me", "密码"),
        ("smtp://[::1]:2525", "::1", 2525, None, None),
    ],
)
def test_addresses_of_servers(url: str, host: str, port: int, user: str | None, password: str | None) -> None:
    server = parse_url(url)
    assert (server.host, server.port, server.user, server.password) == (host, port, user, password)
    assert password is None or password not in repr(server) + str(server)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "mail.example",
        "http://me:geheim@mail.example",
        "smtp://",
        "smtp://me:geheim@",
        "smtp://h:99999",
        "smtp://h:0",
    ],
)
def test_what_is_no_address_of_a_server_is_told_without_the_password(url: str) -> None:
    with pytest.raises(ConfigError, match=r"delivery\.smtp") as failure:
        smtp.SmtpMailer(url, tls="auto", timeout=1)
    assert "geheim" not in str(failure.value)


@given(st.lists(st.floats(0, 5), min_size=1, max_size=60), st.floats(0.1, 50), st.integers(1, 10))
def test_a_rate_is_kept_in_every_span(pauses: list[float], per_second: float, burst: int) -> None:
    now, sent = 0.0, []

    def sleep(seconds: float) -> None:
        nonlocal now
        now += seconds

    rate = smtp.Rate(per_second, burst=burst, clock=lambda: now, sleep=sleep)
    for pause in pauses:
        now += pause
        rate.take()
        sent.append(now)
    for first, start in enumerate(sent):
        for last in range(first, len(sent)):
            assert last - first + 1 <= burst + (sent[last] - start) * per_second + 1e-6


def test_a_rate_is_shared_by_threads_and_wastes_nothing() -> None:
    waits: list[float] = []
    rate = smtp.Rate(10, clock=lambda: 0.0, sleep=waits.append)

    def take_many() -> None:
        for _ in range(25):
            rate.take()

    threads = [threading.Thread(target=take_many) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(waits) == pytest.approx([number / 10 for number in range(1, 100)])
