"""The mail of an edition: what clients demand of it, what hostile text must not do to it, and how it looks as a file.

The golden mails lie beside this file. After a change that is meant, write them anew and read the difference:

    AGGREGATOR_WRITE_GOLDEN=1 python -m pytest tests/publish/test_mail.py -k golden
"""

import colorsys
import gzip
import json
import os
import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import html as lxml_html

from aggregator.config import Config
from aggregator.errors import RenderError
from aggregator.model import TOKEN_PLACEHOLDER, Edition, EditionItem, Link
from aggregator.publish import mail, plain
from aggregator.typeset import width
from tests.support import editions

ROOT = Path(__file__).parents[2]
TEMPLATES = (ROOT / "templates",)
GOLDEN = Path(__file__).parent / "golden"
CORPORA = Path(os.environ.get("AGGREGATOR_CORPORA", ROOT / ".." / "shared" / "corpora"))

SAMPLES: dict[str, tuple[Edition, Config]] = {
    "english": (editions.english(), editions.config()),
    "chinese": (editions.chinese(), editions.config("zh-Hans")),
    "traditional": (replace(editions.chinese(), language="zh-Hant"), editions.config("zh-Hant")),
    "one story": (editions.single(), editions.config()),
    "empty sections": (editions.empty_sections(), editions.config()),
    "nothing": (replace(editions.empty_sections(), lead=None, opening="", preheader=""), editions.config()),
    "right to left": (replace(editions.english(), language="ar"), editions.config("ar")),
    "sixty stories": (editions.many(), editions.config()),
}


@pytest.fixture(scope="module", params=SAMPLES)
def sample(request: pytest.FixtureRequest) -> tuple[Edition, mail.Mail]:
    edition, config = SAMPLES[request.param]
    return edition, mail.render(edition, config, TEMPLATES)


def english(**changes: object) -> mail.Mail:
    return mail.render(replace(editions.english(), **changes), editions.config(), TEMPLATES)  # type: ignore[arg-type]  # any field


def tree(text: str) -> lxml_html.HtmlElement:
    return lxml_html.document_fromstring(text)


# --- what clients demand ---------------------------------------------------------------------------------


def test_every_part_fits_and_has_each_readers_links_once(sample: tuple[Edition, mail.Mail]) -> None:
    _, made = sample
    assert len(made.html.encode()) <= mail.MAX_BYTES
    for part in (made.html, made.text):
        assert part.count(f"https://read.example.org/u/{TOKEN_PLACEHOLDER}") == 1
        assert part.count(f"https://read.example.org/p/{TOKEN_PLACEHOLDER}") == 1
        assert part.count(TOKEN_PLACEHOLDER) == 2
    for path in "up":
        assert f"\nhttps://read.example.org/{path}/{TOKEN_PLACEHOLDER}\n" in made.text


def test_language_and_direction_are_told_twice(sample: tuple[Edition, mail.Mail]) -> None:
    """Gmail, Yahoo and Outlook.com throw away html and body: the first wrapper says it again."""
    edition, made = sample
    page = tree(made.html)
    expected = (edition.language, "rtl" if edition.language == "ar" else "ltr")
    assert (page.get("lang"), page.get("dir")) == expected
    wrapper = page.find("body")[0]
    assert (wrapper.tag, wrapper.get("lang"), wrapper.get("dir")) == ("div", *expected)


def test_layout_tables_say_so(sample: tuple[Edition, mail.Mail]) -> None:
    for table in tree(sample[1].html).iter("table"):
        assert [table.get(name) for name in ("role", "cellpadding", "cellspacing", "border")] == [
            "presentation",
            "0",
            "0",
            "0",
        ]


def test_headings_descend_step_by_step(sample: tuple[Edition, mail.Mail]) -> None:
    levels = [int(heading.tag[1]) for heading in tree(sample[1].html).iter("h1", "h2", "h3", "h4")]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(below <= above + 1 for above, below in pairwise(levels))


def test_every_link_leads_somewhere_and_says_where(sample: tuple[Edition, mail.Mail]) -> None:
    for link in tree(sample[1].html).iter("a"):
        assert re.match(r"https?://\S+\Z", link.get("href", ""))
        assert link.text_content().strip()
        assert link.text_content().strip().lower() not in {"here", "click here", "link"}


def test_every_image_has_a_text(sample: tuple[Edition, mail.Mail]) -> None:
    for image in tree(sample[1].html).iter("img"):
        assert image.get("alt") is not None


def test_style_blocks_survive_and_say_important(sample: tuple[Edition, mail.Mail]) -> None:
    page = tree(sample[1].html)
    blocks = [block.text for block in page.iter("style")]
    assert len(blocks) == 4
    assert "prefers-color-scheme: dark" in blocks[2]
    assert "[data-ogsc]" in blocks[3]
    for block in blocks[1:]:
        assert len(block.encode()) < 16_000 / 4
        assert block.count("@") <= 1
        assert "/*" not in block
        assert all(" !important" in rule for rule in re.findall(r"\{([^{}]+)\}", block))
    assert "data-premailer" not in sample[1].html
    assert "<!--[if mso]><table" in sample[1].html


FORBIDDEN_CSS = re.compile(
    r"var\(|calc\(|position:|@font-face|@import|\bgap:|animation|linear-gradient|#[0-9a-f]{8}\b|rgba?\(|display:\s*(?:flex|grid)",
    re.IGNORECASE,
)
FORBIDDEN_HTML = ("link", "script", "form", "svg", "video", "picture", "base", "iframe", "object", "section", "article")


def test_nothing_that_mail_clients_choke_on(sample: tuple[Edition, mail.Mail]) -> None:
    """The list of caniemail's features with less than half support that a template may be tempted to use."""
    page = tree(sample[1].html)
    assert not list(page.iter(*FORBIDDEN_HTML))
    styles = [element.get("style", "") for element in page.iter() if isinstance(element.tag, str)]
    styles += [block.text for block in page.iter("style")]
    assert not [style for style in styles if FORBIDDEN_CSS.search(style)]


def test_no_letter_spacing_or_capitals_on_chinese(sample: tuple[Edition, mail.Mail]) -> None:
    assert not re.search(r"letter-spacing|text-transform", sample[1].html)


def test_the_preheader_comes_first_and_is_hidden() -> None:
    edition = editions.english()
    first = tree(english().html).find("body")[0][0]
    assert first.text == edition.preheader
    assert "display:none" in first.get("style")


def test_a_title_names_the_edition() -> None:
    assert tree(english().html).findtext("head/title") == "China Briefing · May 18, 2020"


def test_foreign_items_name_their_language() -> None:
    page = tree(english().html)
    headlines = [heading.find("a") for heading in page.iter("h2", "h3") if heading.find("a") is not None]
    languages = [[span.get("lang") for span in headline.iter("span")][1:] for headline in headlines]
    assert languages == [[], [], ["zh-Hans"], [], [], [], ["zh-Hant"], []]


def test_a_headline_that_runs_the_other_way_has_its_kicker_above_it() -> None:
    made = mail.render(*SAMPLES["right to left"], TEMPLATES)
    headings = list(tree(made.html).iter("h3"))
    assert {(each.get("lang"), each.get("dir")) for each in headings} == {
        ("en", "ltr"), ("zh-Hans", "ltr"), ("zh-Hant", "ltr"),
    }  # fmt: skip
    for heading in headings:
        kicker, line = heading.find("a")
        assert (kicker.get("lang"), kicker.get("dir"), line.tag) == ("ar", "rtl", "br")


def test_nothing_tracks() -> None:
    page = tree(english().html)
    assert not list(page.iter("img"))
    hosts = {link.get("href").split("/")[2] for link in page.iter("a")}
    assert hosts == {f"{name}.example.com" for name in editions.SOURCES} | {"briefing.example.org", "read.example.org"}


# --- colours ---------------------------------------------------------------------------------------------


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def inverted(colour: str) -> str:
    """As Gmail on a phone does it, roughly: the lightness turned round, the hue kept."""
    hue, light, saturation = colorsys.rgb_to_hls(*(int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)))
    return "#" + "".join(f"{round(part * 255):02x}" for part in colorsys.hls_to_rgb(hue, 1 - light, saturation))


def long_form(colour: str) -> str:
    return colour if len(colour) == 7 else "#" + "".join(sign * 2 for sign in colour[1:])


def coloured(page: lxml_html.HtmlElement) -> Iterator[tuple[str, str]]:
    """Every text colour of the mail with the background that it stands on."""
    for element in page.find("body").iter():
        style = element.get("style", "") if isinstance(element.tag, str) else ""
        found = re.search(r"(?:^|; )color:(#[0-9a-f]+)", style)
        if found:
            behind = [
                re.search(r"background-color:(#[0-9a-f]+)", each.get("style", "")) for each in element.iterancestors()
            ]
            yield long_form(found[1]), long_form(next(back[1] for back in behind if back))


def test_every_colour_can_be_read_and_survives_inversion() -> None:
    pairs = set(coloured(tree(english().html)))
    assert {text for text, _ in pairs} == {"#1a1a1a", "#5f6368", "#a4161a"}
    assert {back for _, back in pairs} == {"#ffffff", "#f7f5f2"}
    for text, back in pairs:
        assert contrast(text, back) >= 4.5, (text, back)
        assert contrast(inverted(text), inverted(back)) >= 4.5, ("inverted", text, back)


def test_every_dark_colour_can_be_read() -> None:
    dark = (TEMPLATES[0] / "mail" / "dark.css").read_text()
    texts = set(re.findall(r"[{ ]color: (#[0-9a-f]{6})", dark))
    backs = set(re.findall(r"background-color: (#[0-9a-f]{6})", dark))
    assert len(texts) == 3
    assert len(backs) == 2
    assert min(contrast(text, back) for text in texts for back in backs) >= 4.5


def test_dark_colours_reach_whatever_light_colours_do() -> None:
    """An element whose colour no dark rule changes would be dark on dark."""
    page = tree(english().html)
    dark = (TEMPLATES[0] / "mail" / "dark.css").read_text()
    selectors = [
        name.strip()
        for rule in re.findall(r"([^{}]+)\{[^{}]*[{ ]color:", dark.partition("{")[2])
        for name in rule.split(",")
    ]
    reached = {element for selector in selectors for element in page.cssselect(selector)}
    missed = [
        e
        for e in page.find("body").iter()
        if isinstance(e.tag, str) and re.search(r"(?:^|; )color:", e.get("style", "")) and e not in reached
    ]
    assert missed == []


# --- hostile text ----------------------------------------------------------------------------------------

HOSTILE = {
    "markup": "<script>alert(1)</script><img src=x onerror=alert(2)>",
    "template": "{{ config.delivery }} {% for x in y %} {#",
    "end of the title": "</title></head><body onload=alert(1)>",
    "attribute": '"\' onmouseover="alert(1)',
    "comment": "--><!--[if mso]><script>alert(1)</script><![endif]-->",
    "end of a style": "</style><style>@import url(//x.example)</style>",
    "long word": "x" * 50_000,
    "long text": "word " * 20_000,
    "controls": "a\x00b\x1bc\x7f\u202egpj.exe\u2066\ud800\ufffe",
    "line breaks": "one\r\n.\r\ntwo\u2028three",
    "entities": "&lt;b&gt; &amp; &#84;OKEN",
    "placeholder": f"{TOKEN_PLACEHOLDER} {TOKEN_PLACEHOLDER}",
    "placeholder in pieces": f"TOKEN{TOKEN_PLACEHOLDER}0000000",
    "percent signs": "%s %(x)d %7B%7B 100%",
    "combining": "a" + "\u0301" * 3000,
}
ADDRESSES = {
    "script": "javascript:alert(1)",
    "data": "data:text/html,<script>alert(1)</script>",
    "attribute": 'https://x.example/" onclick="alert(1)',
    "placeholder": f"https://x.example/?t={TOKEN_PLACEHOLDER}",
    "line": "https://x.example/\r\nBcc: all@example.org",
    "long": f"https://x.example/{'x' * 100_000}",
    "template": "https://x.example/{{ config }}",
    "nothing": "",
    "broken": "http://[::1",
}


def poisoned(text: str, address: str, language: str | None = "en") -> Edition:
    link = Link(title=text, url=address, source=text, language=language)
    made = editions.english()

    def poison(item: EditionItem) -> EditionItem:
        return replace(
            item, headline=text, summary=text, source=text, kicker=text, url=address, story_url=address, also=(link,) * 3,
            related=(link,) * 3, language=language,
        )  # fmt: skip

    assert made.lead is not None
    sections = tuple(replace(section, title=text, items=tuple(map(poison, section.items))) for section in made.sections)
    return replace(
        made,
        lead=poison(made.lead),
        sections=sections,
        quick=(link,) * 8,
        title=text,
        preheader=text,
        opening=text,
        url=address,
    )


def assert_harmless(edition: Edition) -> None:
    made = mail.render(edition, editions.config(), TEMPLATES)
    page = tree(made.html)
    assert not list(page.iter(*FORBIDDEN_HTML, "img"))
    assert len(list(page.iter("style"))) == 4
    for element in page.iter():
        if isinstance(element.tag, str):
            assert not [name for name in element.attrib if name.startswith("on")]
            assert re.match(r"https?://", element.get("href", "https://"))
    for part in (made.html, made.text):
        assert part.count(TOKEN_PLACEHOLDER) == 2
        assert not re.search("[\x00-\x08\x0b-\x1f\x7f\u202a-\u202e\u2066-\u2069]", part)
        part.encode()
    assert len(made.html.encode()) <= mail.MAX_BYTES
    assert b"<script" not in mail.web_page(edition, editions.config(), TEMPLATES)


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_hostile_text_stays_text(text: str) -> None:
    assert_harmless(poisoned(text, "https://x.example/"))


@pytest.mark.parametrize("address", ADDRESSES.values(), ids=ADDRESSES)
def test_hostile_addresses_lead_nowhere_else(address: str) -> None:
    assert_harmless(poisoned("Title", address))


def test_a_hostile_language_is_none() -> None:
    assert_harmless(poisoned("Title", "https://x.example/", '"><script>'))


@pytest.mark.parametrize("words", ["", "\x08", "\u200b\u2060 \u202e"])
def test_what_cannot_be_seen_is_called_by_its_host(words: str) -> None:
    for made in (mail.render, lambda edition, config, _: mail.render_plain(edition, config)):
        letter = made(poisoned(words, "https://x.example/a"), editions.config(), TEMPLATES)
        links = [
            link.text_content() for link in tree(letter.html).iter("a") if link.get("href") == "https://x.example/a"
        ]
        assert set(links) <= {"x.example", "Continue reading at x.example", "View in browser", "+2"}
        assert len(links) > 8 * 5


def test_no_reader_gives_a_feed_her_token() -> None:
    made = mail.render(poisoned("Title", f"https://x.example/?t={TOKEN_PLACEHOLDER}"), editions.config(), TEMPLATES)
    assert f"https://x.example/?t=%54{TOKEN_PLACEHOLDER[1:]}" in made.html


@given(st.text(), st.text())
@settings(max_examples=25)
def test_no_text_does_harm(text: str, address: str) -> None:
    assert_harmless(poisoned(text, f"https://x.example/{address}"))


def test_attacks_of_the_corpus_stay_text() -> None:
    path = CORPORA / "security" / "xss_payloads.jsonl.gz"
    if not path.exists():
        pytest.skip("the corpora are not here")
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        payloads = [str(json.loads(line)["payload"]) for line in lines]
    for start in range(0, len(payloads), 40):
        some = payloads[start : start + 40]
        links = tuple(Link(title=each[:90], url=each, source=each[:50]) for each in some)
        assert_harmless(replace(poisoned(some[0], some[-1]), quick=links))


# --- size ------------------------------------------------------------------------------------------------


def test_too_long_an_edition_goes_on_on_the_web() -> None:
    edition = replace(editions.many(), more=5)
    wordy = replace(
        edition,
        sections=tuple(
            replace(section, items=tuple(replace(item, summary="Word after word. " * 60) for item in section.items))
            for section in edition.sections
        ),
    )
    made = mail.render(wordy, editions.config(), TEMPLATES)
    page = tree(made.html)
    told = len(list(page.iter("h3"))) + 1
    assert mail.MAX_BYTES * 0.7 < len(made.html.encode()) <= mail.MAX_BYTES
    assert 20 < told < 60
    assert f"{60 - told + 5} more stories on the web" in made.html
    assert f"{60 - told + 5} more stories on the web" in made.text
    assert edition.opening not in made.html, "it speaks of all sixty"
    assert f"{told} stories</p>" in made.html, "and so do the minutes"
    assert {title.text for title in page.iter("h2")} >= {"Latest Briefings", "Hot Topics", "Analyses", "Perspectives"}


def test_quick_links_go_first() -> None:
    link = Link(title="Title", url=f"https://x.example/{'x' * 1400}", source="Source")
    made = english(quick=(link,) * 100)
    assert "In brief" not in made.html
    assert "102 more stories on the web" in made.html
    assert len(list(tree(made.html).iter("h3"))) == 7


def test_a_template_that_is_too_large_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "mail").mkdir()
    (tmp_path / "mail" / "dark.css").write_text("x" * 100_000)
    with pytest.raises(RenderError, match="larger than 90 KB") as caught:
        mail.render(editions.single(), editions.config(), (tmp_path, *TEMPLATES))
    assert caught.value.hint


# --- an operator's own templates -------------------------------------------------------------------------

BROKEN = {
    "syntax": ("mail/edition.html", "line\n{% if %}", r"edition\.html:2"),
    "unknown name": ("mail/edition.html", "{{ nobody }}", "nobody"),
    "unknown name in the text": ("mail/edition.txt", "\n\n{{ nobody }}", r"edition\.txt:3"),
    "link": ("mail/edition.html", "<html><body><link href=x>{{ unsubscribe_url }}</body></html>", "<link>"),
    "no way out": ("mail/edition.html", "<html><body>Hello</body></html>", "no link to unsubscribe"),
    "no way out of the text": ("mail/edition.txt", "Hello", "no link to unsubscribe"),
    "nested at-rules": (
        "mail/edition.html",
        "<html><head><style>@media screen { @media print { p { color: red } } }</style></head><body>x</body></html>",
        "could not be inlined",
    ),
    "nothing": ("mail/edition.html", "", "could not be inlined"),
}


@pytest.mark.parametrize(("name", "content", "said"), BROKEN.values(), ids=BROKEN)
def test_a_broken_template_is_an_error_with_a_hint(tmp_path: Path, name: str, content: str, said: str) -> None:
    (tmp_path / "mail").mkdir()
    (tmp_path / name).write_text(content)
    with pytest.raises(RenderError, match=said) as caught:
        mail.render(editions.single(), editions.config(), (tmp_path, *TEMPLATES))
    assert caught.value.hint


def test_a_workspaces_own_style_wins(tmp_path: Path) -> None:
    (tmp_path / "mail").mkdir()
    (tmp_path / "mail" / "inline.css").write_text("h1 { color: #004488 }")
    made = mail.render(editions.single(), editions.config(), (tmp_path, *TEMPLATES))
    assert '<h1 style="color:#048"' in made.html


# --- text ------------------------------------------------------------------------------------------------


def test_the_text_is_set_in_72_columns(sample: tuple[Edition, mail.Mail]) -> None:
    for line in sample[1].text.splitlines():
        assert width(line) <= plain.COLUMNS or "https://" in line, line
        assert line == line.rstrip()
        assert not line.startswith(tuple("，。、！？：；）」』》"))
    assert "\n\n\n" not in sample[1].text


def test_the_text_tells_what_the_mail_tells(sample: tuple[Edition, mail.Mail]) -> None:
    edition, made = sample
    text = re.sub(r"\s", "", made.text)
    page = tree(made.html)
    for heading in page.iter("h2", "h3"):
        for words in heading.itertext():
            assert re.sub(r"\s", "", words) in text
    assert {link.get("href") for link in page.iter("a")} - {item.story_url for item in edition.items} <= set(
        re.findall(r"https://\S+", made.text)
    )


def test_numbered_links_are_all_listed_once() -> None:
    text = english().text
    listed = re.findall(r"^\[(\d+)\] https?://", text, re.MULTILINE)
    assert [int(number) for number in listed] == list(range(1, len(listed) + 1))
    assert set(re.findall(r"\[(\d+)\]", text)) == set(listed)


def test_no_markup_in_the_text(sample: tuple[Edition, mail.Mail]) -> None:
    assert not re.search(r"&\w+;|<\w|\{\{|\{%", sample[1].text)


# --- figures, and the public version ---------------------------------------------------------------------


def test_the_source_line_is_as_the_briefing_has_it() -> None:
    assert "Source: HKET, May 18, 2020 · 640 words · 3 min" in english().html
    assert "来源：财讯网，2020年5月18日 · 3,720字 · 9分钟" in mail.render(*SAMPLES["chinese"], TEMPLATES).html
    assert "来源：HKET，2020年5月18日 · 640词 · 3分钟" in mail.render(*SAMPLES["chinese"], TEMPLATES).html


def test_an_excerpt_has_no_length() -> None:
    edition = editions.single()
    assert edition.lead is not None
    made = mail.render(replace(edition, lead=replace(edition.lead, words=40, minutes=1)), editions.config(), TEMPLATES)
    assert "Source: HKET, May 18, 2020<br>" in made.html


def test_the_public_version_has_no_readers_links() -> None:
    made = english()
    for part in (made.html, made.text):
        shown = mail.public(part, editions.config())
        assert TOKEN_PLACEHOLDER not in shown
        assert shown.count("https://read.example.org/subscribe") == 2


# --- the web page ----------------------------------------------------------------------------------------


def test_the_web_page_stands_in_the_site() -> None:
    page = mail.web_page(editions.english(), editions.config(), TEMPLATES)
    root = lxml_html.document_fromstring(page)
    assert b"TOKEN" not in page
    assert root.xpath("//link[@rel='stylesheet']/@href") == ["../../../style.css"]
    assert root.xpath("//link[@rel='canonical']/@href") == ["https://briefing.example.org/editions/daily/42/"]
    assert root.findtext("head/title") == "China Briefing · May 18, 2020"
    assert "https://read.example.org/subscribe" in root.xpath("//main//a/@href")
    assert "https://briefing.example.org/" not in "".join(root.xpath("//main//a/@href"))
    assert "../../../stories/older-chips.html" in root.xpath("//main//a/@href")
    assert [title.text for title in root.xpath("//main//h2[@class='section']")] == [
        "Latest Briefings", "Hot Topics", "Analyses", "Perspectives", "In brief",
    ]  # fmt: skip


def test_nobody_is_asked_to_subscribe_where_no_mail_is_sent() -> None:
    config = editions.config().model_copy(update={"delivery": None})
    assert b"/subscribe" not in mail.web_page(editions.english(), config, TEMPLATES)


@pytest.mark.parametrize("name", SAMPLES)
def test_every_edition_has_a_web_page(name: str) -> None:
    edition, config = SAMPLES[name]
    root = lxml_html.document_fromstring(mail.web_page(edition, config, TEMPLATES))
    assert len(root.xpath("//main//*[@class='headline']")) == len(edition.items)


# --- golden ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["english", "chinese"])
def test_golden(name: str) -> None:
    edition, config = SAMPLES[name]
    made = mail.render(edition, config, TEMPLATES)
    parts = {"html": made.html, "txt": made.text, "page.html": mail.web_page(edition, config, TEMPLATES).decode()}
    for kind, part in parts.items():
        path = GOLDEN / f"{name}.{kind}"
        if os.environ.get("AGGREGATOR_WRITE_GOLDEN"):
            path.parent.mkdir(exist_ok=True)
            path.write_text(part, encoding="utf-8", newline="")
        assert path.read_bytes().decode() == part, f"{path.name} differs: see the top of this file"
