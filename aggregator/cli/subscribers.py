"""People: who they are and what they get."""

import csv
import io
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from aggregator.cli import show
from aggregator.cli.base import Group, Shared, expect, of_group, shared
from aggregator.cli.lists import json_option
from aggregator.errors import UsageError
from aggregator.model import Subscriber

if TYPE_CHECKING:  # the database library loads where a command needs it: `--help` does not
    from aggregator.app import App


@click.group("subscribers", cls=Group, invoke_without_command=True)
@click.option("--newsletter", help="Who get this newsletter.")
@json_option
@click.pass_context
def subscribers_command(context: click.Context, *, newsletter: str | None, as_json: bool) -> None:
    """List subscribers, add and remove them."""
    if context.invoked_subcommand is not None:
        return
    options = of_group(context)
    found = [_row(person) for person in _load(options) if newsletter is None or newsletter in person.newsletters]
    columns = ["email", "name", "state", "newsletters", "created"]
    if not found and newsletter is not None:
        expect("newsletter", newsletter, [each.name for each in options.config.newsletters])
    show.rows(found, columns, as_json=as_json, none="no subscribers: `aggregator subscribers add EMAIL`")


def _load(options: Shared) -> list[Subscriber]:
    from aggregator.store import subscribers
    from aggregator.store.engine import reading

    with reading(options.app().engine) as conn:
        return subscribers.load(conn)


def _row(person: Subscriber) -> dict[str, Any]:
    return {
        "email": person.email,
        "name": person.name,
        "state": person.state,
        "newsletters": list(person.newsletters),
        "created": show.time(person.created),
    }


@subscribers_command.command("add")
@click.argument("email")
@click.option("--name", help="As in the letter's To line.")
@click.option("--newsletter", "newsletters", multiple=True, help="Which to get; default: every newsletter.")
@shared
def add_command(options: Shared, /, *, email: str, name: str | None, newsletters: tuple[str, ...]) -> None:
    """Add a person, on your word that she agreed."""
    wanted = _wanted(options, newsletters)
    new = _add(options.app(), email, name, wanted)
    options.say(f"{email} gets {', '.join(wanted)}" if new else f"{email} gets {', '.join(wanted)} already")


def _wanted(options: Shared, newsletters: tuple[str, ...]) -> tuple[str, ...]:
    known = tuple(newsletter.name for newsletter in options.config.newsletters)
    for name in newsletters:
        expect("newsletter", name, known)
    if not known:
        raise UsageError(f"{options.file} has no newsletter to subscribe to", hint="add one under `newsletters`")
    return newsletters or known


def _add(app: "App", email: str, name: str | None, newsletters: tuple[str, ...]) -> bool:
    from aggregator.send.addresses import check, normal
    from aggregator.store import subscribers
    from aggregator.store.engine import writing

    address = check(email)
    with writing(app.engine) as conn:
        return subscribers.add(
            conn, email=address, key=normal(address), name=name, newsletters=newsletters, now=app.clock()
        )  # fmt: skip


@subscribers_command.command("remove")
@click.argument("email")
@shared
def remove_command(options: Shared, /, *, email: str) -> None:
    """Erase a person: address, wishes, and the ledger's rows."""
    from aggregator.send.addresses import normal
    from aggregator.store import subscribers
    from aggregator.store.engine import writing

    with writing(options.app().engine) as conn:
        if not subscribers.remove(conn, normal(email)):
            raise UsageError(f"there is no subscriber {email!r}", hint="`aggregator subscribers` lists them")
    options.say(f"{email} is erased")


@subscribers_command.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--newsletter", "newsletters", multiple=True, help="Which to get; default: every newsletter.")
@shared
def import_command(options: Shared, /, *, file: Path, newsletters: tuple[str, ...]) -> int:
    """Add people from a CSV file with a column `email` and, if you like, `name` and `newsletters` (by blanks).

    Lines that cannot be read are named, and the others are added. Exits with 1 when there were such lines. Who has
    unsubscribed stays so: a file does not know of it; `subscribers add` brings one person back.
    """
    wanted = _wanted(options, newsletters)
    app = options.app()
    counts = {"added": 0, "known": 0, "left": 0, "wrong": 0}
    for number, row in _csv(file):
        try:
            outcome = _import(app, row, _row_wants(options, row, wanted))
        except UsageError as error:
            outcome = "wrong"
            click.echo(f"{file}:{number}: {error.message}", err=True)
        counts[outcome] += 1
    gone = f", {counts['left']} have unsubscribed and stay so" if counts["left"] else ""
    options.say(f"{counts['added']} added, {counts['known']} there already{gone}, {counts['wrong']} lines left out")
    return 1 if counts["wrong"] else 0


def _row_wants(options: Shared, row: dict[str, str], default: tuple[str, ...]) -> tuple[str, ...]:
    """An empty cell means none: so `export` writes who gets nothing any more."""
    named = row.get("newsletters")
    if named is None:
        return default
    return _wanted(options, tuple(named.split())) if named.strip() else ()


def _import(app: "App", row: dict[str, str], newsletters: tuple[str, ...]) -> str:
    """Add the person of one line; what became of it."""
    from aggregator.send.addresses import check, normal
    from aggregator.store import subscribers
    from aggregator.store.engine import writing

    address = check(row.get("email") or "")
    name = (row.get("name") or "").strip() or None
    with writing(app.engine) as conn:
        left = subscribers.left(conn, normal(address)).intersection(newsletters)
        staying = [newsletter for newsletter in newsletters if newsletter not in left]
        new = subscribers.add(
            conn, email=address, key=normal(address), name=name, newsletters=staying, now=app.clock()
        )  # fmt: skip
    return "added" if new else "left" if left else "known"


def _csv(file: Path) -> list[tuple[int, dict[str, str]]]:
    try:
        text = file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise UsageError(f"{file} is not UTF-8 (byte {error.start})", hint="save it as CSV in UTF-8") from error
    reader = csv.DictReader(io.StringIO(text), strict=True)  # strict: a quote left open would swallow all that follows
    try:
        columns = [column.strip().lower() for column in reader.fieldnames or ()]
        if "email" not in columns:
            raise UsageError(f"{file}:1: no column is named email", hint="the first line names the columns: email,name")
        reader.fieldnames = columns
        return [(reader.line_num, row) for row in reader]
    except csv.Error as error:
        hint = "look for a quote that is not closed; nobody was added"
        raise UsageError(f"{file}:{reader.line_num}: this is no CSV: {error}", hint=hint) from error


@subscribers_command.command("export")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line, not CSV.")
@shared
def export_command(options: Shared, /, *, as_json: bool) -> None:
    """Print everybody as CSV that `import` reads."""
    people = [_row(person) for person in _load(options)]
    if as_json:
        for person in people:
            click.echo(json.dumps(person, ensure_ascii=False))
        return
    out = io.StringIO()
    writer = csv.DictWriter(out, ["email", "name", "state", "newsletters", "created"], lineterminator="\n")
    writer.writeheader()
    for person in people:
        writer.writerow(person | {"newsletters": " ".join(person["newsletters"]), "name": person["name"] or ""})
    click.echo(out.getvalue(), nl=False)
