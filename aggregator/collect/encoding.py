"""Bytes to text: what is valid UTF-8 is UTF-8, then what the feed or the server says, then what the bytes look like.

Labels are wrong often, above all on Chinese feeds: GBK called UTF-8, UTF-8 called gb2312, no label at all. Text in
another encoding is practically never valid UTF-8, so that test comes before every label.
"""

import codecs
import re
from collections.abc import Iterable

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16, whose mark is the first half of this one
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_UNMARKED = (
    (b"<\0\0\0", "utf-32-le"),
    (b"\0\0\0<", "utf-32-be"),
    (b"<\0", "utf-16-le"),
    (b"\0<", "utf-16-be"),
    (b"\x4c\x6f\xa7\x94", "cp037"),  # <?xm in EBCDIC
)
_READ_AS = {
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "big5": "big5hkscs",
    "iso8859-1": "cp1252",
    "ascii": "cp1252",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
}
_OTHER_NAMES = {"x-gbk": "gbk", "gb_2312-80": "gbk", "x-sjis": "cp932", "x-x-big5": "big5", "unicode": "utf-16"}
_MANY_BYTES = frozenset({"gb18030", "big5hkscs", "cp950", "cp932", "cp949", "euc_jp", "euc_jis_2004", "johab"})
_SEVEN_BITS = ("iso2022", "hz", "utf_7", "utf-7")
_DECLARATION = re.compile(r"\s*<\?xml\b[^>]{0,500}\?>")
_XML_ENCODING = re.compile(rb"""\s*<\?xml\b[^>]{0,400}?encoding\s*=\s*["']([A-Za-z0-9._:-]{1,40})["']""")
_HTTP_ENCODING = re.compile(r"""charset\s*=\s*["']?([A-Za-z0-9._:-]{1,40})""", re.IGNORECASE)
_SAMPLE = 65_536
_BAD_SHARE = 0.02
_GUESSES = ["gb18030", "big5", "shift_jis", "euc_jp", "euc_kr", "cp1251", "koi8_r", "cp1252"]


def decode(body: bytes, content_type: str | None) -> tuple[str, str | None]:
    """The text, without BOM and XML declaration, and what had to be mended ("labelled utf-8, is gb18030")."""
    name = _marked(body)
    if name is not None:
        return _text(body, name), None
    labels = _labels(body, content_type)
    known = [encoding for label in labels if (encoding := _known(label)) is not None]
    name = _fitting(body, known)
    label = labels[0] if labels else None
    right = label is None or name in known[:1] or (name == "utf-8" and _known(label) == "cp1252" and body.isascii())
    return _text(body, name), None if right else f"labelled {label}, is {name}"


def _marked(body: bytes) -> str | None:
    return next((name for mark, name in _BOMS + _UNMARKED if body.startswith(mark)), None)


def _fitting(body: bytes, known: Iterable[str]) -> str:
    seven_bits = next((name for name in known if name.replace("_", "").startswith(_SEVEN_BITS)), None)
    if body.isascii():
        return seven_bits if seven_bits and _fits(body, seven_bits, 0) else "utf-8"
    # A few bad bytes (a cut in mid-character, one pasted word) do not make UTF-8 another encoding.
    if _fits(body, "utf-8", _BAD_SHARE):
        return "utf-8"
    # One byte a character fits anything, so such a label (a server's default, often) comes after the telling ones.
    for name in sorted((name for name in known if name != "utf-8"), key=lambda name: name not in _MANY_BYTES):
        for candidate in (name, "cp950") if name == "big5hkscs" else (name,):
            if _fits(body, candidate, _BAD_SHARE if candidate in _MANY_BYTES else 0):
                return candidate
    return _detected(body)


def _fits(body: bytes, name: str, bad_share: float) -> bool:
    try:
        body.decode(name)
    except UnicodeDecodeError as error:
        if not bad_share:
            return False
        text = body.decode(error.encoding, "replace")
        foreign = sum(not character.isascii() for character in text)
        return text.count("\ufffd") <= max(1, foreign * bad_share) < foreign
    return True


def _detected(body: bytes) -> str:
    """Detection looks at what is not ASCII: in a feed, most bytes are markup and say nothing."""
    from charset_normalizer import from_bytes

    telling = b"\n".join(re.findall(rb"[^<>\n]{0,40}[\x80-\xff][^<>\n]{0,400}", body))[:_SAMPLE]
    best = from_bytes(telling, cp_isolation=_GUESSES, threshold=0.5).best()
    name = _known(best.encoding) if best is not None else None
    return name or "cp1252"


def _labels(body: bytes, content_type: str | None) -> list[str]:
    http = _HTTP_ENCODING.search(content_type or "")
    xml = _XML_ENCODING.match(body)
    return [label.lower() for label in (http and http[1], xml and xml[1].decode("ascii")) if label]


def _known(label: str) -> str | None:
    """The name of Python's codec that reads this label best, None for what is no text encoding."""
    try:
        found = codecs.lookup(_OTHER_NAMES.get(label, label))
        b"".decode(found.name)
    except (LookupError, UnicodeError):
        return None
    return _READ_AS.get(found.name, found.name)


def _text(body: bytes, name: str) -> str:
    text = body.decode(name, "replace").removeprefix("\ufeff")
    return _DECLARATION.sub("", text, count=1) if _DECLARATION.match(text) else text
