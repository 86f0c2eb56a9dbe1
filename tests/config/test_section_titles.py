"""The sections that are there from the start speak the publication's language; those of an operator say what they say."""

import pytest

from aggregator.config import Config

PUBLICATION = {"title": "Briefing", "link": "https://briefing.example"}
SOURCES = [{"name": "a", "url": "https://a.example/feed"}]


@pytest.mark.parametrize(
    ("language", "first"),
    [
        ("en", "Latest Briefings"),
        ("zh", "最新简报"),
        ("zh-Hant", "最新簡報"),
        ("zh-HK", "最新簡報"),
        ("fr", "Latest Briefings"),
    ],
)
def test_ours_are_titled_in_the_publications_language(language: str, first: str) -> None:
    config = Config.model_validate({"publication": {**PUBLICATION, "language": language}, "sources": SOURCES})
    assert config.sections[0].title == first
    assert [section.slug for section in config.sections] == ["briefings", "hot-topics", "analyses", "perspectives"]


def test_one_that_is_named_too_and_one_that_is_written_out_stays() -> None:
    sections = [{"slug": "briefings", "title": "Latest Briefings"}, "perspectives"]
    config = Config.model_validate(
        {"publication": {**PUBLICATION, "language": "zh-CN"}, "sources": SOURCES, "sections": sections}
    )
    assert [section.title for section in config.sections] == ["Latest Briefings", "观点评论"]
