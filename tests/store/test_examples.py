"""What is learned from, on both databases."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Engine

from aggregator.store import examples
from aggregator.store.engine import reading, writing
from aggregator.store.examples import Lesson, Taught, Told

NOW = datetime(2020, 5, 14, 12, tzinfo=UTC)


def taught(digest: str, label: str, **more: Any) -> Taught:
    said: dict[str, Any] = {"kind": "categories", "title": digest, "summary": "", "origin": "a.jsonl", "at": NOW}
    return Taught(digest=digest, label=label, **said | more)


def holding(engine: Engine) -> list[tuple[str, str]]:
    with reading(engine) as conn:
        return [(one.digest, one.label) for one in examples.load(conn, "categories")]


def digest(engine: Engine) -> str | None:
    with reading(engine) as conn:
        return examples.digest(conn, "categories")


def test_an_editor_is_heard_before_a_file_and_the_later_line_before_the_earlier(engine: Engine) -> None:
    with writing(engine) as conn:
        examples.correct(conn, taught("b", "law", origin="e1", editor=True))
        examples.replace_files(conn, [taught("b", "trade"), taught("a", "law"), taught("a", "trade")])
        assert examples.count(conn) == {"categories": Told(2, 1), "sections": Told()}
    assert holding(engine) == [("a", "trade"), ("b", "law")]
    with writing(engine) as conn:
        examples.take_back(conn, "e1", ["sections"])
        examples.take_back(conn, "e2")
        assert examples.count(conn)["categories"] == Told(2, 1)
        examples.take_back(conn, "e1")
    assert holding(engine) == [("a", "trade"), ("b", "trade")]
    with writing(engine) as conn:
        examples.replace_files(conn, [])
    assert holding(engine) == []


def test_more_lines_than_one_statement_takes(engine: Engine) -> None:
    with writing(engine) as conn:
        examples.replace_files(conn, (taught(f"{number % 600:04}", f"{number}") for number in range(1200)))
    found = holding(engine)
    assert len(found) == 600
    assert found[0] == ("0000", "600")


def test_the_digest_tells_any_other_set_of_examples(engine: Engine) -> None:
    seen: list[str | None] = [digest(engine)]
    for change in (
        [taught("a", "law")],
        [taught("a", "trade")],
        [taught("a", "trade"), taught("b", "trade")],
        [taught("a", "trade"), taught("b", "trade"), taught("b", "trade", kind="sections")],
    ):
        with writing(engine) as conn:
            examples.replace_files(conn, change)
        seen.append(digest(engine))
    assert seen[0] is None
    assert len(set(seen)) == 4
    assert seen[-1] == seen[-2], "another kind is none of its business"
    with writing(engine) as conn:
        examples.correct(conn, taught("a", "law", origin="e1", editor=True))
    assert digest(engine) not in seen


def test_the_last_lesson_comes_back_as_it_went(engine: Engine) -> None:
    first = Lesson(
        kind="sections", at=NOW, examples="d", correction=3, number=2, learned=True, outcome="of 12 texts"
    )  # fmt: skip
    with writing(engine) as conn:
        assert examples.last(conn, "sections") is None
        examples.note(conn, first)
        examples.note(conn, later := replace(first, number=3, learned=False))
    with reading(engine) as conn:
        assert examples.last(conn, "sections") == later
        assert examples.last(conn, "categories") is None
