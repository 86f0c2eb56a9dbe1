"""Hand-over to servers that others wrote: aiosmtpd with TLS and logins, and Postfix's smtp-sink."""

import asyncio
import os
import shutil
import socket
import ssl
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email import message_from_bytes
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, Envelope, LoginPassword

from aggregator.errors import Deferred
from aggregator.send import smtp

FROM, TO = "desk@example.org", "bob@example.net"
LETTER = b"Subject: hello\r\n\r\n.\r\n..\r\nOne line.\r\n.hidden\r\n"
USER, PASSWORD = "me@example.org", "p@ss:w/ör%d"


class Keep:
    """aiosmtpd's handler: keeps what it accepts."""

    def __init__(self) -> None:
        self.envelopes: list[Envelope] = []
        self.encrypted: list[bool] = []
        self.logged_in: list[bool] = []

    async def handle_DATA(self, _server: Any, session: Any, envelope: Envelope) -> str:  # noqa: N802  aiosmtpd's name
        self.envelopes.append(envelope)
        self.encrypted.append(session.ssl is not None)
        self.logged_in.append(session.authenticated)
        return "250 2.0.0 taken"


def only_us(_server: Any, _session: Any, _envelope: Any, _mechanism: str, data: Any) -> AuthResult:
    known = isinstance(data, LoginPassword) and (data.login, data.password) == (USER.encode(), PASSWORD.encode())
    return AuthResult(success=known, handled=False)


class OnAnyPort(Controller):
    """aiosmtpd's controller looks whether it answers at the port that it was asked for, which here is 0."""

    def _trigger_server(self) -> None:
        assert isinstance(self.server, asyncio.Server)
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()  # type: ignore[no-untyped-call]  # aiosmtpd has types in part


@contextmanager
def running(**settings: Any) -> Iterator[tuple[Keep, int]]:
    keep = Keep()
    controller = OnAnyPort(keep, hostname="127.0.0.1", port=0, **settings)
    controller.start()
    try:
        yield keep, controller.port
    finally:
        controller.stop()


Pems = tuple[Path, Path]


def make_certificate(folder: Path, names: str) -> Pems:
    """Certificate and key, signed by itself."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("needs the openssl command to make a certificate")
    made = folder / "certificate.pem", folder / "key.pem"
    how = [
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:P-256",
        "-nodes",
        "-days",
        "2",
        "-subj",
        "/CN=test",
        "-addext",
    ]
    command = [openssl, *how, f"subjectAltName={names}", "-out", str(made[0]), "-keyout", str(made[1])]
    subprocess.run(command, check=True, capture_output=True)
    return made


def serving(certificate: Pems) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)
    return context


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Pems:
    return make_certificate(tmp_path_factory.mktemp("tls"), "DNS:localhost,IP:127.0.0.1")


@pytest.fixture
def server_tls(certificate: Pems) -> ssl.SSLContext:
    return serving(certificate)


@pytest.fixture
def trusted(certificate: Pems, monkeypatch: pytest.MonkeyPatch) -> None:
    """As an operator with a private authority would."""
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate[0]))


def send(url: str, *, tls: smtp.Tls = "auto") -> None:
    mailer = smtp.SmtpMailer(url, tls=tls, timeout=5, local_hostname="client.example")
    with mailer.session() as session:
        session.send(FROM, TO, LETTER, lambda: True)


def with_login(port: int, password: str = "p@ss:w/ör%25d") -> str:
    return f"//me%40example.org:{password}@127.0.0.1:{port}"


def test_plain() -> None:
    with running() as (keep, port):
        send(f"smtp://127.0.0.1:{port}")
    (envelope,) = keep.envelopes
    assert (envelope.mail_from, envelope.rcpt_tos, envelope.content) == (FROM, [TO], LETTER)
    assert keep.encrypted == [False]


@pytest.mark.parametrize("tls", ["auto", "required"])
def test_starttls(tls: smtp.Tls, server_tls: ssl.SSLContext, trusted: None) -> None:
    with running(tls_context=server_tls, require_starttls=True) as (keep, port):
        send(f"smtp://127.0.0.1:{port}", tls=tls)
    assert keep.encrypted == [True]
    assert keep.envelopes[0].content == LETTER


def test_smtps(server_tls: ssl.SSLContext, trusted: None) -> None:
    with running(ssl_context=server_tls) as (keep, port):
        send(f"smtps://127.0.0.1:{port}")
    assert keep.envelopes[0].content == LETTER


def test_starttls_is_not_used_where_it_is_off(server_tls: ssl.SSLContext) -> None:
    with running(tls_context=server_tls) as (keep, port):
        send(f"smtp://127.0.0.1:{port}", tls="off")
    assert keep.encrypted == [False]


def test_an_unknown_certificate_is_better_than_none_where_plain_text_would_do(server_tls: ssl.SSLContext) -> None:
    with running(tls_context=server_tls) as (keep, port):
        send(f"smtp://127.0.0.1:{port}")
    assert keep.encrypted == [True]


Url = Callable[[int], str]


@pytest.mark.parametrize(
    ("url", "tls"),
    [
        (lambda port: f"smtp://127.0.0.1:{port}", "required"),
        (lambda port: f"smtp:{with_login(port)}", "auto"),
    ],
    ids=["TLS is required", "a password is at stake"],
)
def test_an_unknown_certificate_is_refused_where_it_matters(
    url: Url, tls: smtp.Tls, server_tls: ssl.SSLContext
) -> None:
    with (
        running(tls_context=server_tls) as (keep, port),
        pytest.raises(Deferred, match="certificate is not trusted") as failure,
    ):
        send(url(port), tls=tls)
    assert keep.envelopes == []
    assert failure.value.hint is not None
    assert "SSL_CERT_FILE" in failure.value.hint


def test_an_unknown_certificate_is_refused_by_smtps(server_tls: ssl.SSLContext) -> None:
    with running(ssl_context=server_tls) as (keep, port), pytest.raises(Deferred, match="certificate is not trusted"):
        send(f"smtps://127.0.0.1:{port}")
    assert keep.envelopes == []


def test_a_certificate_of_another_host_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    foreign = make_certificate(tmp_path, "DNS:other.example")
    monkeypatch.setenv("SSL_CERT_FILE", str(foreign[0]))
    with running(ssl_context=serving(foreign)) as (keep, port), pytest.raises(Deferred, match="not valid for"):
        send(f"smtps://127.0.0.1:{port}")
    assert keep.envelopes == []


def _reaches(host: str, port: int) -> bool:
    try:
        socket.create_connection((host, port), timeout=1).close()
    except OSError:
        return False
    return True


def test_tls_that_is_required_and_not_offered_defers() -> None:
    with running() as (keep, port), pytest.raises(Deferred, match="does not offer STARTTLS") as failure:
        send(f"smtp://127.0.0.1:{port}", tls="required")
    assert keep.envelopes == []
    assert failure.value.hint is not None


def test_a_password_does_not_leave_the_machine_in_plain_text(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever sits on the way can take the offer of STARTTLS out of the greeting."""
    real = socket.getaddrinfo
    monkeypatch.setattr(
        socket,
        "getaddrinfo",
        lambda host, *rest, **more: real("127.0.0.1" if host == "mail.example" else host, *rest, **more),
    )  # the one stand-in: a name that is not this machine's
    with running(authenticator=only_us, auth_require_tls=False) as (keep, port):
        with pytest.raises(Deferred, match="password is not sent"):
            send(f"smtp:{with_login(port)}".replace("127.0.0.1", "mail.example"))
        send(f"smtp:{with_login(port)}".replace("127.0.0.1", "mail.example"), tls="off")
    assert len(keep.envelopes) == 1


@pytest.mark.parametrize("excluded", [["LOGIN"], ["PLAIN"]], ids=["PLAIN", "LOGIN"])
def test_login(excluded: list[str]) -> None:
    settings = {"auth_require_tls": False, "auth_exclude_mechanism": excluded}
    with running(authenticator=only_us, **settings) as (keep, port):
        send(f"smtp:{with_login(port)}")
    assert keep.logged_in == [True]


def test_login_over_starttls(server_tls: ssl.SSLContext, trusted: None) -> None:
    with running(authenticator=only_us, auth_required=True, tls_context=server_tls) as (keep, port):
        send(f"smtp:{with_login(port)}")
    assert (keep.encrypted, keep.logged_in) == ([True], [True])


def test_a_wrong_password_defers_and_is_not_shown() -> None:
    with (
        running(authenticator=only_us, auth_require_tls=False) as (keep, port),
        pytest.raises(Deferred, match="refused the login: 535") as failure,
    ):
        send(f"smtp:{with_login(port, 'geheim')}")
    assert keep.envelopes == []
    assert failure.value.code == 535
    assert "geheim" not in f"{failure.value!r} {failure.value.hint} {failure.value.__cause__!r}"


def test_a_login_that_nobody_offers_defers() -> None:
    with running() as (_, port), pytest.raises(Deferred, match="no login that we know"):
        send(f"smtp:{with_login(port)}")


@pytest.fixture
def postfix_sink(tmp_path: Path) -> Iterator[tuple[int, Path]]:
    """Postfix's own sink, which keeps each letter in a file."""
    program = shutil.which("smtp-sink") or shutil.which("smtp-sink", path="/usr/sbin:/usr/lib/postfix/sbin")
    if program is None:
        pytest.skip("needs Postfix's smtp-sink")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    user = ["-u", "root"] if os.getuid() == 0 else []  # it wants to be told
    command = [program, *user, "-d", f"{tmp_path}/letter.", f"127.0.0.1:{port}", "10"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=tmp_path) as process:
        try:
            wait_for(port)
            yield port, tmp_path
        finally:
            process.terminate()


def wait_for(port: int) -> None:
    for _ in range(200):
        if _reaches("127.0.0.1", port):
            return
        time.sleep(0.02)
    pytest.skip("smtp-sink does not listen")


def test_postfix_reads_the_same_letters(postfix_sink: tuple[int, Path]) -> None:
    port, folder = postfix_sink
    mailer = smtp.SmtpMailer(f"smtp://127.0.0.1:{port}", tls="auto", timeout=5, local_hostname="client.example")
    with mailer.session() as session:
        for number in range(5):
            session.send(FROM, f"reader{number}@example.net", LETTER, lambda: True)
    kept = [message_from_bytes(file.read_bytes()) for file in folder.glob("letter.*")]
    assert sorted(letter["X-Rcpt-Args"] for letter in kept) == [f"<reader{number}@example.net>" for number in range(5)]
    for letter in kept:
        assert letter["X-Mail-Args"] == f"<{FROM}>"
        assert str(letter.get_payload()).rstrip("\n") == ".\n..\nOne line.\n.hidden"
