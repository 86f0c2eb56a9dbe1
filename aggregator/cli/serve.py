"""The web application."""

import signal
from types import FrameType
from typing import Any, NoReturn

import click

from aggregator.cli.base import Command, Shared, shared


@click.command("serve", cls=Command)
@click.option("--host", help="Where to listen; default: `web.listen` of feeds.yaml.")
@click.option("--port", type=click.IntRange(0, 65535), help="Its port; 0: any that is free.")
@shared
def serve_command(options: Shared, /, *, host: str | None, port: int | None) -> None:
    """The web application: the published site, and what the links of letters lead to, until SIGTERM.

    It speaks plain HTTP and listens on loopback by default: a proxy in front of it brings TLS, under any path prefix
    that it takes away.
    """
    from aggregator.web.server import listen

    configured_host, _, configured_port = options.config.web.listen.rpartition(":")
    app = options.app()
    server = listen(
        app, host or configured_host.strip("[]"), port if port is not None else int(configured_port)
    )  # fmt: skip
    try:
        until_ended(options, server, f"serving {options.config.output_folder}")
    finally:
        app.close()


def until_ended(options: Shared, server: Any, what: str) -> None:
    """Answer until SIGTERM, having said where."""
    from aggregator.web.server import addresses

    signal.signal(signal.SIGTERM, _end)
    for address in addresses(server):
        options.say(f"{what} at {address}")
    try:
        server.run()  # ends quietly at SystemExit and KeyboardInterrupt
    finally:
        server.close()


def _end(_signal: int, _frame: FrameType | None) -> NoReturn:
    raise SystemExit
