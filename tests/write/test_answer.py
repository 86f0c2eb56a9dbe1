"""Answers are read strictly: the one JSON object that was asked for, or nothing."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.model import Reply
from aggregator.write.answer import Draft, Useless, read
from aggregator.write.prompt import SCHEMA

GOOD = {"sentences": [{"text": "One is told.", "sources": [1]}, {"text": "Two are told.", "sources": [1, 2]}]}
DRAFT = Draft((("One is told.", (1,)), ("Two are told.", (1, 2))))


def answer(text: str | None, **values: Any) -> Draft | Useless:
    return read(Reply(text=text, **values), language="en")


@pytest.mark.parametrize(
    "text",
    [
        json.dumps(GOOD),
        f"  {json.dumps(GOOD, indent=2)}\n",
        f"```json\n{json.dumps(GOOD)}\n```",
        f"```\n{json.dumps(GOOD)}\n```",
        f"<think>It is about {{two}} things.</think>\n{json.dumps(GOOD)}",
    ],
    ids=["plain", "indented", "fenced", "fenced without a name", "thought aloud before"],
)
def test_what_was_asked_for(text: str) -> None:
    draft = answer(text)
    assert draft == DRAFT
    assert isinstance(draft, Draft)
    assert draft.text == "One is told. Two are told."
    assert draft.named == (1, 2)


def test_nothing_stands_between_two_chinese_sentences() -> None:
    draft = read(Reply(text=json.dumps(GOOD)), language="zh-Hant")
    assert isinstance(draft, Draft)
    assert draft.text == "One is told.Two are told."


@pytest.mark.parametrize(
    ("text", "values", "reason"),
    [
        (None, {}, "the answer is empty"),
        ("  \n", {}, "the answer is empty"),
        (None, {"refusal": "I cannot help with that."}, "the model refused: I cannot help with that."),
        (json.dumps(GOOD), {"finish": "length"}, "is cut short: it is longer than writer.answer_tokens"),
        (json.dumps(GOOD), {"finish": "content_filter"}, "ended by “content_filter”"),
        (None, {"finish": "tool_calls"}, "ended by “tool_calls”"),
        ("One is told. Two are told.", {}, "is not the JSON"),
        (f"Here it is: {json.dumps(GOOD)}", {}, "is not the JSON"),
        (f"{json.dumps(GOOD)} I hope this helps.", {}, "is not the JSON"),
        (f"{json.dumps(GOOD)}{json.dumps(GOOD)}", {}, "is not the JSON"),
        (f"Sure!\n```json\n{json.dumps(GOOD)}\n```", {}, "is not the JSON"),
        (json.dumps(GOOD)[:-2], {}, "is not the JSON"),
        (json.dumps(GOOD["sentences"]), {}, "is not the JSON"),
        ('{"summary": "One is told."}', {}, "is not the JSON"),
        ('{"sentences": "One is told."}', {}, "is not the JSON"),
        ('{"sentences": [{"text": "One is told."}]}', {}, "is not the JSON"),
        ('{"sentences": [{"text": "One is told.", "sources": ["1"]}]}', {}, "is not the JSON"),
        ('{"sentences": [{"text": 1, "sources": [1]}]}', {}, "is not the JSON"),
        (json.dumps(GOOD | {"note": "x"}), {}, "is not the JSON"),
        ('{"sentences": [{"text": "\\ud800", "sources": [1]}]}', {}, "is not the JSON"),
        ("[" * 50_000, {}, "is not the JSON"),
        ("null", {}, "is not the JSON"),
    ],
)
def test_anything_else_is_of_no_use(text: str | None, values: dict[str, Any], reason: str) -> None:
    useless = answer(text, **values)
    assert isinstance(useless, Useless)
    assert reason in useless.reason
    assert len(useless.reason) < 300


@given(st.text(), st.text(max_size=20))
def test_whatever_comes_it_is_a_draft_or_of_no_use(text: str, finish: str) -> None:
    assert isinstance(answer(text, finish=finish), Draft | Useless)


@given(st.lists(st.tuples(st.text(), st.lists(st.integers(-9, 9))), max_size=6))
def test_what_is_written_by_the_schema_is_read(told: list[tuple[str, list[int]]]) -> None:
    import jsonschema

    said = {"sentences": [{"text": text, "sources": sources} for text, sources in told]}
    jsonschema.validate(said, SCHEMA)
    try:
        text = json.dumps(said, ensure_ascii=False).encode("utf-8").decode()
    except UnicodeEncodeError:
        return  # half a character: no server can send it
    draft = answer(text)
    assert isinstance(draft, Draft)
    assert [text for text, _ in draft.sentences] == [text.strip() for text, _ in told]
