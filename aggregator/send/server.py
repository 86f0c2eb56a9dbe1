"""Which mail server: the address in `delivery.smtp`, read."""

import re
from dataclasses import dataclass, field
from ipaddress import ip_address
from urllib.parse import unquote

from aggregator.errors import ConfigError, Mistake

_RELAY, _SUBMISSION, _SUBMISSION_TLS, _LAST = 25, 587, 465, 65535
_URL = re.compile(
    r"""(?P<scheme>smtps?)://
    (?:(?P<user>[^:]*?)(?::(?P<password>.*))?@)?
    (?P<host>\[[0-9a-f:.]+\]|[^\[\]:/@\s]+)
    (?::(?P<port>\d{1,5}))?/?""",
    re.IGNORECASE | re.VERBOSE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """Its `str` and `repr` show neither user nor password."""

    host: str
    port: int
    implicit_tls: bool
    user: str | None = field(repr=False)
    password: str | None = field(repr=False)

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    @property
    def local(self) -> bool:
        try:
            return ip_address(self.host).is_loopback
        except ValueError:
            return self.host.lower() == "localhost"


def parse_url(url: str) -> Server:
    """Raises ConfigError, which shows nothing of the address: it may hold a password.

    Everything up to the last @ is user and password, so that a password put in from the environment may have any
    signs; only a percent sign before two hexadecimal digits stands for something else, as in every address.
    """
    found = _URL.fullmatch(url.strip())
    port = int(found["port"]) if found and found["port"] else None
    if found is None or (port is not None and not 0 < port <= _LAST):
        hint = "write smtp://host:587, smtp://user:${SMTP_PASSWORD}@host:587 or smtps://…:465"
        raise ConfigError([Mistake("feeds.yaml", None, "delivery.smtp", "is no address of a mail server", hint)])
    implicit_tls = found["scheme"].lower() == "smtps"
    return Server(
        host=found["host"].strip("[]"),
        port=port or (_SUBMISSION_TLS if implicit_tls else _SUBMISSION if found["user"] else _RELAY),
        implicit_tls=implicit_tls,
        user=unquote(found["user"]) if found["user"] else None,
        password=unquote(found["password"] or "") if found["user"] else None,
    )
