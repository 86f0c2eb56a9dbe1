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
_CHINESE = frozenset({"gb18030", "big5hkscs", "cp950"})
_SEVEN_BITS = ("iso2022", "hz", "utf_7", "utf-7")
_DECLARATION = re.compile(r"\s*<\?xml\b[^>]{0,500}\?>")
_XML_ENCODING = re.compile(rb"""\s*<\?xml\b[^>]{0,400}?encoding\s*=\s*["']([A-Za-z0-9._:-]{1,40})["']""")
_HTTP_ENCODING = re.compile(r"""charset\s*=\s*["']?([A-Za-z0-9._:-]{1,40})""", re.IGNORECASE)
_META_ENCODING = re.compile(rb"""<meta\b[^>]{0,200}?charset\s*=\s*["']?([A-Za-z0-9._:-]{1,40})""", re.IGNORECASE)
_HEAD = 4096
_SAMPLE = 65_536
_ASCII = 0x7F
_GB_COMMON = re.compile(rb"[\xa1\xa3\xb0-\xd7][\xa1-\xfe]")
_BIG5_COMMON = re.compile(rb"[\xa1\xa4-\xc6][\x40-\x7e\xa1-\xfe]")
_GB_SECOND_HALF = 0xC9
_GB_SECOND_SHARE = 0.1
_COMMON_SHARE = 0.9
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


def with_charset(body: bytes, content_type: str | None) -> str | None:
    """The content type of a page in HTML, with what it says itself of its encoding where the server says nothing."""
    said = _META_ENCODING.search(body[:_HEAD])
    if said is None or _HTTP_ENCODING.search(content_type or ""):
        return content_type
    return f"text/html; charset={said[1].decode()}"


def _marked(body: bytes) -> str | None:
    return next((name for mark, name in _BOMS + _UNMARKED if body.startswith(mark)), None)


def _fitting(body: bytes, known: Iterable[str]) -> str:
    seven_bits = next((name for name in known if name.replace("_", "").startswith(_SEVEN_BITS)), None)
    if body.isascii():
        return seven_bits if seven_bits and _fits(body, seven_bits, 0) else "utf-8"
    # A few bad bytes (a cut in mid-character, one pasted word) do not make UTF-8 another encoding.
    if _fits(body, "utf-8", _BAD_SHARE):
        return "utf-8"
    telling = _telling(body)
    chinese = _chinese(telling)
    for name in (name for name in known if name in _MANY_BYTES and not _exchanged(name, chinese)):
        for candidate in (name, "cp950") if name == "big5hkscs" else (name,):
            if _fits(body, candidate, _BAD_SHARE):
                return candidate
    # One byte a character fits anything, so such a label (a server's default, often) is believed only here.
    one_byte = (name for name in known if name not in _MANY_BYTES | {"utf-8"} and _fits(body, name, 0))
    return chinese or next(one_byte, None) or _detected(telling)


def _exchanged(label: str, chinese: str | None) -> bool:
    """GBK called Big5 or the other way round: nearly every pair of bytes is valid in both, so the label would fit."""
    return label in _CHINESE and chinese is not None and (label == "gb18030") != (chinese == "gb18030")


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


def _telling(body: bytes) -> bytes:
    """The stretches that are not ASCII: most bytes of a feed are markup and say nothing."""
    return b"\n".join(re.findall(rb"[^<>&\n]*[\x80-\xff][^<>&\n]*", body))[:_SAMPLE]


def _chinese(telling: bytes) -> str | None:
    """GBK and Big5 by the rows of their tables in which nearly every character of running text stands.

    A general detector takes a headline or two for Western text. Korean (EUC) uses the first half of GBK's rows only.
    """
    pairs = re.findall(rb"[\x81-\xfe][\x40-\xfe]", telling)
    odd_ones = sum(byte > _ASCII for byte in telling) - sum(1 + (pair[1] > _ASCII) for pair in pairs)
    simplified = sum(bool(_GB_COMMON.match(pair)) for pair in pairs)
    traditional = sum(bool(_BIG5_COMMON.match(pair)) for pair in pairs)
    second_half = sum(pair[0] >= _GB_SECOND_HALF for pair in pairs if _GB_COMMON.match(pair))
    enough = (len(pairs) + odd_ones) * _COMMON_SHARE
    if not pairs or max(simplified, traditional) < enough:
        return None
    if traditional > simplified:
        return "big5hkscs" if _fits(telling, "big5hkscs", _BAD_SHARE) else "cp950"
    return "gb18030" if second_half >= simplified * _GB_SECOND_SHARE else None


def _detected(telling: bytes) -> str:
    from charset_normalizer import from_bytes

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
