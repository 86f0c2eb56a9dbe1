"""Rules about the head of a letter and its form on the wire (RFC 5322, 2045, 2047, 2369, 2919, 8058)."""

import re
from collections.abc import Iterator
from email.message import Message
from email.utils import getaddresses, parsedate_to_datetime
from functools import partial

from aggregator.publish.lint.letter import Finding, Head, Header, Letter

LONGEST_LINE = 998
LONGEST_QUOTED = 76
LONGEST_UNSUBSCRIBE = 76
"""With its brackets: programs fold what is longer, and Python's own write encoded words into it."""
_ONCE = ("From", "To", "Date", "Message-ID", "Subject")
_ADDRESSES = (
    "List-Unsubscribe",
    "List-Archive",
    "List-Help",
    "List-Subscribe",
    "List-Owner",
    "List-Post",
    "Archived-At",
)
_MESSAGE_ID = re.compile(r"<[^<>@\s]+@[^<>@\s]+>")
_LIST_ID = re.compile(r"<[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)+>$")
_ANY_URI = re.compile(r"<([^<>]*)>")
_ONE_CLICK = "List-Unsubscribe=One-Click"
_error = partial(Finding, level="error", part="head")
_warning = partial(Finding, level="warning", part="head")


def once(letter: Letter) -> Iterator[Finding]:
    head = letter.head
    for name in _ONCE if head is not None else ():
        assert head is not None
        found = head.all(name)
        if not found or not found[0].value:
            said = f"no {name}" if not found else f"an empty {name}"
            yield _error(
                rule="header-missing",
                line=found[0].line if found else 1,
                said=said,
                mend=f"every letter has one {name}",
            )
        if len(found) > 1:
            said = f"{name} stands there {len(found)} times: receivers refuse it"
            yield _error(rule="header-twice", line=found[1].line, said=said, mend="send one")


def forms(letter: Letter) -> Iterator[Finding]:
    """What stands in them is what may stand there."""
    if (head := letter.head) is None:
        return
    for header in head.headers:
        if not header.name:
            yield _error(
                rule="header-form", line=header.line, said="a line that is no header", mend="begin it with `Name: `"
            )
    if (id_ := head.get("Message-ID")) is not None and id_.value and not _MESSAGE_ID.fullmatch(id_.value):
        yield _error(
            rule="header-form", line=id_.line, said="Message-ID is not <one@domain>", mend="make it <hash@our.domain>"
        )
    if (date := head.get("Date")) is not None and date.value and not _is_date(date.value):
        yield _error(
            rule="header-form",
            line=date.line,
            said="Date is no date of a letter",
            mend="as in Mon, 18 May 2020 05:00:00 +0000",
        )
    if (to := head.get("To")) is not None and len(head.all("To")) == 1:
        yield from _recipients(head, to)


def _recipients(head: Head, to: Header) -> Iterator[Finding]:
    if to.value and len(getaddresses([to.value])) != 1:
        said = "To names more than one reader: each would see the others"
        yield _error(rule="one-recipient", line=to.line, said=said, mend="send each reader a letter of her own")
    for name in ("Cc", "Bcc"):
        for header in head.all(name):
            said = f"{name} in a letter to readers"
            yield _error(rule="one-recipient", line=header.line, said=said, mend="send each reader a letter of her own")


def lists(letter: Letter) -> Iterator[Finding]:
    """What mail programs offer to readers of a list."""
    if (head := letter.head) is None:
        return
    for name in _ADDRESSES:
        for header in head.all(name):
            yield from _uris(header)
    yield from _list_id(head)
    yield from _unsubscribe(head)


def _uris(header: Header) -> Iterator[Finding]:
    if "=?" in header.value:
        said = f"{header.name} is written in encoded words: nobody reads an address in them"
        yield _error(rule="list-encoded", line=header.line, said=said, mend="write the header as it is, unfolded")
    elif any("<" in line.partition(">")[2].rpartition(">")[2] or _is_open(line) for line in header.lines[:-1]):
        said = f"{header.name} is folded inside of an address"
        yield _error(rule="list-folded", line=header.line, said=said, mend="keep each <…> on one line, and short")


def _is_open(line: str) -> bool:
    return line.rfind("<") > line.rfind(">")


def _list_id(head: Head) -> Iterator[Finding]:
    header = head.get("List-Id")
    if header is None:
        said = "no List-Id: readers cannot sort by it, and Gmail asks for one"
        yield _error(rule="list-id", line=1, said=said, mend="as in Daily <daily.example.org>, the same for ever")
    elif not _LIST_ID.search(header.value):
        said = "List-Id is not <name.domain>"
        yield _error(
            rule="list-id", line=header.line, said=said, mend="as in Daily <daily.example.org>, the same for ever"
        )


def _unsubscribe(head: Head) -> Iterator[Finding]:
    header, post = head.get("List-Unsubscribe"), head.get("List-Unsubscribe-Post")
    if header is None:
        said = "no List-Unsubscribe: Gmail, Yahoo and Microsoft ask for one of whoever sends to many"
        yield _error(rule="list-unsubscribe", line=1, said=said, mend="write List-Unsubscribe: <https://…>")
        return
    if "=?" in header.value:
        return
    addresses = _ANY_URI.findall(re.sub(r"\s", "", header.value))
    secure = [address for address in addresses if address.lower().startswith("https:")]
    if not addresses:
        said = "List-Unsubscribe has no address in <…>"
        yield _error(rule="list-unsubscribe", line=header.line, said=said, mend="write List-Unsubscribe: <https://…>")
    elif not secure:
        said = "List-Unsubscribe has no https address: one click does not do, and Gmail counts it for nothing"
        yield _warning(
            rule="list-unsubscribe", line=header.line, said=said, mend="set web.public_url to an https address"
        )
    if any(len(address) + 2 > LONGEST_UNSUBSCRIBE for address in secure):
        said = f"the address of List-Unsubscribe is longer than {LONGEST_UNSUBSCRIBE - 2} characters: it gets folded on the way"
        yield _warning(rule="list-long", line=header.line, said=said, mend="use a shorter token, or host")
    yield from _one_click(header, post, secure=bool(secure))


def _one_click(header: Header, post: Header | None, *, secure: bool) -> Iterator[Finding]:
    if post is None:
        if secure:
            said = "no List-Unsubscribe-Post: one click does not unsubscribe"
            yield _error(
                rule="one-click", line=header.line, said=said, mend=f"write List-Unsubscribe-Post: {_ONE_CLICK}"
            )
    elif post.value != _ONE_CLICK:
        said = "List-Unsubscribe-Post says something that nobody knows"
        yield _error(rule="one-click", line=post.line, said=said, mend=f"write {_ONE_CLICK}, and nothing else")
    elif not secure:
        said = "List-Unsubscribe-Post without an https address to post to"
        yield _error(rule="one-click", line=post.line, said=said, mend="give List-Unsubscribe an https address")


# --- the form on the wire --------------------------------------------------------------------------------


def line_ends(letter: Letter) -> Iterator[Finding]:
    """CRLF, and nothing else; a file that has LF alone was stored so, and is sent otherwise."""
    if letter.raw is None or b"\r\n" not in letter.raw:
        return
    bare = re.search(rb"(?<!\r)\n|\r(?!\n)", letter.raw)
    if bare is not None:
        at = len(re.findall(rb"\r\n|\n|\r", letter.raw[: bare.start()])) + 1
        said = "a line that does not end with CRLF: receivers refuse it, or see another letter in it"
        yield _error(rule="line-ends", line=at, said=said, mend="end every line with CRLF")


def line_length(letter: Letter) -> Iterator[Finding]:
    for at, line in enumerate(letter.head.lines if letter.head is not None else (), 1):
        if len(line) > LONGEST_LINE:
            said = f"a line of more than {LONGEST_LINE} octets: servers cut it"
            yield _error(rule="line-length", line=at, said=said, mend="fold it, or encode it as quoted-printable")


def mime(letter: Letter) -> Iterator[Finding]:
    """multipart/alternative: the text first, the HTML last, both in UTF-8."""
    if (head := letter.head) is None:
        return
    version = head.get("MIME-Version")
    if version is None or version.value != "1.0":
        yield _error(
            rule="mime", line=version.line if version else 1, said="no MIME-Version: 1.0", mend="write it into the head"
        )
    content = head.get("Content-Type")
    at = content.line if content is not None else 1
    kinds = [part.get_content_type() for part in head.message.walk() if not part.is_multipart()]
    if head.message.get_content_type() != "multipart/alternative" or kinds != ["text/plain", "text/html"]:
        said = f"not text and HTML as alternatives, in this order, but {', '.join(kinds) or 'nothing'}"
        yield _error(rule="mime", line=at, said=said, mend="multipart/alternative: the text first, the HTML last")
    for part in head.message.walk():
        if part.get_content_maintype() == "text":
            yield from _encoding(part, head)


def _encoding(part: Message, head: Head) -> Iterator[Finding]:
    at, kind = _line_of(part, head), part.get_content_type()
    if (part.get_content_charset() or "") != "utf-8":
        yield _error(rule="charset", line=at, said=f"{kind} is not in UTF-8", mend="write charset=utf-8, and UTF-8")
    encoding = str(part.get("Content-Transfer-Encoding", "7bit")).lower()
    if encoding == "base64":
        said = f"{kind} in base64: filters count it against a letter"
        yield _warning(rule="encoding", line=at, said=said, mend="encode it as quoted-printable")
    elif encoding == "quoted-printable":
        body = str(part.get_payload()).replace("\r\n", "\n").split("\n")
        if any(len(line) > LONGEST_QUOTED for line in body):
            said = f"{kind}: a quoted-printable line of more than {LONGEST_QUOTED} characters"
            yield _error(rule="quoted-printable", line=at, said=said, mend="break it softly, with = at its end")


def _line_of(part: Message, head: Head) -> int:
    """Where the part says what it is."""
    mark = str(part.get("Content-Type", "")).split("\n")[0].encode("utf-8", "replace").strip()
    return next((at for at, line in enumerate(head.lines, 1) if mark and mark in line), 1)


def _is_date(value: str) -> bool:
    try:
        parsedate_to_datetime(value)
    except (TypeError, ValueError):
        return False
    return True
