"""Letters, read again by the standard library, which did not write them."""

import re
from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.config import Config
from aggregator.errors import ConfigError, Refused, RenderError
from aggregator.model import TOKEN_PLACEHOLDER
from aggregator.send import message, tokens

TOKEN = tokens.make(b"secret", "reader", 9)
TEXT = f"Good morning\n\nUnsubscribe: https://b.example.org/u/{TOKEN_PLACEHOLDER}\n"
HTML = f'<!doctype html>\n<p>Good morning</p>\n<a href="https://b.example.org/u/{TOKEN_PLACEHOLDER}">Unsubscribe</a>\n'
NAMES = [
    "To", "Date", "Message-ID", "List-Unsubscribe", "From", "Subject", "List-Id", "List-Unsubscribe-Post",
    "List-Archive", "Archived-At", "Precedence", "Content-Language", "MIME-Version", "Content-Type",
]  # fmt: skip
BODIES = {
    "dots and From": ".\n..\n.hidden\nFrom here\n.\r\n.\r\n",
    "Chinese": "台积电宣布在亚利桑那州建厂。" * 200,
    "emoji": "👩‍🚀🇨🇳" * 100,
    "one long line": "x" * 5000 + " " + "y" * 5000,
    "controls": "a\0b\x0bc\x1cd\x85e\u2028f",
    "boundaries": "--=_0\n--=_0--\n\n--\n",
    "blanks": "a \nb\t\n \n",
    "nothing": "",
    "no end of line": "a",
    "lone line ends": "a\rb\nc\r\nd",
}


def read(letter: bytes) -> EmailMessage:
    read = message_from_bytes(letter, policy=default)
    assert isinstance(read, EmailMessage)
    assert not read.defects
    return read


def parts(letter: bytes) -> list[str]:
    """The text of each part; line ends as in Python."""
    found = []
    for part in read(letter).iter_parts():
        content = part.get_payload(decode=True)
        assert isinstance(content, bytes)
        found.append(unix(content.decode(part.get_content_charset("?"))))
    return found


def unix(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


def prepared(config: Config, edition: Any, text: str = TEXT, html: str = HTML) -> message.Prepared:
    return message.prepare(config, config.newsletters[0], edition, html, text)


def test_the_head_has_every_header_once_and_no_other(make_config: Any, make_edition: Any, make_delivery: Any) -> None:
    letter = read(prepared(make_config(), make_edition()).letter(make_delivery(), TOKEN))
    assert letter.keys() == NAMES
    assert {name: str(letter[name]) for name in NAMES if name != "Content-Type"} == {
        "To": "Bob Smith <bob@example.net>",
        "Date": "Thu, 14 May 2020 05:00:07 +0000",
        "Message-ID": "<0123456789abcdef0123456789abcdef@example.org>",
        "List-Unsubscribe": f"<https://b.example.org/u/{TOKEN}>",
        "From": "Desk <desk@example.org>",
        "Subject": "Three stories this morning",
        "List-Id": "China Briefing <daily.briefing.example.org>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        "List-Archive": "<https://briefing.example.org/editions/daily/>",
        "Archived-At": "<https://briefing.example.org/editions/daily/42/>",
        "Precedence": "bulk",
        "Content-Language": "en",
        "MIME-Version": "1.0",
    }


def test_text_comes_first_and_html_last(make_config: Any, make_edition: Any, make_delivery: Any) -> None:
    bytes_ = prepared(make_config(), make_edition()).letter(make_delivery(), TOKEN)
    letter = read(bytes_)
    assert letter.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in letter.iter_parts()] == ["text/plain", "text/html"]
    assert {part["Content-Transfer-Encoding"] for part in letter.iter_parts()} == {"quoted-printable"}
    assert {part.get_content_charset() for part in letter.iter_parts()} == {"utf-8"}
    assert parts(bytes_) == [TEXT.replace(TOKEN_PLACEHOLDER, TOKEN), HTML.replace(TOKEN_PLACEHOLDER, TOKEN)]


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES.keys())
def test_bodies_are_read_as_they_were_written(
    body: str, make_config: Any, make_edition: Any, make_delivery: Any
) -> None:
    html = f"<p>{body}</p>{TOKEN_PLACEHOLDER * 3}{body}"
    letter = prepared(make_config(), make_edition(), body, html).letter(make_delivery(), TOKEN)
    assert parts(letter) == [unix(body), unix(html.replace(TOKEN_PLACEHOLDER, TOKEN))]
    check_lines(letter)


@given(text=st.text(st.characters(exclude_categories=["Cs"])), html=st.text(st.characters(exclude_categories=["Cs"])))
def test_all_bodies_are_read_as_they_were_written(
    text: str, html: str, make_config: Any, make_edition: Any, make_delivery: Any
) -> None:
    letter = prepared(make_config(), make_edition(), text, html).letter(make_delivery(), TOKEN)
    assert parts(letter) == [unix(text), unix(html)]
    check_lines(letter)


def check_lines(letter: bytes) -> None:
    assert letter.count(b"\r\n") == letter.count(b"\r") == letter.count(b"\n")
    head, _, body = letter.partition(b"\r\n\r\n")
    assert max(len(line) for line in body.split(b"\r\n")) <= 76
    # The one-click address is never folded, nor could another address be.
    foldable = [line for line in head.split(b"\r\n") if b"<http" not in line]
    assert max(map(len, foldable)) <= 78
    assert max(len(line) for line in head.split(b"\r\n")) <= 94
    assert letter.isascii()


@given(texts=st.tuples(st.text(), st.text(), st.text()))
def test_nothing_that_was_read_from_feeds_or_people_adds_a_header(
    texts: tuple[str, str, str], make_config: Any, make_edition: Any, make_delivery: Any
) -> None:
    subject, name, title = texts
    config = make_config()
    newsletter = config.newsletters[0].model_copy(update={"title": "x" + title})
    ready = message.prepare(config, newsletter, make_edition("x" + subject), HTML, TEXT)
    letter = read(ready.letter(make_delivery(name=name), TOKEN))
    assert letter.keys() == NAMES
    assert [address.addr_spec for address in letter["To"].addresses] == ["bob@example.net"]


def test_every_attempt_gives_the_same_bytes(make_config: Any, make_edition: Any, make_delivery: Any) -> None:
    first = prepared(make_config(), make_edition()).letter(make_delivery(attempts=1), TOKEN)
    later = make_delivery(attempts=5, updated=datetime(2020, 5, 16, tzinfo=UTC), state="claimed", token=77)
    assert prepared(make_config(), make_edition()).letter(later, TOKEN) == first


def test_readers_letters_differ_in_their_own_lines_alone(
    make_config: Any, make_edition: Any, make_delivery: Any
) -> None:
    ready = prepared(make_config(), make_edition())
    other = make_delivery("eve@example.net", "Eve", message_id="<ffff@example.org>")
    other_token = tokens.make(b"secret", "reader", 10)
    one = ready.letter(make_delivery(), TOKEN).split(b"\r\n")
    two = ready.letter(other, other_token).split(b"\r\n")
    different = [a for a, b in zip(one, two, strict=True) if a != b]
    assert [line.partition(b":")[0] for line in different[:3]] == [b"To", b"Message-ID", b"List-Unsubscribe"]
    assert len(different) == 5
    assert all(TOKEN.encode() in line for line in different[3:])


def test_an_empty_subject_is_the_newsletters_title(make_config: Any, make_edition: Any, make_delivery: Any) -> None:
    letter = prepared(make_config(), make_edition(" \r\n ")).letter(make_delivery(), TOKEN)
    assert read(letter)["Subject"] == "China Briefing"


def test_names_and_domains_in_chinese(make_config: Any, make_edition: Any, make_delivery: Any) -> None:
    config = make_config(
        sender="编辑部 <desk@例子.中国>", reply_to="desk@例子.中国", title="中国简报", public_url="https://例子.中国/简"
    )
    bytes_ = prepared(config, make_edition(language="zh-Hans")).letter(make_delivery("li@例子.中国", "李雷"), TOKEN)
    assert bytes_.isascii()
    letter = read(bytes_)
    assert letter["From"] == "编辑部 <desk@xn--fsqu00a.xn--fiqs8s>"
    assert letter["Reply-To"] == "desk@xn--fsqu00a.xn--fiqs8s"
    assert letter["To"] == "李雷 <li@xn--fsqu00a.xn--fiqs8s>"
    assert letter["List-Id"] == "中国简报 <daily.briefing.example.org>"
    assert letter["List-Unsubscribe"] == f"<https://xn--fsqu00a.xn--fiqs8s/%E7%AE%80/u/{TOKEN}>"


def test_an_address_in_chinese_stands_in_the_head_as_it_is(
    make_config: Any, make_edition: Any, make_delivery: Any
) -> None:
    letter = prepared(make_config(), make_edition()).letter(make_delivery("李雷@example.net", None), TOKEN)
    assert letter.startswith("To: 李雷@example.net\r\n".encode())


@pytest.mark.parametrize("length", [42, 43])
def test_the_one_click_address_is_neither_folded_nor_encoded(
    length: int, make_config: Any, make_edition: Any, make_delivery: Any
) -> None:
    public = "https://" + "b" * (length - 16) + ".example"
    letter = prepared(make_config(public_url=public), make_edition()).letter(make_delivery(), TOKEN)
    assert f"\r\nList-Unsubscribe: <{public}/u/{TOKEN}>\r\n".encode() in letter
    assert len(f"{public}/u/{TOKEN}") <= 74


def test_a_public_address_too_long_for_one_click_is_a_mistake_with_its_mend(
    make_config: Any, make_edition: Any
) -> None:
    config = make_config(public_url="https://" + "b" * 28 + ".example")
    with pytest.raises(ConfigError, match=r"web\.public_url: .*1 characters too long .*set web\.public_url to a short"):
        prepared(config, make_edition())


def test_all_mistakes_are_told_at_once(make_config: Any, make_edition: Any) -> None:
    config = make_config(
        sender="Desk <desk@192.0.2.1>", reply_to="a@-b.example", link="https://x/<>", public_url="https://y/{z}"
    )
    found = message.problems(config)
    assert [mistake.key for mistake in found] == [
        "delivery.from", "delivery.reply_to", "publication.link", "web.public_url",
    ]  # fmt: skip
    assert all(mistake.hint for mistake in found)
    with pytest.raises(ConfigError):
        prepared(config, make_edition())


def test_without_delivery_nothing_is_prepared(make_config: Any, make_edition: Any) -> None:
    config = make_config().model_copy(update={"delivery": None})
    with pytest.raises(ConfigError, match="delivery"):
        prepared(config, make_edition())


def test_one_click_is_offered_over_https_alone(make_config: Any, make_edition: Any, make_delivery: Any) -> None:
    letter = read(
        prepared(make_config(public_url="http://127.0.0.1:8000"), make_edition()).letter(make_delivery(), TOKEN)
    )
    assert letter["List-Unsubscribe"] == f"<http://127.0.0.1:8000/u/{TOKEN}>"
    assert letter["List-Unsubscribe-Post"] is None


@pytest.mark.parametrize("email", ["bob", "bob@example.net\r\nBcc: eve@example.net", '"a b"@example.net'])
def test_a_delivery_without_an_address_is_refused(
    email: str, make_config: Any, make_edition: Any, make_delivery: Any
) -> None:
    with pytest.raises(Refused, match="is no e-mail address"):
        prepared(make_config(), make_edition()).letter(make_delivery(email), TOKEN)


@pytest.mark.parametrize("name", ["<a@b>\r\nBcc: eve@example.net", "<a@b>\nBcc: x", ""])
def test_a_message_id_that_is_none_stops_the_letter(
    name: str, make_config: Any, make_edition: Any, make_delivery: Any
) -> None:
    with pytest.raises(RenderError):
        prepared(make_config(), make_edition()).letter(make_delivery(message_id=name), TOKEN)


@pytest.mark.parametrize("token", ["", "short", "x" * 29, "x" * 27 + "\n", "x" * 26 + "=="])
def test_what_is_no_token_is_not_spliced_in(
    token: str, make_config: Any, make_edition: Any, make_delivery: Any
) -> None:
    with pytest.raises(ValueError, match="a token has 28 URL-safe characters"):
        prepared(make_config(), make_edition()).letter(make_delivery(), token)


def test_the_boundary_depends_on_the_content_alone(make_config: Any, make_edition: Any) -> None:
    ready = prepared(make_config(), make_edition())
    assert ready == prepared(make_config(), make_edition())
    changed = prepared(make_config(), make_edition(), TEXT + "more")
    assert boundary(ready) != boundary(changed)
    assert replace(ready, pieces=changed.pieces) == changed


def boundary(ready: message.Prepared) -> bytes:
    found = re.search(rb'boundary="(=_[0-9a-f]{32})"', ready.pieces[0])
    assert found is not None
    return found[1]
