"""Sample stories, as the steps make them of the sample sources: what previews and checks render where nothing was read yet.

They are stored, so that a check need not poll and curate first; `python -m aggregator.demo.week` makes them anew.
"""

import json
import os
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

from pydantic import TypeAdapter

from aggregator.demo.samples import NOW
from aggregator.model import Story

__all__ = ["NOW", "week"]

_FILE = Path(__file__).with_name("week.json")
_MOST = 48


@lru_cache(maxsize=1)
def week() -> tuple[Story, ...]:
    """The newest first."""
    return TypeAdapter(tuple[Story, ...]).validate_json(_FILE.read_bytes())


def made_anew() -> tuple[Story, ...]:
    """By all steps, in a folder that is thrown away."""
    from aggregator.config.load import load
    from aggregator.demo.run import run
    from aggregator.pipeline.outlets import outlets
    from aggregator.store import stories
    from aggregator.store.engine import open_engine, reading

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        run(folder, lambda _: None)
        config = load(folder / "feeds.yaml", os.environ)
        engine = open_engine(config.database_url)
        try:
            with reading(engine) as conn:
                return _closed(stories.newest(conn, outlets(conn, config), limit=_MOST))
        finally:
            engine.dispose()


def _closed(found: Sequence[Story]) -> tuple[Story, ...]:
    """None of them names a related story that is not among them."""
    known = {story.id for story in found}
    return tuple(replace(story, related=tuple(one for one in story.related if one in known)) for story in found)


def text(told: Sequence[Story]) -> str:
    data = TypeAdapter(tuple[Story, ...]).dump_python(tuple(told), mode="json")
    return json.dumps(data, ensure_ascii=False, indent=1) + "\n"


if __name__ == "__main__":
    _FILE.write_text(text(made_anew()), encoding="utf-8")
