"""Bringing a database to the present schema. A migration and its record are one transaction."""

from pathlib import Path

from sqlalchemy import Engine, inspect, text

from aggregator.errors import StoreError
from aggregator.store.engine import reading, writing
from aggregator.store.locks import exclusive
from aggregator.store.tables import SCHEMA


def ensure(engine: Engine) -> None:
    """Create or upgrade what is older; refuse what is newer than this program."""
    if version(engine) != SCHEMA:
        with exclusive(engine, "migrate", wait=60):
            _upgrade(engine)


def version(engine: Engine) -> str | None:
    with reading(engine) as conn:
        if not inspect(conn).has_table("alembic_version"):
            return None
        found = conn.execute(text("SELECT version_num FROM alembic_version")).scalar()
        return None if found is None else str(found)


def _upgrade(engine: Engine) -> None:
    from alembic import command
    from alembic.config import Config
    from alembic.util import CommandError

    settings = Config()
    settings.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    settings.set_main_option("path_separator", "os")
    with writing(engine) as conn:
        settings.attributes["connection"] = conn
        try:
            command.upgrade(settings, "head")
        except CommandError as error:
            raise StoreError(
                "the database is of a newer version than this program",
                hint="upgrade the program, or name another database",
            ) from error
