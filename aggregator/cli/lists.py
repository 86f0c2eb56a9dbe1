"""What there is, with filters, for people and as JSON; and why it is so."""

from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING, Any, get_args

import click

from aggregator.cli import show
from aggregator.cli.base import Command, Shared, expect, shared
from aggregator.errors import UsageError
from aggregator.model import Delivery, DeliveryState

if TYPE_CHECKING:  # the database library loads where a command needs it: `--help` does not
    from aggregator.store.editions import Kept

json_option = click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")


_HIGHEST = 2**31 - 1
"""What a database takes for a number of rows, or of an edition."""


def limit_option(default: int) -> Callable[[Any], Any]:
    return click.option(
        "--limit",
        type=click.IntRange(min=0),
        help=f"At most so many; default: {default} for people, all with --json; 0: all.",
    )


def limit_of(limit: int | None, default: int, *, as_json: bool) -> int | None:
    if limit is None:
        return None if as_json else default
    return min(limit, _HIGHEST) or None


class DurationType(click.ParamType[timedelta]):
    name = "duration"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> timedelta:
        if isinstance(value, timedelta):  # a default: `--help` reads no durations
            return value
        from aggregator.config.kinds import read_duration

        try:
            return read_duration(value)
        except ValueError as error:
            self.fail(str(error), param, ctx)


def names_known(options: Shared, **named: str | None) -> None:
    """Nothing was found: because a name is mistyped? What is no longer configured may still be in the database."""
    known = {
        "source": [source.name for source in options.config.sources],
        "category": [category.slug for category in options.config.categories],
        "section": [section.slug for section in options.config.sections],
        "newsletter": [newsletter.name for newsletter in options.config.newsletters],
    }
    for kind, name in named.items():
        if name is not None:
            expect(kind, name, known[kind])


@click.command("editions", cls=Command)
@click.argument("newsletter", required=False)
@limit_option(20)
@json_option
@shared
def editions_command(options: Shared, /, *, newsletter: str | None, limit: int | None, as_json: bool) -> None:
    """List editions, the newest first."""
    from aggregator.store import deliveries, editions
    from aggregator.store.engine import reading

    app = options.app()
    with reading(app.engine) as conn:
        kept = editions.load(conn, newsletter, limit=limit_of(limit, 20, as_json=as_json))
        found = [_edition(each, deliveries.counts(conn, each.newsletter, each.number)) for each in kept]
    if not found:
        names_known(options, newsletter=newsletter)
    columns = ["edition", "slot", "subject", "stories", "letters"]
    show.rows(found, columns, as_json=as_json, none="no editions")


def _edition(kept: "Kept", letters: dict[str, int]) -> dict[str, Any]:
    from aggregator.edit.compose import from_json

    edition = from_json(kept.data)
    return {
        "edition": f"{kept.newsletter}/{kept.number}",
        "newsletter": kept.newsletter,
        "number": kept.number,
        "slot": show.time(kept.slot),
        "composed": show.time(kept.composed),
        "subject": edition.subject,
        "stories": len(edition.items),
        "letters": sum(letters.values()),
        "states": letters,
        "url": edition.url,
    }


@click.command("deliveries", cls=Command)
@click.argument("edition", required=False)
@click.option("--state", type=click.Choice(get_args(DeliveryState)), help="In this state.")
@click.option("--subscriber", help="To this address.")
@limit_option(50)
@json_option
@shared
def deliveries_command(
    options: Shared, *, edition: str | None, state: str | None, subscriber: str | None, limit: int | None, as_json: bool
) -> None:
    """List the ledger, the newest first: of one EDITION (as in daily/3) or of all."""
    from aggregator.send.addresses import normal
    from aggregator.store import deliveries
    from aggregator.store.engine import reading

    newsletter, number = _numbered(edition)
    app = options.app()
    with reading(app.engine) as conn:
        found = deliveries.listed(
            conn,
            newsletter=newsletter,
            number=number,
            state=state,
            subscriber=normal(subscriber) if subscriber else None,
            limit=limit_of(limit, 50, as_json=as_json),
        )
    if not found:
        names_known(options, newsletter=newsletter)
    columns = ["id", "edition", "subscriber", "state", "attempts", "updated", "reason"]
    show.rows(map(_delivery, found), columns, as_json=as_json, none="no deliveries")


def _numbered(edition: str | None) -> tuple[str | None, int | None]:
    if edition is None:
        return None, None
    newsletter, _, number = edition.partition("/")
    if number and not (number.isdecimal() and int(number[:10]) <= _HIGHEST):
        raise UsageError(f"{edition!r} names no edition", hint="write it as in daily/3, or daily for all of them")
    return newsletter, int(number) if number else None


def _delivery(letter: Delivery) -> dict[str, Any]:
    return {
        "id": f"d{letter.id}",
        "edition": letter.edition,
        "subscriber": letter.email,
        "state": letter.state,
        "attempts": letter.attempts,
        "message_id": letter.message_id,
        "updated": show.time(letter.updated),
        "reason": letter.reason,
    }


@click.command("explain", cls=Command)
@click.argument("id_", metavar="ID")
@click.argument("other", required=False, metavar="[OTHER]")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line: label and text.")
@shared
def explain_command(options: Shared, /, *, id_: str, other: str | None, as_json: bool) -> None:
    """Why ID is as it is: an entry, a story, a source, a newsletter, a category, an edition (daily/3), a feed of ours
    (atom.xml) or a delivery (d12).

    Of an entry, what was decided when it was judged stands first, then every rule that speaks as feeds.yaml stands now,
    with its points.

    With OTHER: why two entries or stories are one, or are not.
    """
    from aggregator.pipeline.explaining.explain import explain
    from aggregator.pipeline.explaining.pair import explain_pair

    app = options.app()
    if other is None:
        lines = explain(app.engine, options.config, id_, app.clock())
    else:
        lines = explain_pair(app.engine, options.config, id_, other)
    if as_json:
        found = ({"label": label, "text": text} for label, text in lines)
        show.rows(found, [], as_json=True, none="")
        return
    width = max(len(label) for label, _ in lines)
    for label, text in lines:
        click.echo(f"{label:<{width}}  {show.plain(text)}")
