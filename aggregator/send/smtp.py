"""Handing letters over by SMTP: the edge of this stage.

We write the final dot ourselves. When all but the dot is on its way, `before_dot` lets the ledger commit; only then does
the dot go out. So the one moment in which nobody can know whether a letter was accepted (RFC 1047) is as short as it
can be, and the ledger knows which letter it was.

From smtplib we take the connection, the replies and STARTTLS. Not its `sendmail` (it writes the dot), not its `login`
(ASCII passwords alone), not its quoting of addresses (it parses what it should refuse).
"""

import base64
import re
import selectors
import smtplib
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Literal

from aggregator.errors import Deferred, InDoubt, Refused, SendError, UsageError
from aggregator.send import addresses
from aggregator.send.server import Server, parse_url

Tls = Literal["auto", "required", "off"]

# RFC 5321 asks for ten minutes of patience after the dot, where a server may scan the letter: giving up there is what
# makes doubt. With the usual minute for everything else, that is ten times as long.
PATIENCE_AFTER_DOT = 10
LEAVE_WITHIN = 5.0
_CLOSING = 421
_ABOUT_US = {530, 534, 535, 538}  # 5xx, but about our login: no reader is refused for it
_READY_FOR_BODY = 354
_SENDER_HINT = "the server takes no mail from us: look at delivery.from, and at user and password in delivery.smtp"
_LONGEST_REPLY = 300
_LINE_END = re.compile(rb"\r\n|\r|\n")
_CONTROLS = re.compile(r"[\x00-\x20\x7f-\x9f\u2028\u2029]+")


class SmtpMailer:
    """Connections to one mail server; may be shared by threads, each with a session of its own."""

    def __init__(self, url: str, *, tls: Tls, timeout: float, local_hostname: str | None = None) -> None:
        self._server = parse_url(url)
        self._tls = tls
        self._timeout = timeout
        self._local_hostname = local_hostname

    @contextmanager
    def session(self) -> Iterator["SmtpSession"]:
        """A connection, greeted, encrypted and logged in as configured. Raises Deferred where there is none."""
        session = SmtpSession(self._connected(), self._server, self._timeout)
        try:
            yield session
        finally:
            session.quit()

    def _connected(self) -> smtplib.SMTP:
        try:
            return self._connect()
        except (OSError, UnicodeError) as error:
            message, code = _explained(error)
            hint = None
            if isinstance(error, ssl.SSLCertVerificationError):
                hint = "the certificate must name this host; SSL_CERT_FILE can name the file of a private authority"
            raise Deferred(
                f"no connection to the mail server {self._server}: {message}", code=code, hint=hint
            ) from error

    def _connect(self) -> smtplib.SMTP:
        smtp = self._open()
        try:
            # The dot is a small write after a large one: unasked, the system would hold it back for 40 ms (Nagle).
            assert smtp.sock is not None
            smtp.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            # Looking our own name up can take seconds: once is enough.
            self._local_hostname = smtp.local_hostname
            smtp.ehlo_or_helo_if_needed()
            if not self._server.implicit_tls:
                self._start_tls(smtp)
            if self._server.user is not None:
                self._log_in(smtp)
        except BaseException:
            smtp.close()
            raise
        return smtp

    def _open(self) -> smtplib.SMTP:
        host, port = self._server.host, self._server.port
        if self._server.implicit_tls:
            return smtplib.SMTP_SSL(
                host, port, self._local_hostname, timeout=self._timeout, context=ssl.create_default_context()
            )
        return smtplib.SMTP(host, port, self._local_hostname, timeout=self._timeout)

    def _start_tls(self, smtp: smtplib.SMTP) -> None:
        if self._tls == "off":
            return
        if smtp.has_extn("starttls"):
            smtp.starttls(context=self._context())
            smtp.ehlo_or_helo_if_needed()
        elif self._tls == "required":
            raise Deferred(
                f"the mail server {self._server} does not offer STARTTLS, which delivery.tls requires",
                hint="use smtps://…:465 where the server offers that, or set delivery.tls to auto",
            )
        elif self._server.user is not None and not self._server.local:
            # Somebody on the way may have taken the offer out, to get the password.
            raise Deferred(
                f"the mail server {self._server} does not offer STARTTLS, and the password is not sent without",
                hint="use smtps://…:465, or allow it by delivery.tls: off",
            )

    def _context(self) -> ssl.SSLContext:
        """Certificates are checked where something hangs on it: a password, or that the operator requires TLS. Where
        plain text would do as well, an unknown certificate is still better than none.
        """
        context = ssl.create_default_context()
        if self._tls == "auto" and self._server.user is None:
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        return context

    def _log_in(self, smtp: smtplib.SMTP) -> None:
        user, password = (self._server.user or "").encode(), (self._server.password or "").encode()
        offered = str(smtp.esmtp_features.get("auth", "")).upper().split()
        if "PLAIN" in offered:
            code, reply = smtp.docmd("AUTH", "PLAIN " + _base64(b"\0" + user + b"\0" + password))
        elif "LOGIN" in offered:
            code, reply = smtp.docmd("AUTH", "LOGIN " + _base64(user))
            if code == 334:  # noqa: PLR2004  "go on"
                code, reply = smtp.docmd(_base64(password))
        else:
            raise Deferred(
                f"the mail server {self._server} offers no login that we know (PLAIN, LOGIN)",
                hint="it may offer one with TLS only, or take mail without: then leave user and password out",
            )
        if not _is_ok(code):
            raise Deferred(
                f"the mail server {self._server} refused the login: {_shown(code, reply)}",
                code=code,
                hint="look at user and password in delivery.smtp; signs such as % are written as %25",
            )


class SmtpSession:
    """One connection. Where `alive` has become False, letters need a new session.

    It is so after every InDoubt, after before_dot said no, and after a Deferred without a code or with 421.
    """

    def __init__(self, smtp: smtplib.SMTP, server: Server, timeout: float) -> None:
        self._smtp = smtp
        self._server = server
        self._timeout = timeout
        # Commands are ASCII but for addresses under SMTPUTF8, which are checked before.
        smtp.command_encoding = "utf-8"

    @property
    def alive(self) -> bool:
        return self._smtp.sock is not None

    def send(self, envelope_from: str, recipient: str, letter: bytes, before_dot: Callable[[], bool]) -> None:
        """See protocols.Session. An empty `envelope_from` is the null sender of notices."""
        if not self.alive:
            raise Deferred(f"the connection to the mail server {self._server} is closed")
        try:
            self._hand_over(envelope_from and addresses.wire(envelope_from), _recipient(recipient), letter, before_dot)
        except SendError:
            raise
        except BaseException:  # nobody knows where in its sentence the server now is
            self._smtp.close()
            raise

    def quit(self) -> None:
        """Take leave, where there is somebody left to take leave of; without much patience, as nothing hangs on it."""
        if self._smtp.sock is not None:
            with suppress(OSError):
                self._smtp.sock.settimeout(min(self._timeout, LEAVE_WITHIN))
                self._smtp.quit()
        self._smtp.close()

    def _hand_over(self, sender: str, recipient: str, letter: bytes, before_dot: Callable[[], bool]) -> None:
        self._introduce(sender, self._options(sender, recipient, letter))
        self._ask(f"RCPT TO:<{recipient}>")
        self._ask("DATA", _READY_FOR_BODY)
        self._write(on_the_wire(letter))
        self._hear_out()
        if not before_dot():
            self._smtp.close()
            raise Deferred("broken off by ourselves before the letter was handed over")
        self._dot()

    def _introduce(self, sender: str, options: str) -> None:
        """A refusal at this point concerns us: no reader is refused for it, and no other letter would fare better."""
        try:
            self._ask(f"MAIL FROM:<{sender}>{options}")
        except SendError as error:
            about_us = (error.code or 0) // 100 == 5 and "SMTPUTF8" not in options  # noqa: PLR2004  SMTP
            if not about_us:
                raise
            self._smtp.close()
            raise Deferred(f"{error.message} (to MAIL FROM:<{sender}>)", code=error.code, hint=_SENDER_HINT) from error

    def _options(self, sender: str, recipient: str, letter: bytes) -> str:
        options = f" SIZE={len(letter)}" if self._smtp.has_extn("size") else ""
        if not letter.isascii() and self._smtp.has_extn("8bitmime"):
            options += " BODY=8BITMIME"
        head = letter.partition(b"\r\n\r\n")[0]
        if sender.isascii() and recipient.isascii() and head.isascii():
            return options
        if not self._smtp.has_extn("smtputf8"):
            message = f"the mail server {self._server} does not take addresses in other scripts than Latin (SMTPUTF8)"
            if not recipient.isascii():
                raise Refused(message, hint="have the server offer SMTPUTF8, or ask the reader for an address in ASCII")
            self._smtp.close()
            raise Deferred(message, hint="write delivery.from in ASCII")
        return f"{options} SMTPUTF8"

    def _ask(self, command: str, expected: int | None = None) -> None:
        """A command before the body, and its answer."""
        try:
            code, reply = self._smtp.docmd(command)
        except OSError as error:
            raise self._lost(error) from error
        if code == expected or (expected is None and _is_ok(code)):
            return
        if _is_no(code) and code != _CLOSING:
            self._reset()
        else:
            self._smtp.close()
        raise self._verdict(code, reply)

    def _write(self, data: bytes) -> None:
        try:
            self._smtp.send(data)
        except OSError as error:
            raise self._lost(error) from error

    def _hear_out(self) -> None:
        """A server may refuse or hang up while the letter is on its way: better heard now than after the commit."""
        assert self._smtp.sock is not None
        with selectors.DefaultSelector() as selector:
            selector.register(self._smtp.sock, selectors.EVENT_READ)
            if not selector.select(timeout=0):
                return
        try:
            code, reply = self._smtp.getreply()
        except OSError as error:
            raise self._lost(error) from error
        self._smtp.close()  # it may still take what we say for a part of the letter
        raise self._verdict(code, reply)

    def _dot(self) -> None:
        """From here on the letter may be accepted. Where the dot cannot even be written, it certainly is not."""
        assert self._smtp.sock is not None
        self._smtp.sock.settimeout(self._timeout * PATIENCE_AFTER_DOT)
        self._write(b".\r\n")
        try:
            code, reply = self._smtp.getreply()
        except OSError as error:
            self._smtp.close()
            message, _ = _explained(error)
            raise InDoubt(f"no answer from the mail server {self._server} after the letter: {message}") from error
        self._smtp.sock.settimeout(self._timeout)
        if _is_ok(code):
            return
        if not _is_no(code):
            self._smtp.close()
            raise InDoubt(f"the mail server {self._server} answered to the letter: {_shown(code, reply)}", code=code)
        if code == _CLOSING:
            self._smtp.close()
        raise self._verdict(code, reply)

    def _reset(self) -> None:
        """After a refusal: the server forgets the letter, and the connection serves the next one."""
        try:
            code, _ = self._smtp.docmd("RSET")
        except OSError:
            code = _CLOSING
        if not _is_ok(code):
            self._smtp.close()

    def _verdict(self, code: int, reply: bytes) -> SendError:
        """What an answer other than yes means for the letter."""
        message = f"{self._server} answered {_shown(code, reply)}"
        if code in _ABOUT_US:
            return Deferred(message, code=code, hint=_SENDER_HINT)
        if code // 100 == 5:  # noqa: PLR2004  SMTP
            return Refused(message, code=code)
        return Deferred(message, code=code if _is_no(code) else None)

    def _lost(self, error: OSError) -> Deferred:
        self._smtp.close()
        message, _ = _explained(error)
        return Deferred(f"the connection to the mail server {self._server} was lost: {message}")


class Rate:
    """At most so many letters a second, all threads together, evenly spaced but for `burst` at once."""

    def __init__(
        self,
        per_second: float,
        *,
        burst: int = 1,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], object] = time.sleep,
    ) -> None:
        self._interval = 1 / per_second
        self._credit = (burst - 1) * self._interval
        self._clock, self._sleep = clock, sleep
        self._lock = threading.Lock()
        self._free = float("-inf")

    def take(self) -> None:
        """Wait for the next free place; places are given in the order of asking."""
        with self._lock:
            now = self._clock()
            place = max(self._free, now - self._credit)
            self._free = place + self._interval
        if place > now:
            self._sleep(place - now)


def on_the_wire(letter: bytes) -> bytes:
    """CRLF alone ends lines and the letter, and lines that start with a dot get a second one (RFC 5321 4.5.2).

    A lone CR or LF is the stuff of SMTP smuggling: two servers that disagree on it see two letters in one.
    """
    if not letter.count(b"\r\n") == letter.count(b"\r") == letter.count(b"\n"):
        letter = _LINE_END.sub(b"\r\n", letter)
    if not letter.endswith(b"\r\n"):
        letter += b"\r\n"
    return (b"." if letter.startswith(b".") else b"") + letter.replace(b"\r\n.", b"\r\n..")


def _recipient(email: str) -> str:
    try:
        return addresses.wire(email)
    except UsageError as error:
        raise Refused(error.message) from error


def _is_ok(code: int) -> bool:
    return 200 <= code < 300  # noqa: PLR2004  SMTP


def _is_no(code: int) -> bool:
    return 400 <= code < 600  # noqa: PLR2004  SMTP


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def _shown(code: int, reply: bytes) -> str:
    """A server's words, as they may stand in a log."""
    text = _CONTROLS.sub(" ", reply.decode("utf-8", "replace")).strip()
    text = text if len(text) <= _LONGEST_REPLY else text[:_LONGEST_REPLY] + "…"
    return f"{code} {text}".strip() if code > 0 else f"something that is not SMTP: {text}"


def _explained(error: Exception) -> tuple[str, int | None]:
    if isinstance(error, smtplib.SMTPResponseException):
        reply = error.smtp_error
        return _shown(error.smtp_code, reply if isinstance(reply, bytes) else reply.encode()), error.smtp_code
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate is not trusted ({error.verify_message})", None
    return str(getattr(error, "strerror", None) or error), None
