"""The linter's law: a good letter with one thing made wrong is found to have that thing, on its line, and no other."""

import gzip
import json
import os
import re
import time
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aggregator.model import TOKEN_PLACEHOLDER, Link
from aggregator.publish import mail, sheet
from aggregator.publish.lint import Letter, blocks, colours, errors, lint, read, support
from tests.support import editions
from tests.support.letters import OWN, ROOT, SAMPLES, Spoiled, letter, page, raw

LINT = ROOT / "aggregator" / "publish" / "lint"
CORPORA = Path(os.environ.get("AGGREGATOR_CORPORA", ROOT / ".." / "shared" / "corpora"))
FILES = ROOT / "tests" / "data" / "letters"
FEATURES = {each for each in vars(support).values() if isinstance(each, support.Feature)} | {
    each for table in (support.PROPERTIES, support.FUNCTIONS, support.AT_RULES, support.TAGS) for each in table.values()
}

P = '<p style="margin:0">'
STYLE = "</style>\n<!--[if mso]>"
HOME = "https://briefing.example.org/"
LIST = "List-Unsubscribe: <https://read.example.org/u/" + TOKEN_PLACEHOLDER + ">"


def styled(css: str) -> str:
    return page(f'<p style="margin:0; {css}">A line of the desk.</p>')


def block(css: str) -> str:
    return f"</style>\n<style>\n{css}\n{STYLE}"


def linked(address: str, text: str) -> str:
    return f'<p class="q" style="margin:0"><a href="{address}" style="color:#5f6368">{text}</a></p>'


def in_page(rule: str, snippet: str, at: str = "") -> Spoiled:
    return Spoiled(rule, page(snippet), at=at or snippet)


SPOILED_STYLES = [
    *(
        Spoiled(rule, styled(css), at=css)
        for rule, css in (
            ("css-variables", "margin:var(--gap)"),
            ("css-variables", "--gap:4px"),
            ("css-calc", "width:calc(100% - 20px)"),
            ("css-calc", "width:min(100%, 600px)"),
            ("css-position", "position:relative"),
            ("css-gap", "gap:4px"),
            ("css-gap", "row-gap:4px"),
            ("css-animation", "animation:fade 2s"),
            ("css-overflow-wrap", "overflow-wrap:anywhere"),
            ("css-text-wrap", "text-wrap:balance"),
            ("css-hyphens", "hyphens:auto"),
            ("css-gradient", "background:linear-gradient(#fff, #eee)"),
            ("css-colour", "border-color:rgb(0 0 0 / 50%)"),
            ("css-colour", "border-color:#11223344"),
            ("css-colour", "border-color:oklch(40% 0.2 20)"),
            ("css-flex", "display:flex"),
            ("css-flex", "display:grid"),
            ("css-float", "float:left"),
            ("css-background-image", "background-image:url(https://briefing.example.org/a.png)"),
            ("css-background-image", "background:url(https://briefing.example.org/a.png)"),
            ("css-transition", "transition:color 1s"),
            ("css-transform", "transform:rotate(3deg)"),
            ("css-filter", "filter:blur(1px)"),
            ("contrast", "color:#999999"),
            ("contrast", "background-color:#333333"),
            ("contrast", "font:bold 20px/24px serif; color:#b0b0b0"),
        )
    ),
    *(
        Spoiled(rule, block(css), STYLE, at=at or css)
        for rule, css, at in (
            ("css-font-face", "@font-face { font-family: Desk; src: url(https://briefing.example.org/d.woff2) }", ""),
            ("css-import", '@import "https://briefing.example.org/a.css";', ""),
            ("css-animation", "@keyframes fade { from { color: #000 } to { color: #111 } }", ""),
            ("css-at-rule", "@supports (color: red) { .q { margin: 0 !important } }", ""),
            ("css-nesting", ".q {\nmargin: 0 !important;\n& a { margin: 0 !important }\n}", "& a"),
            ("css-variables", ".q { margin: var(--gap) !important }", ""),
            ("nested-at-rule", "@media (min-width: 600px) {\n@media print { .q { margin: 0 !important } }\n}", "@media print"),
            ("css-comment", "/* the foot */\n.q { margin: 0 !important }", ""),
            ("important-space", ".q { margin: 0!important }", ""),
            ("important-lost", "@media (max-width: 599px) {\n.q { margin: 0 }\n}", ".q { margin: 0 }"),
            ("style-size", "\n".join(f".x{n} {{ margin: {n}px !important }}" for n in range(600)), "<style>\n.x0"),
        )
    ),
    Spoiled("contrast", ".q, .q a { color: #3a3a3a !important }", ".q, .q a { color: #a3a8ae !important }", at='<p class="q"'),
]  # fmt: skip

SPOILED_MARKUP = [
    *(
        in_page(rule, snippet)
        for rule, snippet in (
            ("html-svg", '<svg width="9" height="9"></svg>'),
            ("html-picture", "<picture></picture>"),
            ("html-srcset", '<img src="https://briefing.example.org/a.png" srcset="b.png 2x" alt="A" width="9" height="9">'),
            ("html-video", "<video></video>"),
            ("html-video", "<audio></audio>"),
            ("html-form", "<form></form>"),
            ("html-form", "<button>On</button>"),
            ("html-hidden", "<p hidden>Not now.</p>"),
            ("html-sections", "<article></article>"),
            ("html-sections", "<footer></footer>"),
            ("html-script", "<script>1</script>"),
            ("html-script", '<p onclick="run()">Run.</p>'),
            ("html-embedded", "<iframe></iframe>"),
            ("html-embedded", "<object></object>"),
            ("html-embedded", '<meta http-equiv="refresh" content="5; url=https://briefing.example.org/">'),
            ("html-marquee", "<marquee>News</marquee>"),
            ("image-base64", '<img src="data:image/png;base64,AAAA" alt="A" width="9" height="9">'),
            ("image-svg", '<img src="https://briefing.example.org/a.svg" alt="A" width="9" height="9">'),
            ("image-alt", '<img src="https://briefing.example.org/a.png" width="9" height="9">'),
            ("image-size", '<img src="https://briefing.example.org/a.png" alt="A">'),
            ("image-address", '<img src="a.png" alt="A" width="9" height="9">'),
            ("image-address", '<img src="http://briefing.example.org/a.png" alt="A" width="9" height="9">'),
            ("tracker", '<img src="https://briefing.example.org/a.png" alt="" width="1" height="1">'),
            ("tracker", '<img src="https://briefing.example.org/open/3f.gif" alt="" width="9" height="9">'),
            ("style-place", "<style>.z { margin: 0 !important }</style>"),
            ("table-role", '<table cellpadding="0" cellspacing="0" border="0"><tr><td></td></tr></table>'),
            ("table-gaps", '<table role="presentation" cellpadding="0" border="0"><tr><td></td></tr></table>'),
            ("table-header", '<table role="presentation" cellpadding="0" cellspacing="0" border="0"><tr><th></th></tr></table>'),
            ("headings", "<h1>Again</h1>"),
            ("headings", "<h3>Deep</h3>"),
            ("lang", '<p lang="Chinese, simplified">新闻</p>'),
            ("spaced-script", '<p lang="zh-Hans" style="letter-spacing:2px">新闻</p>'),
            ("spaced-script", '<p lang="ar" style="text-transform:uppercase">أخبار</p>'),
            ("link-empty", linked("", "The front page")),
            ("link-empty", linked("https://briefing.example.org/", " ")),
            ("link-relative", linked("stories/1.html", "The story")),
            ("link-relative", linked("//briefing.example.org/", "The front page")),
            ("link-script", linked("javascript:void(0)", "The story")),
            ("link-anchor", linked("#top", "To the top")),
            ("link-http", linked("http://briefing.example.org/", "The front page")),
            ("link-words", linked("https://briefing.example.org/", "Click here")),
            ("link-words", linked("https://briefing.example.org/", "点击这里")),
            ("link-words", linked("https://briefing.example.org/a", "https://briefing.example.org/a/long/way/to/a/page")),
            ("template-marks", linked("https://briefing.example.org/{{ story }}", "The story")),
            ("template-marks", "<!--\ufdd0+item 3\ufdd1-->"),
            ("illegal-character", "one\x08two"),
            ("illegal-character", "one&#0;two"),
            ("lost-character", "one\ufffdtwo"),
        )
    ),
    Spoiled("token-place", f"https://elsewhere.example/{TOKEN_PLACEHOLDER}", f"https://read.example.org/p/{TOKEN_PLACEHOLDER}"),
    Spoiled("template-marks", page("{% if edition %}"), at="<h1"),
    Spoiled("html-stylesheet", '<link rel="stylesheet" href="https://briefing.example.org/a.css">\n<title>', "<title>"),
    Spoiled("html-base", '<base href="https://briefing.example.org/">\n<title>', "<title>"),
    Spoiled("html-amp", "<html amp4email ", "<html "),
    Spoiled("lang", '<html dir="ltr"', '<html lang="en" dir="ltr"'),
    Spoiled("dir", '<html lang="en"', '<html lang="en" dir="ltr"'),
    Spoiled("lang", '<div dir="ltr">', '<div lang="en" dir="ltr">'),
    Spoiled("dir", '<div lang="en">', '<div lang="en" dir="ltr">'),
    Spoiled("title", "<title></title>", "<title>China Briefing · May 18, 2020</title>", line=1),
    Spoiled("preheader", 'style="font-size:1px', 'style="display:none; font-size:1px'),
    Spoiled("size", page("<!--" + "x" * 60_000 + "-->"), line=1),
    Spoiled("size", page("<!--" + "x" * 80_000 + "-->"), line=1),
    Spoiled("unsubscribe", "/p/" + TOKEN_PLACEHOLDER, "/u/" + TOKEN_PLACEHOLDER, at="</html>"),
    Spoiled("tokens", "https://read.example.org/subscribe", f"https://read.example.org/p/{TOKEN_PLACEHOLDER}", at="/u/" + TOKEN_PLACEHOLDER),
]  # fmt: skip

SPOILED_TEXTS = [
    Spoiled("unsubscribe", f"/p/{TOKEN_PLACEHOLDER} ", "/u/" + TOKEN_PLACEHOLDER, "text", at="1 Example Street"),
    Spoiled("text-columns", f"{'word ' * 18}\n\nIn this edition", "In this edition", "text"),
    Spoiled("text-links", "[1] https://elsewhere.example/\n[2] ", "[2] ", "text", at="[1] https://elsewhere"),
    Spoiled("text-links", "min\n", "min [7]\n", "text", at="[7] https"),
    Spoiled("text-stories", page('<h2><a href="https://elsewhere.example/9" style="color:#1a1a1a">Another story</a></h2>'), told_in="text", line=1),
    Spoiled("template-marks", "{{ edition.title }}\n\nIn this", "In this", "text"),
    Spoiled("illegal-character", "one\x1btwo\n\nIn this", "In this", "text", at="one\x1b"),
    Spoiled("token-place", f"https://elsewhere.example/{TOKEN_PLACEHOLDER}", f"https://read.example.org/p/{TOKEN_PLACEHOLDER}", "text"),
]  # fmt: skip

SPOILED_HEADS = [
    *(
        Spoiled("header-missing", new, old, "head", line=1)
        for new, old in (("X-To:", "To:"), ("X-Date:", "Date:"), ("X-Id:", "Message-ID:"), ("X-Re:", "Subject:"), ("X-Of:", "From:"))
    ),
    Spoiled("header-twice", "To: reader@example.org\r\nFrom: Other <other@example.org>\r\n", "To: reader@example.org\r\n", "head", at="From: desk"),
    Spoiled("header-form", "Message-ID: one", "Message-ID: <one@example.org>", "head"),
    Spoiled("header-form", "Date: yesterday\r\nX-Date:", "Date:", "head"),
    Spoiled("one-recipient", "To: reader@example.org, other@example.org", "To: reader@example.org", "head"),
    Spoiled("one-recipient", "Bcc: other@example.org\r\nSubject:", "Subject:", "head"),
    Spoiled("list-unsubscribe", "X-Unsubscribe", "List-Unsubscribe", "head", line=1),
    Spoiled("list-encoded", "List-Unsubscribe: =?utf-8?q?=3Chttps=3A//read=2Eexample=2Eorg/u/x=3E?=", LIST, "head"),
    Spoiled("list-folded", "List-Unsubscribe: <https://read.example.org/u/\r\n TOKEN>", LIST, "head", at="List-Unsubscribe: <"),
    Spoiled("list-long", f"List-Unsubscribe: <https://read.example.org/u/{'x' * 60}>", LIST, "head"),
    Spoiled("list-id", "List-Id: The Daily", "List-Id: China Briefing <daily.briefing.example.org>", "head"),
    Spoiled("list-id", "X-List-Id", "List-Id", "head", line=1),
    Spoiled("one-click", "X-Post", "List-Unsubscribe-Post", "head", at="List-Unsubscribe:"),
    Spoiled("one-click", "List-Unsubscribe-Post: Yes", "List-Unsubscribe-Post: List-Unsubscribe=One-Click", "head"),
    Spoiled("line-ends", "\n\r\nChina", "\r\n\r\nChina", "head", at="quoted-printable\n"),
    Spoiled("line-length", f"X-Long: {'x' * 1_000}\r\nSubject:", "Subject:", "head"),
    Spoiled("mime", "X-Version: 1.0", "MIME-Version: 1.0", "head", line=1),
    Spoiled("tokens-encoded", f"/p/TOKEN=\r\n{TOKEN_PLACEHOLDER[5:]}", f"/p/{TOKEN_PLACEHOLDER}", "head", line=1),
    Spoiled("mime", "multipart/mixed", "multipart/alternative", "head"),
    Spoiled("charset", "text/plain; charset=utf8", "text/plain; charset=utf-8", "head"),
    Spoiled("quoted-printable", f"{'x' * 77}\r\nChina Briefing\r\n", "China Briefing\r\n", "head", at="Content-Type: text/plain"),
]  # fmt: skip

SPOILED = [*SPOILED_STYLES, *SPOILED_MARKUP, *SPOILED_TEXTS, *SPOILED_HEADS]


def named(spoiled: Spoiled) -> str:
    return f"{spoiled.rule}: {' '.join((spoiled.at or spoiled.new).split())[:40]}"


# --- the laws --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("plain", [False, True], ids=["designed", "plain"])
@pytest.mark.parametrize("name", SAMPLES)
def test_our_own_letters_are_clean(name: str, *, plain: bool) -> None:
    assert lint(letter(name, plain=plain)) == ()


@pytest.mark.parametrize("spoiled", SPOILED, ids=named)
def test_what_is_made_wrong_is_found_on_its_line_and_nothing_else(spoiled: Spoiled) -> None:
    bad = spoiled.spoil(letter("english"))
    found = lint(bad)
    assert [(each.rule, each.part) for each in found] == [(spoiled.rule, spoiled.told_in or spoiled.part)], found
    assert found[0].line == spoiled.told_on(bad)
    assert found[0].said
    assert found[0].mend


@settings(max_examples=40, deadline=None)
@given(
    name=st.sampled_from(["chinese", "arabic"]),
    plain=st.booleans(),
    spoiled=st.sampled_from(
        [each for each in SPOILED_STYLES + SPOILED_MARKUP if each.old == "</h1>" and each.rule != "size"]
    ),
)
def test_in_every_language_and_template(name: str, spoiled: Spoiled, *, plain: bool) -> None:
    found = lint(spoiled.spoil(letter(name, plain=plain)))
    assert {each.rule for each in found} == {spoiled.rule}, found


def test_no_words_of_a_feed_keep_a_newsletter_from_its_readers() -> None:
    """Hostile or strange, they are warned about at most: see the next test for what comes to mind to nobody."""
    for words in HOSTILE:
        assert errors(lint(told_with(words))) == (), words


@settings(max_examples=40, deadline=None)
@given(words=st.text(min_size=1, max_size=80).filter(lambda words: bool(words.strip())))
def test_whatever_a_source_writes(words: str) -> None:
    assert errors(lint(told_with(words, plain=True))) == ()


def test_no_attack_of_the_corpus_does_either() -> None:
    path = CORPORA / "security" / "xss_payloads.jsonl.gz"
    if not path.exists():
        pytest.skip("the corpora are not here")
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        payloads = [str(json.loads(line)["payload"]) for line in lines]
    for words in filter(str.strip, payloads[::24]):
        assert errors(lint(told_with(words, plain=True))) == (), words


HOSTILE = (
    "here", "点击这里", "{{ config.secrets }} and {% raw %}", TOKEN_PLACEHOLDER, f"[1] https://elsewhere.example/{'a' * 90}",
    "<h1>Again</h1>", "&#0;&#8;", "*|MERGE|*", "\ufdd0+item 3\ufdd1", "=?utf-8?q?=0ABcc=3A_x=40example=2Eorg?=", "x" * 300,
    "javascript:alert(1)", "\u202eback to front", "\u200b", "one\x00two\x1b", "[7] [8] [9]", "https://elsewhere.example/" + "a" * 60,
)  # fmt: skip


def told_with(words: str, *, plain: bool = False) -> Letter:
    edition, config = SAMPLES["one story"]
    assert edition.lead is not None
    link = Link(title=words, url="https://elsewhere.example/u/x", source=words)
    lead = replace(
        edition.lead, headline=words, summary=words, kicker=words, source=words, also=(link,), related=(link,)
    )
    spoiled = replace(edition, lead=lead, preheader=words, opening=words, subject=words, quick=(link,))
    made = mail.render_plain(spoiled, config) if plain else mail.render(spoiled, config, (ROOT / "templates",))
    return Letter(made.html, made.text, raw(spoiled, config, made), OWN)


# --- letters that others sent ----------------------------------------------------------------------------


@pytest.mark.parametrize("path", sorted(FILES.glob("*.[eh]*ml")), ids=lambda path: path.name)
def test_a_trap_of_the_real_world(path: Path) -> None:
    """What is found stands in the file beside it, a finding a line: part, line, level and rule."""
    expected = path.with_suffix(".found").read_text().splitlines()
    assert [f"{each.part} {each.line} {each.level} {each.rule}" for each in lint(read(path))] == expected


def test_every_rule_is_tried() -> None:
    tried = {each.rule for each in SPOILED}
    tried |= {line.split()[-1] for path in FILES.glob("*.found") for line in path.read_text().splitlines()}
    known = {feature.rule for feature in FEATURES} | {
        found[1]
        for path in LINT.glob("*.py")
        for found in re.finditer(r"(?:rule=|_error\()\"([a-z-]+)\"", path.read_text())
    }
    assert known - tried == set()


# --- single things ---------------------------------------------------------------------------------------


def test_a_line_that_is_no_header() -> None:
    found = lint(Letter(raw=b"From: a@example.org\r\nwhat is this\r\n\r\nBody\r\n"))
    assert ("header-form", 2) in {(each.rule, each.line) for each in found}


def test_size_warns_before_it_stops() -> None:
    good = letter("english")
    room = sheet.MAX_BYTES - len((good.html or "").encode()) - len("\n<!---->")
    assert blocks.MAX_BYTES == sheet.MAX_BYTES
    levels = [
        [each.level for each in lint(Spoiled("size", page(f"<!--{'é' * (room // 2)}{'x' * more}-->")).spoil(good))]
        for more in (0, 2)
    ]
    assert levels == [["warning"], ["error"]]


def test_the_same_fault_again_is_counted() -> None:
    (found,) = lint(Spoiled("css-flex", page('<p style="display:flex"></p>\n' * 5)).spoil(letter("english")))
    assert found.more == 4
    assert str(found).startswith("html line ")
    assert "(and 4 more) [css-flex]" in str(found)


@pytest.mark.parametrize(
    ("text", "ground", "expected"),
    [
        ("#73818c", "#ffffff", 4.0),
        ("#5f6368", "#ffffff", 6.05),
        ("#666666", "#ffffff", 5.74),
        ("#000000", "#ffffff", 21),
    ],
)
def test_contrast_as_others_count_it(text: str, ground: str, expected: float) -> None:
    one, other = colours.named(text), colours.named(ground)
    assert one is not None
    assert other is not None
    assert colours.contrast(one, other) == pytest.approx(expected, abs=0.05)


@given(st.lists(st.floats(0, 1), min_size=6, max_size=6))
def test_contrast_is_the_same_both_ways_and_within_its_bounds(parts: list[float]) -> None:
    one, other = (parts[0], parts[1], parts[2]), (parts[3], parts[4], parts[5])
    assert colours.contrast(one, other) == colours.contrast(other, one)
    assert 1 <= colours.contrast(one, other) <= 21.0001


@settings(deadline=None)
@given(st.binary(max_size=300))
def test_anything_can_be_linted(data: bytes) -> None:
    lint(Letter.read(data))
    lint(Letter(html=data.decode("latin-1"), text=data.decode("latin-1")))


def test_a_mail_of_sixty_stories_is_linted_in_well_under_a_tenth_of_a_second() -> None:
    made = mail.render(editions.many(), editions.config(), (ROOT / "templates",))
    lint(Letter(made.html, made.text, own=OWN))
    began = time.process_time()
    lint(Letter(made.html, made.text, own=OWN))
    assert time.process_time() - began < 0.25, "some 0.04 s where nothing else runs"
