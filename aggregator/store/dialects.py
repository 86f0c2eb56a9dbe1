"""The seams where SQLite and PostgreSQL differ."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from itertools import islice
from typing import Any, TypeVar

from sqlalchemy import (
    JSON,
    Column,
    ColumnElement,
    Connection,
    DateTime,
    Dialect,
    Table,
    any_,
    bindparam,
    func,
    select,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.types import TypeDecorator

Value = TypeVar("Value")


class Utc(TypeDecorator[datetime]):
    """An aware moment in UTC. SQLite forgets time zones, so naive values are refused here, at one place.

    There, it is text as SQLAlchemy's own type writes it, but written and read by datetime's own methods: four times a row,
    its general way costs more than all the rest of a row.
    """

    impl = DateTime(timezone=True)
    cache_ok = True

    def bind_processor(self, dialect: Dialect) -> Any:
        return _to_sqlite if dialect.name == "sqlite" else _to_server

    def result_processor(self, dialect: Dialect, coltype: Any) -> Any:  # noqa: ARG002  the interface
        return _from_sqlite if dialect.name == "sqlite" else _from_server


def _to_server(value: datetime | None) -> datetime | None:
    if value is None:
        return None
    if value.tzinfo is None:
        raise ValueError(f"a time without a zone cannot be stored: {value!r}")
    return value.astimezone(UTC)


def _to_sqlite(value: datetime | None) -> str | None:
    there = _to_server(value)
    return None if there is None else there.replace(tzinfo=None).isoformat(" ", "microseconds")


def _from_server(value: datetime | None) -> datetime | None:
    return None if value is None else value.astimezone(UTC)


def _from_sqlite(value: str | None) -> datetime | None:
    return None if value is None else datetime.fromisoformat(value).replace(tzinfo=UTC)


def insert_new(conn: Connection, table: Table, rows: Sequence[Mapping[str, Any]], *, key: Sequence[str]) -> int:
    """Insert the rows whose `key` is not there yet; how many that were."""
    if not rows:
        return 0
    statement = _insert(conn)(table).on_conflict_do_nothing(index_elements=list(key))
    return conn.execute(statement, rows, execution_options={"preserve_rowcount": True}).rowcount


def upsert(conn: Connection, table: Table, rows: Sequence[Mapping[str, Any]], *, key: Sequence[str]) -> None:
    """Insert the rows, or bring those that are there up to date. All have the same columns."""
    if not rows:
        return
    statement = _insert(conn)(table)
    changes = {name: statement.excluded[name] for name in rows[0] if name not in key}
    conn.execute(statement.on_conflict_do_update(index_elements=list(key), set_=changes), rows)


def _insert(conn: Connection) -> Any:
    return postgresql.insert if conn.dialect.name == "postgresql" else sqlite.insert


def among(conn: Connection, column: Column[Any], values: Sequence[str] | Sequence[int]) -> ColumnElement[bool]:
    """The column is one of very many values, in one parameter: a list of parameters costs more than what it finds."""
    if conn.dialect.name == "postgresql":
        return column == any_(bindparam(None, list(values), type_=postgresql.ARRAY(column.type)))
    each = func.json_each(bindparam(None, list(values), type_=JSON)).table_valued("value")
    return column.in_(select(each.c.value))


def write_many(conn: Connection, table: Table, rows: Sequence[Sequence[Any]], *, key: Sequence[str]) -> None:
    """As `upsert`, for very many rows: values of all columns, in their order, as the driver takes them (no times, no JSON)."""
    if rows:
        conn.exec_driver_sql(_upsert_of(table, conn.dialect, tuple(key)), [tuple(row) for row in rows])


@cache
def _upsert_of(table: Table, dialect: Dialect, key: tuple[str, ...]) -> str:
    names = [column.name for column in table.columns]
    mark = "%s" if dialect.name == "postgresql" else "?"
    changes = ", ".join(f"{name} = excluded.{name}" for name in names if name not in key)
    return (
        f"INSERT INTO {table.name} ({', '.join(names)}) VALUES ({', '.join(mark for _ in names)})"  # noqa: S608  names are ours
        f" ON CONFLICT ({', '.join(key)}) DO UPDATE SET {changes}"
    )


def slices(values: Iterable[Value], size: int = 500) -> Iterator[list[Value]]:
    """As many as one statement takes."""
    left = iter(values)
    while some := list(islice(left, size)):
        yield some
