"""What all formats of feeds have in common for a validator: each rule gives complaints, in words.

Written from the specifications (RFC 3339, 3986, 4151, 8141, 2822, HTML); a complaint that begins with “should” is of what is
allowed and yet bad.
"""

import re
from calendar import monthrange
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from html.entities import name2codepoint
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlsplit

from lxml import etree

XML = "{http://www.w3.org/XML/1998/namespace}"
ATOM = "{http://www.w3.org/2005/Atom}"

_3339 = re.compile(r"(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.\d*)?(?:Z|[+-](\d\d):(\d\d))")
_2822 = re.compile(
    r"(?:(Mon|Tue|Wed|Thu|Fri|Sat|Sun), )?\d\d? (?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) \d{4} "
    r"\d\d:\d\d(?::\d\d)? (?:[+-]\d{4}|UT|GMT|EST|EDT|CST|CDT|MST|MDT|PST|PDT|Z)"
)
_TAG = re.compile(
    r"tag:(?:[a-z0-9._-]+@)?[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?,\d{4}(?:-\d\d(?:-\d\d)?)?:[\w;/?:@&=+$.!~*'()%,-]*(?:#[\w;/?:@&=+$.!~*'()%,-]*)?",
    re.ASCII,
)
_URN = re.compile(r"urn:[a-z0-9][a-z0-9-]{1,31}:(?:[a-z0-9()+,.:=@;$_!*'-]|%[0-9a-f]{2})+", re.IGNORECASE)
_UUID = re.compile(r"urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.IGNORECASE)
_CHARACTERS = re.compile(r"[\w;/?:@&=+$.!~*'()%,#-]*", re.ASCII)
_MIME = re.compile(r"[^\s()<>,;:\\\"/\[\]?=]+/[^\s()<>,;:\\\"/\[\]?=]+(?:\s*;\s*[^\s;=]+=(?:\"[^\"]*\"|[^\s;\"]+))*")
_MAIL = re.compile(
    r"[\w.!#$%&'*+/=?^`{|}~-]+@[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9-]+)+", re.IGNORECASE | re.ASCII
)
_LANGUAGE = re.compile(r"[a-z]{2,3}(?:-[a-z0-9]{1,8})*", re.IGNORECASE)
_BROKEN = re.compile("[\x80-\x9f\ufffd]")
_END_TAG = re.compile(r"</([a-z][a-z0-9]*)>", re.IGNORECASE)
_ENTITY = re.compile(r"&(#?\w+)")
_MARKED = str.maketrans({0xE026: "&", 0xE03C: "<"})
"""Where numbers stood for these signs, which says that they are meant."""
_SCHEMES = frozenset(
    "http https ftp mailto tag urn news nntp file data tel sip sips xmpp irc magnet feed gopher telnet ldap info dav".split()  # noqa: SIM905  read so
)
_ELEMENTS = frozenset(
    re.findall(
        r"\w+",
        "a abbr acronym address area article aside audio b bdi big blockquote br button canvas caption center cite code col "
        "colgroup data datalist dd del details dfn dialog dir div dl dt em fieldset figcaption figure footer font form h1 h2 "
        "h3 h4 h5 h6 header hgroup hr i img input ins kbd label legend li main map mark menu meter nav ol optgroup option "
        "output p picture pre progress q rp rt ruby s samp section select small source span strike strong sub summary sup "
        "table tbody td textarea tfoot th thead time tr track tt u ul var video wbr",
    )
)
_VOID = frozenset({"area", "br", "col", "hr", "img", "input", "source", "track", "wbr"})
_MAY_STAY_OPEN = frozenset("li p dd dt tr td th tbody thead tfoot option colgroup rp rt".split())  # noqa: SIM905  read so
_STYLE = re.compile(r"\s*(?:(?:[a-z-]+)\s*:\s*[#%.\w\s,!\'\"-]*(?:\([\d,\s%]*\))?\s*(?:;|$)\s*)*", re.IGNORECASE)
_UNSAFE_STYLE = re.compile(
    r"position|behavior|binding|expression|url|@|\\|/\*|z-index|filter|opacity|background-image|content\s*:|mso-|\d{4}",
    re.IGNORECASE,
)


def parsed(document: bytes) -> Any:
    """The root, or why there is none. A number for `&` or `<` is kept as a mark: it says that the sign is meant."""
    marked = re.sub(b"(?i)&#x26;", b"&#xE026;", re.sub(b"(?i)&#x3c;", b"&#xE03C;", document))
    try:
        return etree.fromstring(marked, etree.XMLParser(resolve_entities=False, no_network=True))
    except (etree.XMLSyntaxError, ValueError) as error:
        return f"it is not well-formed: {error}"


def text_of(element: Any) -> str:
    return (element.text or "").translate(_MARKED)


def elements(parent: Any) -> list[Any]:
    return [child for child in parent if isinstance(child.tag, str)]


def own_text(element: Any) -> str:
    """Of an element that should hold none itself."""
    return "".join([element.text or "", *(child.tail or "" for child in element)]).strip()


def date(text: str, name: str) -> Iterator[str]:
    found = _3339.fullmatch(text)
    if found is None:
        yield f"{name}: {text!r} is no RFC 3339 time"
        return
    year, month, day_, hour, minute, second = (int(part) for part in found.groups()[:6])
    zone = [int(part or 0) for part in found.groups()[6:]]
    fits = 1 <= month <= 12 and 1 <= day_ <= monthrange(max(year, 1), month)[1]
    if not fits or hour > 23 or minute > 59 or second > 60 or zone[0] > 23 or zone[1] > 59:
        yield f"{name}: {text!r} is no time of any day"
    elif year < 1990 or text[:10] > f"{datetime.now(UTC) + timedelta(days=1):%Y-%m-%d}":
        yield f"should: {name}: {text!r} is hardly meant"


def mail_date(text: str, name: str) -> Iterator[str]:
    found = _2822.fullmatch(text)
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, TypeError):
        yield f"{name}: {text!r} is no time of RFC 2822"
        return
    if found is None:
        yield f"should: {name}: {text!r} is written in a way that some cannot read"
    elif found[1] and f"{moment:%a}" != found[1]:
        yield f"{name}: {text!r} is no {found[1]}"
    elif moment.year < 1990 or moment.replace(tzinfo=moment.tzinfo or UTC) > datetime.now(UTC) + timedelta(minutes=10):
        yield f"should: {name}: {text!r} is hardly meant"


def address(text: str, name: str, *, whole: bool = True) -> Iterator[str]:
    """`whole`: it has to stand without a base. An address in other letters than ASCII may, in XML, but is not read by all."""
    scheme = text.partition(":")[0].lower() if ":" in text else ""
    text = re.sub(r"^(\w+://)\[[0-9A-Fa-f:.]+\]", r"\1host", text)
    if whole and not text:
        yield f"should: {name} is empty"
        return
    if scheme == "tag":
        if not _TAG.fullmatch(text) or not _is_day(text):
            yield f"{name}: {text!r} is no tag (RFC 4151)"
    elif scheme == "urn":
        if not _URN.fullmatch(text) or (text.lower().startswith("urn:uuid:") and not _UUID.fullmatch(text)):
            yield f"{name}: {text!r} is no URN"
    else:
        yield from _reference(text, name, scheme, whole=whole)


def _reference(text: str, name: str, scheme: str, *, whole: bool) -> Iterator[str]:
    if not _CHARACTERS.fullmatch(text.encode("idna").decode() if _encodable(text) else text):
        yield f"{name}: {text!r} has characters that an address has not"
    elif scheme in {"http", "https", "ftp"} and not re.match(r"[a-z]+://[^/:?#]", text, re.IGNORECASE):
        yield f"{name}: {text!r} names no host"
    elif whole and not scheme:
        yield f"{name}: {text!r} is not absolute"
    elif whole and scheme not in _SCHEMES and "." not in scheme:
        yield f"should: {name}: nobody registered {scheme}:"
    elif re.search(r"%(?![0-9A-Fa-f]{2})", text):
        yield f"{name}: {text!r} has a % that begins nothing"


def _is_day(tag: str) -> bool:
    numbers = [int(part) for part in tag.split(",", 1)[1].split(":", 1)[0].split("-")]
    year, month, day_ = [*numbers, 1, 1][:3]
    return year > 0 and 1 <= month <= 12 and 1 <= day_ <= monthrange(year, month)[1]


def _encodable(text: str) -> bool:
    if text.isascii():
        return False
    try:
        text.encode("idna")
    except UnicodeError:
        return False
    return True


def canonical(text: str, name: str) -> Iterator[str]:
    """Ids are compared character by character: an address has one way to be written."""
    if text.lower().startswith("urn:"):
        if not text.startswith("urn:"):
            yield f"should: {name}: {text!r} could be written otherwise"
        return
    parts = urlsplit(text)
    host = parts.netloc.rpartition("@")[2]
    dotted = {".", ".."} & set(parts.path.split("/"))
    port = {"http": ":80", "https": ":443"}.get(parts.scheme)
    slashless = parts.scheme in {"http", "https"} and not parts.path
    if (
        not text.startswith(parts.scheme)
        or host != host.lower()
        or (parts.scheme in {"http", "https"} and (dotted or slashless or host.endswith(":")))
        or (port and host.endswith(port))
        or re.search(r"%(?:[0-9A-F]?[a-f]|4[1-9A-F]|5[0-9A]|6[1-9A-F]|7[0-9A]|3[0-9]|2[DE]|5F|7E)", text)
    ):
        yield f"should: {name}: {text!r} could be written otherwise"


def mime(text: str, name: str) -> Iterator[str]:
    if not _MIME.fullmatch(text):
        yield f"{name}: {text!r} is no media type"


def mailbox(text: str, name: str) -> Iterator[str]:
    if not _MAIL.fullmatch(text):
        yield f"{name}: {text!r} is no mail address"


def language(text: str, name: str) -> Iterator[str]:
    if not _LANGUAGE.fullmatch(text):
        yield f"{name}: {text!r} is no language"


def plain(text: str, name: str, *, guessed: bool = False) -> Iterator[str]:
    """Text that is to be shown as it stands. `guessed`: readers have to guess whether it is HTML, as in RSS."""
    shown = text.translate(_MARKED)
    yield from readable(shown, name)
    tags = [tag for tag in _END_TAG.findall(shown) if tag.lower() in _ELEMENTS]
    if tags:
        yield f"should: {name}: {shown[:60]!r} looks like HTML (</{tags[0]}>)"
    elif shown == text:
        entities = [
            word for word in _ENTITY.findall(text) if word in name2codepoint or word == "apos" or not word.isalpha()
        ]
        if entities:
            yield f"should: {name}: {text[:60]!r} looks like HTML (&{entities[0]})"
        elif guessed and re.search("<[/a-zA-Z]", text):
            yield f"should: {name}: {text[:60]!r} looks like HTML"


def readable(text: str, name: str) -> Iterator[str]:
    if _BROKEN.search(text):
        yield f"should: {name}: {text[:60]!r} has characters that were lost on the way"


def html(text: str, name: str) -> Iterator[str]:
    """A fragment that is safe and whole."""
    text = text.translate(_MARKED)
    yield from readable(text, name)
    reader = _Reader()
    reader.feed(text)
    reader.close()
    yield from (f"should: {name}: {said}" for said in reader.said)
    if reader.open:
        yield f"should: {name}: <{reader.open[-1]}> is never closed"


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.said: list[str] = []
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in _ELEMENTS:
            self.said.append(f"<{tag}> is no element for a feed")
        if tag not in _VOID:
            self.open.append(tag)
        self.said += attributes(dict(attrs))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in _VOID:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        while self.open and self.open[-1] != tag and self.open[-1] in _MAY_STAY_OPEN and tag in self.open:
            self.open.pop()
        if not self.open or self.open.pop() != tag:
            self.said.append(f"</{tag}> closes nothing")


def attributes(found: dict[str, str | None]) -> Iterator[str]:
    for name, value in found.items():
        said = value or ""
        if name.lower().startswith("on"):
            yield f"{name} is a script"
        elif name.lower() == "style" and (not _STYLE.fullmatch(said) or _UNSAFE_STYLE.search(said)):
            yield f"the style {said!r} may reach out of the entry"
        elif name in {"href", "src"} and not re.match(r"[a-z][a-z0-9+.-]*:", said, re.IGNORECASE):
            yield f"{said!r} is relative, and to nothing"
        elif name in {"href", "src"} and re.match(r"(?:javascript|vbscript|data)\s*:", said, re.IGNORECASE):
            yield f"{said[:40]!r} is a script"


def is_xhtml_safe(element: Any) -> Iterator[str]:
    for each in element.iter():
        if not isinstance(each.tag, str):
            continue
        space, _, name = each.tag.rpartition("}")
        if "svg" in space or "MathML" in space:
            continue
        if space != "{http://www.w3.org/1999/xhtml":
            yield f"should: {each.tag} is no XHTML"
        elif name not in _ELEMENTS:
            yield f"should: <{name}> is no element for a feed"
        yield from (
            f"should: {said}" for said in attributes({k: v for k, v in each.attrib.items() if k not in {"href", "src"}})
        )


EVENTS = {
    "AtomLinkNotEmpty": "link is not empty",
    "AttrNotBlank": "is empty",
    "AvoidNamespacePrefix": "prefix",
    "BadCharacters": "lost on the way",
    "CharacterData": "looks like HTML",
    "ContainsHTML": "looks like HTML",
    "ContainsRelRef": "relative, and to nothing",
    "ContainsUndeclaredHTML": "looks like HTML",
    "DangerousStyleAttr": "style",
    "DuplicateAtomLink": "two alternates",
    "DuplicateDescriptionSemantics": "says it twice",
    "DuplicateElement": r"has \d+",
    "DuplicateEntries": "entries have the id",
    "DuplicateItemSemantics": "says it twice",
    "DuplicateSemantics": "says it twice",
    "DuplicateValue": "items have the guid",
    "EightDaysAWeek": "skipDays",
    "EmailFormat": "mail address, then the name",
    "FeedHistoryRelInEntry": "an entry has a link",
    "FeedRelInCompleteFeed": "a complete feed has a link",
    "ImageUrlFormat": "no picture",
    "ImplausibleDate": "hardly meant",
    "InvalidAddrSpec": "no mail address",
    "InvalidBooleanAttribute": "neither true nor false",
    "InvalidContact": "no mail address|mail address, then",
    "InvalidFullLink": "is empty|is not absolute|characters|no host",
    "InvalidHttpGUID": "guid",
    "InvalidInteger": "no number",
    "InvalidIntegerAttribute": "no number",
    "InvalidLanguage": "no language",
    "InvalidLink": "is not absolute|characters|no host|no URN|no tag|begins nothing",
    "InvalidMIMEAttribute": "no media type",
    "InvalidMIMEType": "no media type|has the type",
    "InvalidNonNegativeInteger": "no number",
    "InvalidPermalink": "guid",
    "InvalidRFC2822Date": "no time of RFC 2822|is no (?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)",
    "InvalidRFC3339Date": "no RFC 3339 time|no time of any day",
    "InvalidTAG": "no tag",
    "InvalidTextType": "has the type",
    "InvalidURN": "no URN",
    "InvalidUUID": "no URN",
    "InvalidUriChar": "characters that an address has not",
    "MisplacedItem": "after its items",
    "MissingAttribute": "has no (?:href|term|version|url|length|type|isPermaLink|domain|port|path|protocol|registerProcedure)",
    "MissingCurrentInArchive": "does not say where the feed is",
    "MissingDescription": "has no description",
    "MissingElement": "has no",
    "MissingLink": "has no link",
    "MissingSelf": "no link rel=self",
    "MissingSourceElement": "source has no",
    "MissingTextualContent": "neither content nor summary",
    "MissingTitle": "has no title",
    "MissingTypeAttr": "has no type",
    "MissingXhtmlDiv": "not one div",
    "NeedDescriptionBeforeContent": "before content:encoded",
    "NonCanonicalURI": "written otherwise",
    "NotBlank": "is empty",
    "NotHtml": "closes nothing|never closed|no element|no XHTML",
    "NotInline": "looks like HTML",
    "ProblematicalRFC822Date": "some cannot read",
    "RelativeSelf": "itself is relative",
    "SAXError": "not well-formed",
    "SchemeNotIANARegistered": "nobody registered",
    "SecurityRisk": "no element for a feed",
    "SecurityRiskAttr": "is a script",
    "UndefinedElement": "unknown child|has child elements",
    "UnexpectedAttribute": "has an attribute",
    "UnexpectedText": "holds text",
    "UnexpectedWhitespace": "spaces around",
    "UnknownNamespace": "nobody knows the namespace",
    "UnregisteredAtomLinkRel": "registered the relation",
    "UriNotIri": "characters that an address has not",
}
"""What the W3C's test cases call a mistake, and how it is said here."""
