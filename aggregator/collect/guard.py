"""Which addresses may be connected to: feeds come from strangers, and a stranger's redirect must not reach inside.

`ipaddress.is_global` alone is not enough: Python 3.11 calls NAT64, 6to4 and IPv4-compatible forms of 127.0.0.1 global,
multicast too. So we name what is *public* and look into the forms of IPv6 that carry an IPv4 address.
"""

import re
import socket
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

from yarl import URL

_NOT_PUBLIC_4 = tuple(
    IPv4Network(network)
    for network in (
        "0.0.0.0/8",  # this host
        "10.0.0.0/8",
        "100.64.0.0/10",  # carriers' own (CGNAT); a cloud keeps its metadata here
        "127.0.0.0/8",
        "169.254.0.0/16",  # link-local, cloud metadata
        "172.16.0.0/12",
        "192.0.0.0/24",  # protocol assignments; another cloud's metadata
        "192.0.2.0/24",  # documentation
        "192.88.99.0/24",  # 6to4 relays
        "192.168.0.0/16",
        "198.18.0.0/15",  # benchmarks
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved, broadcast
    )
)
_PUBLIC_6 = IPv6Network("2000::/3")
_NOT_PUBLIC_6 = tuple(
    IPv6Network(network)
    for network in (
        "2001::/23",  # Teredo, ORCHID and other protocol assignments
        "2001:db8::/32",  # documentation
        "2002::/16",  # 6to4
        "3fff::/20",  # documentation
    )
)
_NAT64 = IPv6Network("64:ff9b::/96")
_INSIDE_NAMES = ("localhost", "local", "localdomain", "internal", "intranet", "lan", "home", "corp", "home.arpa")
_OTHER_SERVICES = frozenset(
    (1719, 1720, 1723, 2049, 2375, 2376, 2379, 3306, 3389, 3659, 4045, 4190, 5060, 5061, 5432, 6000, 6379, 6443, 6566)
) | frozenset((6665, 6666, 6667, 6668, 6669, 6679, 6697, 9200, 10080, 10250, 11211, 27017))
_LOWEST_FREE_PORT = 1024


@dataclass(frozen=True, slots=True)
class Guard:
    """The rules of one installation. `exempt` names single addresses and hosts inside that may be asked all the same."""

    allow_private: bool = False
    exempt: frozenset[str] = frozenset()

    def web_address(self, url: str) -> URL:
        """The address as the HTTP client will understand it; ValueError with a sentence when it must not be asked.

        A name is judged again by what it resolves to, and the address once more when the socket is made.
        """
        parsed = _parsed(url)
        host = parsed.raw_host
        assert host is not None
        if not self.allow_private and host not in self.exempt:
            refusal = _name_refusal(host) or _port_refusal(parsed.port)
            if refusal:
                raise ValueError(refusal)
        return parsed.with_fragment(None)

    def address_refusal(self, address: str) -> str | None:
        """Why an IP address must not be connected to; None where it may."""
        return None if self.allow_private or address in self.exempt else address_refusal(address)


def address_refusal(address: str) -> str | None:
    """Why an IP address is not public; None where it is."""
    try:
        ip = ip_address(address.partition("%")[0])
    except ValueError:
        return f"{address} is no IP address"
    if _is_public(ip):
        return None
    return f"{address} is not a public address (poll.allow_private_networks lifts this)"


def _parsed(url: str) -> URL:
    text = url.strip()
    if re.search(r"[\x00-\x20\x7f\\]", text):
        raise ValueError("the address has a space, a control character or a backslash in it")
    try:
        parsed = URL(text)
        port = parsed.port
    except ValueError as error:
        raise ValueError(f"the address cannot be read: {error}") from error
    if parsed.scheme not in {"http", "https"} or not parsed.raw_host or not port:
        raise ValueError("only http:// and https:// addresses with a host are fetched")
    return parsed


def _is_public(ip: IPv4Address | IPv6Address) -> bool:
    if isinstance(ip, IPv4Address):
        return not any(ip in network for network in _NOT_PUBLIC_4)
    if ip.ipv4_mapped is not None:
        return _is_public(ip.ipv4_mapped)
    if ip in _NAT64:
        return _is_public(IPv4Address(int(ip) & 0xFFFFFFFF))
    return ip in _PUBLIC_6 and not any(ip in network for network in _NOT_PUBLIC_6)


def _name_refusal(host: str) -> str | None:
    name = host.rstrip(".").lower()
    literal = _literal(name)
    if literal is not None:
        return address_refusal(literal)
    if "." not in name or any(name == inside or name.endswith("." + inside) for inside in _INSIDE_NAMES):
        return f"{name or 'an empty name'} is a name inside a network (poll.allow_private_networks lifts this)"
    return None


def _literal(name: str) -> str | None:
    """The address that a host spells in digits; also 127.1, 0x7f000001, 0177.0.0.1 and 2130706433, as systems do."""
    if ":" in name:
        return name
    if re.fullmatch(r"(0x[0-9a-f]*|\d+)(\.(0x[0-9a-f]*|\d+))*", name):
        try:
            return socket.inet_ntoa(socket.inet_aton(name))
        except OSError:
            return name
    return None


def _port_refusal(port: int | None) -> str | None:
    if port in {80, 443} or (port is not None and port >= _LOWEST_FREE_PORT and port not in _OTHER_SERVICES):
        return None
    return f"port {port} is not one where feeds are served (80, 443 and free ones from {_LOWEST_FREE_PORT} on)"
