"""The preview of pages and mails, for who edits templates."""

from typing import TYPE_CHECKING

import click

from aggregator.cli.base import Command, Shared, expect, shared
from aggregator.cli.serve import until_ended

if TYPE_CHECKING:  # loads where the command runs
    from aggregator.config import Config
    from aggregator.web.preview import Sample


@click.command("preview", cls=Command)
@click.option("--host", default="127.0.0.1", show_default=True, help="Where to listen.")
@click.option("--port", type=click.IntRange(0, 65535), default=8001, show_default=True, help="0: any that is free.")
@click.option("--sample", is_flag=True, help="Sample stories, as where nothing was read yet.")
@click.option("--newsletter", metavar="NAME", help="Which to show first; default: the first.")
@click.option("--edition", type=click.IntRange(1), help="Its number; default: the next, as it would be composed now.")
@click.option("--categories", default="", metavar="A,B", help="As a reader gets it who wants these categories only.")
@shared
def preview_command(
    options: Shared,
    /,
    *,
    host: str,
    port: int,
    sample: bool,
    newsletter: str | None,
    edition: int | None,
    categories: str,
) -> None:
    """See mails and pages while you edit templates: on a phone, a desktop, by night, as text; until SIGTERM.

    It shows the database as it is, or sample stories, and follows every change of templates/ and feeds.yaml. Mistakes are
    told in the page, with file and line. Nothing is written: not to the database, not to the published files.
    """
    from aggregator.app import utc_now
    from aggregator.web.board import First, create
    from aggregator.web.preview import Bench
    from aggregator.web.server import serve_wsgi

    config = options.config
    if newsletter is not None:
        expect("newsletter", newsletter, [one.name for one in config.newsletters])
    wish = frozenset(filter(None, categories.split(",")))
    for slug in wish:
        expect("category", slug, [one.slug for one in config.categories])
    options.log()
    bench = Bench(options.file, _sample() if sample or _is_new(config, options) else None, utc_now)
    server = serve_wsgi(create(bench, First(newsletter, edition, wish), host), host, port)
    try:
        until_ended(options, server, "preview")
    finally:
        bench.close()


def _is_new(config: "Config", options: Shared) -> bool:
    file = config.database_file
    if file is None or file.is_file():
        return False
    options.say(f"there is no {file} yet: sample stories are shown")
    return True


def _sample() -> "Sample":
    from aggregator.demo.week import NOW, week
    from aggregator.web.preview import Sample

    return Sample(week(), NOW)
