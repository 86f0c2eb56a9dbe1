"""A loopback port that stays the same from one run to the next, where it is still free.

Validators belong to the address that gave them, port included: on another port the second poll could not be
answered 304.
"""

import socket
from pathlib import Path

HOST = "127.0.0.1"


def bind(remembered: Path | None = None) -> socket.socket:
    """A socket bound on loopback: to the port that the file remembers, else to any; the file then remembers that."""
    bound = _try(_read(remembered)) or _try(0)
    if bound is None:
        raise OSError("no port is free on 127.0.0.1")
    if remembered is not None:
        remembered.parent.mkdir(parents=True, exist_ok=True)
        remembered.write_text(f"{port_of(bound)}\n", encoding="ascii")
    return bound


def port_of(bound: socket.socket) -> int:
    port: int = bound.getsockname()[1]
    return port


def _read(remembered: Path | None) -> int | None:
    """None also where the file holds something else: it is only a hint."""
    try:
        text = remembered.read_text(encoding="ascii").strip() if remembered is not None else ""
    except (OSError, UnicodeDecodeError):
        return None
    return int(text) if text.isdigit() and 1024 <= int(text) <= 65535 else None  # noqa: PLR2004  unprivileged ports


def _try(port: int | None) -> socket.socket | None:
    if port is None:
        return None
    made = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        made.bind((HOST, port))
        # Two sockets with SO_REUSEADDR may be bound to one port until one listens, so only listening proves it ours.
        made.listen(128)
    except OSError:
        made.close()
        return None
    return made
