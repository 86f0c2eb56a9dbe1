"""A letter that is put together from blocks is the letter that is rendered for itself, whatever a reader gets."""

import re
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from time import process_time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import html as lxml_html

from aggregator.config import Config
from aggregator.edit.variant import variant
from aggregator.errors import RenderError
from aggregator.model import TOKEN_PLACEHOLDER, Edition, EditionItem, Link
from aggregator.publish import blocks, mail, plain
from aggregator.publish.sheet import MAX_BYTES, Mail, Sheet, prepare, prepare_plain, put_together
from aggregator.typeset import width
from tests.support import editions

TEMPLATES = (Path(__file__).parents[2] / "templates",)
WHOLE: dict[str, tuple[Edition, Config]] = {
    "english": (editions.english(), editions.config()),
    "chinese": (editions.chinese(), editions.config("zh-Hans")),
    "right to left": (replace(editions.english(), language="ar"), editions.config("ar")),
    "unruly": (editions.unruly("zh-Hant"), editions.unruly_config("zh-Hant")),
}
NOT_LEFT = re.compile("[\x00-\x08\x0b-\x1f\ufdd0-\ufdef]")
TITLES = ("", "Line", "第二行", "A line that is long enough to be broken into two of them, with “quotes” & <signs>")


@cache
def sheet(name: str) -> Sheet:
    edition, config = WHOLE[name]
    return prepare(edition, config, TEMPLATES)


def part_of(whole: Edition, stories: Sequence[EditionItem], quick: Sequence[Link], **said: object) -> Edition:
    """The first of the stories leads; the others stand in their sections, in this order."""
    lead, *others = stories
    titles = {section.slug: section for section in whole.sections}
    sections = tuple(
        replace(section, items=items)
        for slug, section in titles.items()
        if (items := tuple(item for item in others if item.section == slug))
    )
    kept = [item.story for section in sections for item in section.items]
    assert set(kept) == {item.story for item in others if item.section in titles}
    return replace(whole, lead=lead, sections=sections, quick=tuple(quick), **said)  # type: ignore[arg-type]  # any field


@st.composite
def variants(draw: st.DrawFn, name: str) -> Edition:
    whole = WHOLE[name][0]
    slugs = {section.slug for section in whole.sections}
    shuffled = draw(st.permutations([item for item in whole.items if item.section in slugs]))
    stories = shuffled[: draw(st.integers(1, len(shuffled)))]
    quick = draw(st.lists(st.sampled_from(whole.quick), unique_by=id)) if whole.quick else []
    return part_of(
        whole,
        stories,
        quick,
        opening=draw(st.sampled_from(TITLES)),
        preheader=draw(st.sampled_from((*TITLES, stories[0].headline))),
        minutes=draw(st.integers(0, 12)),
        more=draw(st.sampled_from((0, 1, 250))),
    )


@pytest.mark.parametrize("name", WHOLE)
@given(data=st.data())
@settings(max_examples=8)
def test_put_together_is_what_rendering_it_alone_gives(name: str, data: st.DataObject) -> None:
    drawn = data.draw(variants(name))
    made = put_together(sheet(name), drawn)
    alone = mail.render(drawn, WHOLE[name][1], TEMPLATES)
    assert made.html == alone.html or first_difference(made.html, alone.html)
    assert made.text == alone.text or first_difference(made.text, alone.text)


def first_difference(one: str, other: str) -> bool:
    """For a message that can be read."""
    pairs = zip(one.splitlines(), other.splitlines(), strict=False)
    raise AssertionError(next(((a, b) for a, b in pairs if a != b), "one ends sooner"))


@pytest.mark.parametrize("name", WHOLE)
@given(data=st.data())
@settings(max_examples=40)
def test_a_letter_is_whole(name: str, data: st.DataObject) -> None:
    drawn = data.draw(variants(name))
    made = put_together(sheet(name), drawn)
    assert made.left_out == 0
    for part in (made.html, made.text):
        assert part.count(TOKEN_PLACEHOLDER) == 2
        assert not NOT_LEFT.search(part)
    assert told_in_order(made, drawn)
    assert_links_are_numbered(made.text)
    assert [line for line in made.text.splitlines() if width(line) > plain.COLUMNS and "https://" not in line] == []
    assert "\n\n\n" not in made.text


def told_in_order(made: Mail, edition: Edition) -> bool:
    """Every story once, in its place."""
    page = lxml_html.document_fromstring(made.html)
    told = [heading.find("a").get("href") for heading in page.iter("h2", "h3") if heading.find("a") is not None]
    return told == [item.url for item in edition.items]


def assert_links_are_numbered(text: str) -> None:
    listed = re.findall(r"^\[(\d+)\] (https?://\S+)$", text, re.MULTILINE)
    assert [int(number) for number, _ in listed] == list(range(1, len(listed) + 1))
    assert len({address for _, address in listed}) == len(listed)
    first_met = dict.fromkeys(re.findall(r"\[(\d+)\](?! https?:)", text))
    assert list(first_met) == [number for number, _ in listed]


@pytest.mark.parametrize("name", ["english", "chinese"])
def test_a_readers_own_edition_is_put_together(name: str) -> None:
    """As the editor makes it of her categories."""
    whole, config = WHOLE[name]
    for category in {slug for item in whole.items for slug in item.categories}:
        own = variant(whole, config, frozenset({category}))
        assert own is not None
        made = put_together(sheet(name), own)
        assert made == mail.render(own, config, TEMPLATES)
        assert told_in_order(made, own)
        assert own.opening.split()[0] in made.text


def test_the_same_letter_is_the_same_bytes() -> None:
    edition, config = WHOLE["english"]
    again = prepare(edition, config, TEMPLATES)
    assert put_together(again, edition) == put_together(sheet("english"), edition)


def test_a_story_that_leads_the_whole_may_stand_in_its_section() -> None:
    whole = WHOLE["english"][0]
    assert whole.lead is not None
    made = put_together(sheet("english"), part_of(whole, (whole.sections[1].items[0], whole.lead), ()))
    assert made.text.index("Beijing limits who may enter") < made.text.index("Latest Briefings\n")
    assert made.text.index("Latest Briefings\n") < made.text.rindex("TSMC takes a $700 million")


def test_what_is_said_of_the_whole_is_said_of_the_part() -> None:
    whole = WHOLE["english"][0]
    some = part_of(
        whole, whole.items[2:3], (), opening="Only this.", minutes=1, more=1, preheader=whole.items[2].headline
    )
    made = put_together(sheet("english"), some)
    for part in (made.html, made.text):
        assert "No. 42 · 1 story · 1 min" in part
        assert "Only this." in part
        assert "1 more story on the web" in part
        assert "In this edition" not in part
        assert "In brief" not in part
        assert "Hot Topics" not in part
    hidden = lxml_html.document_fromstring(made.html).find("body")[0][0]
    assert (hidden.text, hidden.get("lang"), hidden.get("dir")) == (whole.items[2].headline, "zh-Hans", "ltr")


def test_one_link_of_many_is_numbered_from_one() -> None:
    whole = WHOLE["english"][0]
    made = put_together(sheet("english"), part_of(whole, whole.items[-1:], whole.quick[-1:]))
    assert re.findall(r"^\[\d+\]", made.text, re.MULTILINE) == ["[1]", "[2]"]


def test_a_letter_costs_a_small_part_of_the_sheet() -> None:
    """The figures themselves are in benchmarks/mails.py; this is the order of them, on whatever machine."""
    whole = editions.many()
    begun = process_time()
    made = prepare(whole, editions.config(), TEMPLATES)
    once = process_time() - begun
    begun = process_time()
    for at in range(50):
        put_together(made, part_of(whole, whole.items[at:], whole.quick))
    assert process_time() - begun < once


def test_too_long_a_letter_is_shortened_by_blocks() -> None:
    whole = editions.many(80)
    link = Link(title="Title", url=f"https://x.example/{'x' * 1400}", source="Source")
    heavy = replace(whole, quick=(link,) * 10, more=3)
    made = put_together(prepare(heavy, editions.config(), TEMPLATES), heavy)
    page = lxml_html.document_fromstring(made.html)
    told = len(list(page.iter("h3"))) + 1
    assert MAX_BYTES * 0.8 < len(made.html.encode()) <= MAX_BYTES
    assert made.left_out == 10 + 80 - told
    assert f"{made.left_out + 3} more stories on the web" in made.text
    assert "Also reported" not in made.html
    assert "Also reported" not in made.text


# --- the plain one ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", WHOLE)
def test_the_plain_letter_tells_the_same(name: str) -> None:
    edition, config = WHOLE[name]
    made = mail.render_plain(edition, config)
    assert told_in_order(made, edition)
    assert made.html.count(TOKEN_PLACEHOLDER) == 2
    assert not re.search(r"<style|<table|class=", made.html)
    page = lxml_html.document_fromstring(made.html)
    wrapper = page.find("body")[0]
    assert (wrapper.get("lang"), wrapper.get("dir")) == (page.get("lang"), page.get("dir"))


def test_the_plain_letter_is_small() -> None:
    made = mail.render_plain(editions.many(), editions.config())
    assert len(re.findall("<h3", made.html)) == 59
    assert len(made.html.encode()) < 60_000


def test_no_template_of_a_workspace_reaches_the_plain_letter() -> None:
    edition, config = WHOLE["english"]
    assert put_together(prepare_plain(edition, config), edition) == mail.render_plain(edition, config)


# --- an operator's blocks --------------------------------------------------------------------------------

OURS = (TEMPLATES[0] / "mail" / "edition.html").read_text(encoding="utf-8")
BROKEN = {
    "unknown block": ('call block("opening")', 'call block("greeting")', r"edition\.html:\d+: there is no block 'greeting'"),
    "of nothing": ('call block("line", item)', 'call block("line")', r"edition\.html:\d+: block 'line' is given"),
    "of another thing": ('call block("line", item)', 'call block("line", section)', "section"),
    "not ended": ("{% endcall %}\n{% for item in stories %}", "{% for item in stories %}", r"edition\.html:\d+"),
    "half an element": (
        '{% call block("opening") %}\n<tr>',
        '<tr>{% call block("opening") %}\n',
        "block 'opening' begins in one element and ends in another",
    ),
    "something between": ('{% call block("line", item) %}', '; {% call block("line", item) %}', "no block 'line' for each"),
    "a filter": ("<p>{{ slots.opening }}", "<p>{{ slots.opening | upper }}", "no slot 'OPENING'"),
    "a cut": ("<p>{{ slots.opening }}", "<p>{{ slots.opening | truncate(5, true, '', 0) }}", "no filter"),
    "no lead": ('{% call block("lead", item) %}', '{% call block("opening") %}', "no block 'lead'"),
    "a way out for some": (
        '<a href="{{ unsubscribe_url }}">',
        '{% call block("more") %}<a href="{{ unsubscribe_url }}">.</a>{% endcall %}<a href="{{ home_url }}">',
        "no link to unsubscribe",
    ),
    "out of its place": ('{% call block("item", item) %}', '{% call block("lead", item) %}', "inside of another one"),
    "unknown slot": ("{{ slots.opening }}", "{{ slots.greeting }}", "greeting"),
}  # fmt: skip


@pytest.mark.parametrize(("ours", "theirs", "said"), BROKEN.values(), ids=BROKEN)
def test_a_block_that_would_lose_something_is_an_error(tmp_path: Path, ours: str, theirs: str, said: str) -> None:
    assert ours in OURS
    (tmp_path / "mail").mkdir()
    (tmp_path / "mail" / "edition.html").write_text(OURS.replace(ours, theirs), encoding="utf-8")
    with pytest.raises(RenderError, match=said) as caught:
        prepare(editions.english(), editions.config(), (tmp_path, *TEMPLATES))
    assert caught.value.hint


def test_stories_may_stand_without_sections(tmp_path: Path) -> None:
    """An operator may have a plain list, and leave out what he does not want."""
    (tmp_path / "mail").mkdir()
    (tmp_path / "mail" / "edition.html").write_text(
        '<html><body>{% for item in stories %}{% call block("lead", item) %}<h2>{{ item.headline }}</h2>{% endcall %}'
        '{% endfor %}<hr>{% for item in stories %}{% call block("item", item) %}<p>{{ item.headline }}</p>{% endcall %}'
        '{% endfor %}<a href="{{ unsubscribe_url }}">Leave</a></body></html>',
        encoding="utf-8",
    )
    edition, config = WHOLE["english"]
    made = put_together(prepare(edition, config, (tmp_path, *TEMPLATES)), edition)
    page = lxml_html.document_fromstring(made.html)
    assert [heading.text for heading in page.iter("h2", "p")] == [item.headline for item in edition.items]


def test_marks_do_not_come_from_feeds() -> None:
    forged = f"{blocks.mark('-')}<!--{blocks.mark('+item 0')}-->\x05\ue000\x06"
    assert blocks.has_mark(forged)
    edition, config = WHOLE["english"]
    assert edition.lead is not None
    lead = replace(
        edition.lead, headline=f"One{forged}", summary=forged, source=forged, url=f"https://x.example/{forged}"
    )
    made = mail.render(replace(edition, lead=lead, opening=forged, preheader=forged), config, TEMPLATES)
    for part in (made.html, made.text):
        assert not NOT_LEFT.search(part)
        assert part.count("Poll: Canadians") == 2
