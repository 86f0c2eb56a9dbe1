"""Texts, addresses and times as every reader and validator of feeds takes them.

What is dropped or written otherwise here is legal in XML, and yet a feed with it is called invalid, or shows something
else than what was meant.
"""

import re
from datetime import UTC, datetime
from functools import lru_cache
from hashlib import blake2b
from html.entities import name2codepoint
from urllib.parse import quote, urlsplit

from aggregator.publish.theme import language_tag, legal, web_address

_UNREADABLE = re.compile(
    "[\x7f-\x84\x86-\x9f\ufdd0-\ufdef\ufffd"
    + "".join(f"{chr(plane << 16 | 0xFFFE)}{chr(plane << 16 | 0xFFFF)}" for plane in range(1, 17))
    + "]"
)
"""C1 controls, the sign for a character that was lost, and code points that HTML calls no characters."""
_GARBLED = re.compile("[\xc2\xc3][\x80-\xbf]")
_RUN = re.compile("[^<>&\n]+")
_MAILBOX = re.compile(r"\s*<[^<>@\s]+@[^<>\s]+>")
_TAG = re.compile(r"</?[a-zA-Z]|<!")
_ENTITY = re.compile(r"&(#?\w+)")
_FINE = re.compile(
    r"https?://[a-z0-9-]+(?:\.[a-z0-9-]+)*(?::[0-9]{1,5})?/(?:[0-9A-Za-z/?:@!$&'()*+,;=~._-]|%[0-9A-Fa-f]{2})*"
)
_LONE_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")
_HOST = re.compile(r"\[[0-9a-f:]+\]|[0-9a-z._~!$&'()*+,;=%-]+")
_FIRST_YEAR = 1990
"""What is older is a clock that was never set: no feed is older, and validators say so."""
# ISO 639-1: dc:language may say nothing else, and feeds say much else.
_LANGUAGES = frozenset(
    re.findall(
        r"\w\w",
        "aa ab ae af ak am an ar as av ay az ba be bg bh bi bm bn bo br bs ca ce ch co cr cs cu cv cy da de dv dz ee el en eo es "
        "et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht hu hy hz ia id ie ig ii ik io is it iu ja jv ka kg ki kj "
        "kk kl km kn ko kr ks ku kv kw ky la lb lg li ln lo lt lu lv mg mh mi mk ml mn mr ms mt my na nb nd ne ng nl nn no nr nv "
        "ny oc oj om or os pa pi pl ps pt qu rm rn ro ru rw sa sc sd se sg si sk sl sm sn so sq sr ss st su sv sw ta te tg th ti "
        "tk tl tn to tr ts tt tw ty ug uk ur uz ve vi vo wa wo xh yi yo za zh zu",
    )
)


def clean(text: str) -> str:
    """Without what no reader should get; UTF-8 that somebody read as Latin-1 (“Ã©”) is mended, as readers do."""
    if text.isascii():
        return legal(text)
    mended = _RUN.sub(_mended, text) if _GARBLED.search(text) else text
    return _UNREADABLE.sub("", legal(mended)).replace("\x85", "\n")


def _mended(run: re.Match[str]) -> str:
    if not _GARBLED.search(run[0]):
        return run[0]
    for page in ("latin-1", "cp1252"):
        try:
            return run[0].encode(page).decode("utf-8")
        except UnicodeError:
            continue
    return _GARBLED.sub(lambda pair: pair[0].encode("latin-1").decode("utf-8"), run[0])


def one_line(text: str) -> str:
    return " ".join(clean(text).split())


def paragraphs(text: str) -> str:
    """With its line breaks, all of one kind."""
    return clean(text).replace("\r\n", "\n").replace("\r", "\n").strip()


def label(text: str) -> str:
    """A name, where no format can say that it is no HTML: an end tag is taken apart."""
    return one_line(text).replace("</", "< /")


def person(name: str) -> str:
    """A name, without the mail address that many feeds put behind it."""
    return label(_MAILBOX.sub("", clean(name)))


def looks_like_html(text: str) -> bool:
    """Whether some reader would take this plain text for HTML: then it is to be said that it is none. Not so “AT&T”."""
    named = (word in name2codepoint or word == "apos" or not word.isalpha() for word in _ENTITY.findall(text))
    return _TAG.search(text) is not None or any(named)


@lru_cache(maxsize=8192)
def address(text: str | None) -> str | None:
    """A web address as RFC 3986 has it, in ASCII alone: the host as it is looked up, all else percent-encoded."""
    if text and _FINE.fullmatch(text):
        return text
    found = web_address(clean(text or ""))
    if found is None:
        return None
    try:
        parts = urlsplit(found)
        host, port = _host(parts.hostname or ""), parts.port
    except ValueError:  # a port that is no number, a host that no name server knows
        return None
    if not _HOST.fullmatch(host):
        return None
    user = f"{_quoted(parts.netloc.rpartition('@')[0])}@" if "@" in parts.netloc else ""
    rest = "".join(
        f"{mark}{_quoted(part)}" for mark, part in (("", parts.path), ("?", parts.query), ("#", parts.fragment)) if part
    )
    return f"{parts.scheme}://{user}{host}{f':{port}' if port is not None else ''}{rest}"


def _host(name: str) -> str:
    return f"[{name}]" if ":" in name else name.encode("idna").decode("ascii").lower()


def _quoted(part: str) -> str:
    return quote(_LONE_PERCENT.sub("%25", part), safe="%/?:@!$&'()*+,;=~-._")


def told_time(moment: datetime) -> datetime | None:
    """A publisher's time, to the second; None for one that can only be a mistake."""
    return whole_second(moment) if moment.astimezone(UTC).year >= _FIRST_YEAR else None


def whole_second(moment: datetime) -> datetime:
    """In UTC: the same instant is written the same, whatever zone or fraction the database gave back."""
    return moment.astimezone(UTC).replace(microsecond=0)


def apart(moment: datetime, id_: str) -> datetime:
    """The second, and a fraction of it that is the entry's own.

    What is curated together changed in one and the same moment. Readers sort by it, and take entries of one time in any
    order, or for one entry; validators warn. The fraction follows from the id: no entry's time depends on another's.
    """
    fraction = int.from_bytes(blake2b(id_.encode("utf-8", "surrogatepass"), digest_size=8).digest()) % 1_000_000
    return whole_second(moment).replace(microsecond=fraction)


def iso_language(tag: str | None) -> str | None:
    found = language_tag(tag)
    return found if found is not None and found.split("-", 1)[0].lower() in _LANGUAGES else None
