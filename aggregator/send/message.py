"""An edition as letters: serialised once, and each reader's few bytes spliced in.

Building a letter with the email package costs 3 ms, splicing one costs some 20 µs: at the rate of a fast relay that is
the difference between one core and none.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import format_datetime
from functools import lru_cache
from hashlib import sha256
from urllib.parse import quote, urlsplit, urlunsplit

from aggregator.config import Config, Newsletter
from aggregator.errors import ConfigError, Mistake, Refused, RenderError, UsageError
from aggregator.model import TOKEN_LENGTH, TOKEN_PLACEHOLDER, Delivery, Edition
from aggregator.send import addresses, headers
from aggregator.send.quoted_printable import quoted_printable

# Longer ones are folded by some programs on the way, and a folded address unsubscribes nobody.
LONGEST_UNSUBSCRIBE = 74
_UNSUBSCRIBE_PATH = "/u/"
_URI = re.compile(r"[!#-;=?-\[\]_a-z~]+")
_TOKEN = re.compile(rf"[A-Za-z0-9_-]{{{TOKEN_LENGTH}}}")
_PERSONAL = ("To", "Date", "Message-ID", "List-Unsubscribe")


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """A letter to everybody, but for what differs. `envelope_from` is the address that bounces go to."""

    envelope_from: str
    unsubscribe: str
    """The address that the reader's token completes."""
    pieces: tuple[bytes, ...] = field(repr=False)
    """Head and body, cut wherever a token belongs."""

    def letter(self, delivery: Delivery, token: str) -> bytes:
        """The letter to one reader: CRLF lines, not dot-stuffed, the same bytes at every attempt.

        Raises Refused where the delivery has no address that mail can be sent to.
        """
        if _TOKEN.fullmatch(token) is None:
            raise ValueError(f"a token has {TOKEN_LENGTH} URL-safe characters")
        try:
            to = addresses.wire(delivery.email)
        except UsageError as error:
            raise Refused(error.message) from error
        head = b"".join(
            (
                headers.mailbox("To", delivery.name or "", to),
                _date(delivery.created),
                headers.plain("Message-ID", delivery.message_id),
                headers.bare("List-Unsubscribe", self.unsubscribe + token),
            )
        )
        headers.check(head, _PERSONAL)
        return head + token.encode("ascii").join(self.pieces)


def prepare(config: Config, newsletter: Newsletter, edition: Edition, html: str, text: str) -> Prepared:
    """Serialise an edition's mail. Raises ConfigError where the configuration does not allow for a right head."""
    if mistakes := problems(config):
        raise ConfigError(mistakes)
    assert config.delivery is not None
    boundary, pieces = _body(text, html)
    head = _head(config, newsletter, edition, boundary)
    _, sender = addresses.mailbox(config.delivery.sender)
    return Prepared(
        envelope_from=sender,
        unsubscribe=_unsubscribe(config.public_url),
        pieces=(head + b"\r\n" + pieces[0], *pieces[1:]),
    )


def problems(config: Config) -> list[Mistake]:
    """What in the configuration keeps letters from having a right head: for `check`, and before anything is sent."""
    if config.delivery is None:
        return [_mistake("delivery", "nothing is mailed without it", "add delivery: {smtp: …, from: …}")]
    public = "web.public_url" if config.web.public_url else "publication.link"
    as_in, shorter = "write it as in: Desk <desk@example.org>", "set web.public_url to a short address of the server"
    checks: tuple[tuple[str, Callable[[str], object], str | None, str], ...] = (
        ("delivery.from", addresses.mailbox, config.delivery.sender, as_in),
        ("delivery.reply_to", addresses.mailbox, config.delivery.reply_to, as_in),
        ("publication.link", uri, config.site_url, "write it as a browser shows it when copied"),
        (public, _unsubscribe, config.public_url, shorter),
    )
    found: dict[str, Mistake] = {}
    for key, read, value, hint in checks:
        try:
            read(value) if value is not None else None
        except UsageError as error:
            found.setdefault(key, _mistake(key, error.message, hint))
    return list(found.values())


def uri(address: str) -> str:
    """A web address in ASCII, as headers carry it. Raises UsageError where it has signs that no address has."""
    if not address.isascii():
        parts = urlsplit(address)
        host = addresses.ascii_domain(parts.hostname or "")
        place = host if parts.port is None else f"{host}:{parts.port}"
        signs = "/%:@!$&'()*+,;=~?"
        address = urlunsplit((parts.scheme, place, quote(parts.path, signs), quote(parts.query, signs), ""))
    if _URI.fullmatch(address) is None:
        raise UsageError(f"{address!r} is no web address: it has spaces, quotes or brackets in it")
    return address


def _unsubscribe(public_url: str) -> str:
    """The one-click address without its token. Raises UsageError where it would get too long."""
    start = uri(public_url) + _UNSUBSCRIBE_PATH
    if (over := len(start) + TOKEN_LENGTH - LONGEST_UNSUBSCRIBE) > 0:
        raise UsageError(f"{public_url!r} is {over} characters too long for one-click unsubscribe to work everywhere")
    return start


def _head(config: Config, newsletter: Newsletter, edition: Edition, boundary: str) -> bytes:
    """Every header that is the same for all readers, checked."""
    lines = dict(_common(config, newsletter, edition))
    lines["MIME-Version"] = headers.plain("MIME-Version", "1.0")
    lines["Content-Type"] = headers.plain("Content-Type", f'multipart/alternative;\r\n boundary="{boundary}"')
    head = b"".join(lines.values())
    headers.check(head, tuple(lines))
    return head


def _common(config: Config, newsletter: Newsletter, edition: Edition) -> Iterator[tuple[str, bytes]]:
    assert config.delivery is not None
    yield "From", _mailbox("From", config.delivery.sender)
    if config.delivery.reply_to is not None:
        yield "Reply-To", _mailbox("Reply-To", config.delivery.reply_to)
    yield "Subject", headers.text("Subject", edition.subject if headers.clean(edition.subject) else newsletter.title)
    host = urlsplit(uri(config.site_url)).hostname
    yield "List-Id", headers.mailbox("List-Id", newsletter.title, f"{newsletter.name}.{host}")
    if config.public_url.startswith("https:"):  # RFC 8058: one-click is for https alone
        yield "List-Unsubscribe-Post", headers.plain("List-Unsubscribe-Post", "List-Unsubscribe=One-Click")
    yield "List-Archive", headers.bare("List-Archive", f"{uri(config.site_url)}/editions/{newsletter.name}/")
    if edition.url:
        yield "Archived-At", headers.bare("Archived-At", uri(edition.url))
    yield "Precedence", headers.plain("Precedence", "bulk")
    yield "Content-Language", headers.plain("Content-Language", edition.language)


def _body(text: str, html: str) -> tuple[str, list[bytes]]:
    """The boundary, and the two parts cut at their tokens. The boundary depends on the parts alone, and `=_` occurs in
    no quoted-printable text.
    """
    parts = {"text/plain": quoted_printable(text), "text/html": quoted_printable(html)}
    boundary = "=_" + sha256(b"\0".join(parts.values())).hexdigest()[:32]
    body = b"".join(_part(boundary, kind, part) for kind, part in parts.items()) + f"--{boundary}--\r\n".encode()
    pieces = body.split(TOKEN_PLACEHOLDER.encode())
    if len(pieces) - 1 != text.count(TOKEN_PLACEHOLDER) + html.count(TOKEN_PLACEHOLDER):
        raise RenderError("a reader's token was broken by the encoding of the mail")
    return boundary, pieces


def _part(boundary: str, kind: str, encoded: bytes) -> bytes:
    head = f"--{boundary}\r\nContent-Type: {kind}; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
    return head.encode("ascii") + encoded + b"\r\n"


def _mailbox(name: str, value: str) -> bytes:
    display, address = addresses.mailbox(value)
    return headers.mailbox(name, display, addresses.wire(address))


@lru_cache(maxsize=64)  # all readers of an edition share one
def _date(moment: datetime) -> bytes:
    return headers.plain("Date", format_datetime(moment))


def _mistake(key: str, message: str, hint: str | None) -> Mistake:
    return Mistake(file="feeds.yaml", line=None, key=key, message=message, hint=hint)
