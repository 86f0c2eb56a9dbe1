"""The figures of a text, in English and Chinese, as values that can be compared: 1,200 is 1.2 thousand is 一千二百.

A figure that is to be verified may have several meanings (“5m”, “the second”): one of them must occur. Of the sources all
are taken. What stands in a date is no figure: May 14 is found in 5月14日, and not in fourteen people.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from typing import Literal

Kind = Literal["plain", "percent", "date", "month", "weekday", "day", "vague", "money"]
Meaning = tuple[Kind, Fraction | tuple[int, int] | str]


@dataclass(frozen=True, slots=True)
class Figure:
    """As it is written, and what it may mean."""

    shown: str
    meanings: frozenset[Meaning]


@dataclass(slots=True)
class _Reading:
    """A text of which the figures are taken one after the other, each leaving a gap."""

    text: str
    found: list[Figure] = field(default_factory=list)

    def take(self, match: re.Match[str], *meanings: Meaning) -> None:
        self.found.append(Figure(match[0].strip(), frozenset(meanings)))

    def each(self, pattern: re.Pattern[str]) -> Iterator[re.Match[str]]:
        """Every match, each taken out of the text."""
        matches = list(pattern.finditer(self.text))
        self.text = pattern.sub(lambda match: "\x00" * len(match[0]), self.text)
        yield from matches


def figures(text: str) -> tuple[Figure, ...]:
    """In whatever order; what is no claim of a number (“one of them”, 一些) is left out."""
    reading = _Reading(_plain(text))
    for step in (_dates, _fractions, _vague, _money, _clock, _digits, _english, _chinese):
        step(reading)
    return tuple(reading.found)


def meanings(text: str) -> frozenset[Meaning]:
    """All that the figures of a source mean."""
    found = {meaning for figure in figures(text) for meaning in figure.meanings}
    for _, value in tuple(found):
        if isinstance(value, tuple):  # a date: its month and its day may be told alone
            found |= {("month", Fraction(value[0])), ("day", Fraction(value[1]))}
    return frozenset(found)


_GAP = re.compile(r"(?<=\d)[\u2009\u202f\u00a0](?=\d{3}(?!\d))")
_NUMERALS = "零〇一二三四五六七八九十百千万亿两"
_NO_NUMBERS = re.compile(
    rf"(?<![\d{_NUMERALS}])(?:三星|三亚|三峡|三明|三沙|四川|五粮液|五角大楼|六安|七匹狼|九江|九龙|八达岭|万科|万达|万豪|百度|百姓|百货|千古|千金"
    "|千方百计|万一|一般|一直|一些|一样|一定|一旦|一起|一致|一律|一向|一再|一边|一面|一共|一带|一路|一系列|一方面|一度|一线|一流|一体|一代"
    f"|十分(?!钟|之|点)|十足|四处|不二|万众|万分|亿万|独一无二|八卦|九州|七夕|半导体|半岛|半夜)(?![{_NUMERALS}])|统一|唯一|之一|进一步|同一|二维码|二手"
)


def _plain(text: str) -> str:
    return _NO_NUMBERS.sub("\x00", unicodedata.normalize("NFKC", _GAP.sub("", text))).replace("−", "-")


# --- dates -----------------------------------------------------------------------------------------------

_MONTHS = (
    *("january", "february", "march", "april", "may", "june", "july"),
    *("august", "september", "october", "november", "december"),
)
_MONTH_OF = {name: number for number, name in enumerate(_MONTHS, 1)} | {
    name[:3]: number for number, name in enumerate(_MONTHS, 1)
}
_MONTH_OF["sept"] = 9
_MONTH = r"(?P<month>(?i:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?))"
_DAY = r"(?P<day>[0-3]?\d)(?:st|nd|rd|th)?"
_MORE = r"(?P<more>(?:\s*(?:-|–|to|and|,)\s*[0-3]?\d(?:st|nd|rd|th)?)*)"
_YEAR = r"(?P<year>(?:19|20)\d\d)"
_DATES = (
    re.compile(rf"(?<!\d){_YEAR}[-/.](?P<month>[01]?\d)[-/.](?P<day>[0-3]?\d)(?!\d)"),
    re.compile(rf"(?:{_YEAR}\s*年\s*)?(?<!\d)(?P<month>[01]?\d)\s*月\s*(?P<day>[0-3]?\d)\s*[日号號]?(?:\s*[-~至到]\s*(?P<more>[0-3]?\d)\s*[日号號])?"),
    re.compile(rf"\b{_MONTH}\.?\s+{_DAY}(?!\d|\.\d|,\d){_MORE}(?!\d)(?:,?\s+{_YEAR}\b)?"),
    re.compile(rf"(?<![\d.,])(?P<more>(?:[0-3]?\d\s*(?:-|–|to|and)\s*)?){_DAY}(?:\s+of)?\s+{_MONTH}\b\.?(?:,?\s+{_YEAR}\b)?"),
)  # fmt: skip
_HAN_DATE = re.compile(
    r"(?P<month>十[一二]?|[一二三四五六七八九])月(?P<day>(?:二十|三十|十)?[一二三四五六七八九十])[日号號]"
)
_MONTH_ALONE = re.compile(
    r"\b(?P<clear>(?i:january|february|april|june|july|august|september|october|november|december))\b"
    r"|(?i:\b(?:in|of|since|by|until|till|from|through|late|early|mid|last|next|this|to|and|between|for))[\s-]+(?P<doubtful>March|May)\b"
    r"|\b(?P<dated>March|May)(?=,?\s+(?:19|20)\d\d)"
    r"|(?<![\d])(?P<digits>1[0-2]|[1-9])\s*月(?:份|(?!\d))|(?P<han>十[一二]?|[一二三四五六七八九])月份?"
)
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_WEEKDAY = re.compile(
    r"\b(?i:(?P<english>monday|tuesday|wednesday|thursday|friday|saturday|sunday))s?\b|(?:周|週|星期|礼拜|禮拜)(?P<han>[一二三四五六日天])"
)
_HAN_WEEK = "一二三四五六日"
_DAY_ALONE = re.compile(r"(?<![\d.月])(?P<day>[0-3]?\d)\s*[日号號](?!线|楼)")


def _dates(reading: _Reading) -> None:
    for pattern in _DATES:
        for match in reading.each(pattern):
            _date(reading, match)
    for match in reading.each(_HAN_DATE):
        reading.take(match, ("date", (int(_han(match["month"])), int(_han(match["day"])))))
    for match in reading.each(_WEEKDAY):
        said = match["english"]
        place = _WEEKDAYS.index(said.lower()) if said else _HAN_WEEK.index(match["han"].replace("天", "日"))
        reading.take(match, ("weekday", Fraction(place)))
    for match in reading.each(_MONTH_ALONE):
        name = match["clear"] or match["doubtful"] or match["dated"]
        number = _MONTH_OF[name.lower()] if name else int(match["digits"] or _han(match["han"]))
        reading.take(match, ("month", Fraction(number)))
    for match in reading.each(_DAY_ALONE):
        reading.take(match, ("day", Fraction(int(match["day"]))))


def _date(reading: _Reading, match: re.Match[str]) -> None:
    said = match["month"]
    month = int(said) if said.isdigit() else _MONTH_OF[said.lower()]
    days = [match["day"], *re.findall(r"\d+", match.groupdict().get("more") or "")]
    for day in days:
        reading.take(match, ("date", (month, int(day))))
    if match["year"]:
        reading.take(match, ("plain", Fraction(match["year"])))


# --- shares, and what is said without a figure -----------------------------------------------------------

_SHARES = {"half": 2, "third": 3, "quarter": 4, "fourth": 4, "fifth": 5, "sixth": 6, "eighth": 8, "tenth": 10}
_SHARE = re.compile(
    r"\b(?i:(?P<count>one|two|three|four|five|a)[\s-]+(?P<share>third|quarter|fifth|sixth|eighth|tenth)s?)(?=\s+of\b|s\b|-|\s*$|[.,;])"
    r"|\b(?i:(?P<half>half|halves|halved))\b|(?P<whole>[\d.]+|[零一二三四五六七八九十百两]+)分之(?P<part>[\d.]+|[零一二三四五六七八九十百两点]+)"
    r"|(?P<han>半)(?=数|個|个|年|价|成|以上|$|[^\u4e00-\u9fff])|(?P<over>过半)"
    r"|(?P<tenths>[一二三四五六七八九两\d])成(?P<five>[五半])?(?![立为為功员員果本熟长長])"
)
_TWICE = re.compile(r"\b(?i:twice|double[ds]?|doubling)\b|翻[一了]?(?:番|倍)|(?:[一1]|两|2)倍|加倍|倍增")
_THRICE = re.compile(r"\b(?i:triple[ds]?|tripling)\b|[三3]倍|[两2]番")
_VAGUE = {
    "tens": re.compile(r"\b(?i:dozens|tens of(?! thousands| millions))\b|[数數几幾]十(?![万萬亿億])|数十|上十"),
    "hundreds": re.compile(r"\b(?i:hundreds(?! of (?:thousands|millions)))\b|[数數几幾上]百(?![万萬亿億])|数以百计|百余|百多"),
    "thousands": re.compile(
        r"(?<!tens of )(?<!hundreds of )\b(?i:thousands)\b|[数數几幾上]千(?![万萬亿億])|数以千计|成千|千余|千多"
    ),
    "tens of thousands": re.compile(r"\b(?i:tens of thousands)\b|[数數几幾上](?:万|萬)|数以万计|万余|萬餘|万多|成千上万"),
    "hundreds of thousands": re.compile(r"\b(?i:hundreds of thousands)\b|[数數几幾]十(?:万|萬)|数十万"),
    "millions": re.compile(r"(?<!tens of )(?<!hundreds of )\b(?i:millions)\b|[数數几幾上]百(?:万|萬)|数以百万"),
    "tens of millions": re.compile(r"\b(?i:tens of millions)\b|[数數几幾上]千(?:万|萬)|数以千万"),
    "hundreds of millions": re.compile(r"\b(?i:hundreds of millions)\b|[数數几幾上](?:亿|億)|数以亿计|亿万"),
    "billions": re.compile(r"(?<!tens of )(?<!hundreds of )\b(?i:billions)\b|[数數几幾]十(?:亿|億)"),
}  # fmt: skip
_CURRENCIES = {
    "dollar": re.compile(r"(?i:US\$|\bUSD\b|\bdollars?\b)|(?<![A-Z])\$|美元|美金|(?<=[\d万亿])美(?=[元金])"),
    "hong kong dollar": re.compile(r"(?i:HK\$|\bHKD\b|\bHong Kong dollars?\b)|港元|港币|港幣"),
    "yuan": re.compile(r"(?i:\byuan\b|\bRMB\b|\bCNY\b|\brenminbi\b)|人民币|人民幣|(?<![美日欧歐港澳台])元|CN¥"),
    "euro": re.compile(r"€|(?i:\beuros?\b|\bEUR\b)|欧元|歐元"),
    "pound": re.compile(r"£|(?i:\bGBP\b|\bpounds? sterling\b)|英镑|英鎊"),
    "yen": re.compile(r"(?i:\byen\b|\bJPY\b)|日元|日圆|日圓|円"),
    "won": re.compile(r"₩|(?i:\bKRW\b)|韩元|韓元|韩圆"),
}


def _fractions(reading: _Reading) -> None:
    for match in reading.each(_SHARE):
        reading.take(match, *_share(match))
    for pattern, value in ((_TWICE, 2), (_THRICE, 3)):
        for match in reading.each(pattern):
            reading.take(match, ("plain", Fraction(value)))


def _share(match: re.Match[str]) -> tuple[Meaning, ...]:
    if match["whole"]:
        whole, part = _value(match["whole"]), _value(match["part"])
        if whole == 100:  # noqa: PLR2004  百分之
            return (("percent", part),)
        return (("plain", part / whole if whole else part),)
    if match["tenths"]:
        share = _value(match["tenths"]) * 10 + (5 if match["five"] else 0)
        return (("percent", share),)
    if match["share"]:
        counted = {"a": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5}[match["count"].lower()]
        return (("plain", Fraction(counted, _SHARES[match["share"].lower()])),)
    return ("plain", Fraction(1, 2)), ("percent", Fraction(50))


def _vague(reading: _Reading) -> None:
    for name, pattern in _VAGUE.items():
        for match in reading.each(pattern):
            reading.take(match, ("vague", name))


def _money(reading: _Reading) -> None:
    """Whose money it is; how much is taken next, so the text stays."""
    for name, pattern in _CURRENCIES.items():
        for match in pattern.finditer(reading.text):
            reading.take(match, ("money", name))


# --- figures ---------------------------------------------------------------------------------------------

_SCALES = {
    "hundred": 100,
    "thousand": 1000,
    "million": 10**6,
    "billion": 10**9,
    "trillion": 10**12,
    "dozen": 12,
    "k": 1000,
    "m": 10**6,
    "mn": 10**6,
    "bn": 10**9,
    "b": 10**9,
    "tn": 10**12,
}
_HAN_UNITS = {"十": 10, "拾": 10, "百": 100, "佰": 100, "千": 1000, "仟": 1000}
_HAN_SCALES = {"万": 10**4, "萬": 10**4, "亿": 10**8, "億": 10**8, "兆": 10**12}
_HAN_DIGITS = {
    **{sign: value for value, sign in enumerate("零一二三四五六七八九")},
    "〇": 0,
    "○": 0,
    "两": 2,
    "兩": 2,
    **{sign: value for value, sign in enumerate("壹贰叁肆伍陆柒捌玖", 1)},
}
_ALL_HAN = "".join([*_HAN_DIGITS, *_HAN_UNITS, *_HAN_SCALES])
_NUMBER = r"(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?"
_CLOCK = re.compile(
    r"(?<![\d:])(?P<hour>[0-2]?\d)[:：](?P<minute>[0-5]\d)(?::[0-5]\d)?(?!\d)|(?<![\d.])(?P<han>[0-2]?\d)\s*[时時点點](?!\d)"
    r"|(?<![\d.])(?P<half>1?\d)(?=\s*(?:[ap]\.m\.|[ap]m\b))"
)
_PERCENT = r"(?:\s*%|\s+per\s?cent(?:age)?\b|\s*percent(?:age)?\b|[\s-]+percentage[\s-]points?|\s+pct\b|\s*个百分点|\s*個百分點|\s*‰)"
_DIGITS = re.compile(
    rf"(?<![A-Za-z\d.])(?<![A-Za-z]-)(?P<number>{_NUMBER})"
    rf"(?:(?P<percent>{_PERCENT})|(?P<range>\s*(?:-|–|—|~|to|and|至|到|或)\s*(?=(?:{_NUMBER}){_PERCENT}))"
    rf"|(?P<decade>0s\b|年代)"
    rf"|(?P<short>(?:k|mn?|bn|b|tn)\b)|(?P<scale>(?:[\s-]*(?:hundred|thousand|million|billion|trillion|dozen)\b)+)"
    rf"|\s*(?P<han>[{''.join(_HAN_UNITS)}{''.join(_HAN_SCALES)}][{_ALL_HAN}\d.]*)"
    r"|(?P<ordinal>st|nd|rd|th)\b)?"
    r"(?P<glued>[A-Za-z][A-Za-z\d]*)?"
)
_UNITS_OF_MEASURE = frozenset(
    ("km", "kg", "cm", "mm", "nm", "mw", "gw", "kw", "kwh", "gwh", "mwh", "mb", "gb", "tb", "am", "pm", "min", "bps")
)
_SIGNS_OF_MEASURE = frozenset(("m", "g", "t", "h", "s", "C", "F", "W", "V"))
"""Of one letter, as they are written: 5 g are grams, 5G is none."""


def _clock(reading: _Reading) -> None:
    """Fifteen hours are three, too."""
    for match in reading.each(_CLOCK):
        hour = int(match["hour"] or match["han"] or match["half"])
        reading.take(match, *(("plain", Fraction(one)) for one in {hour, hour % 12 or 12}))
        if match["minute"] and int(match["minute"]):
            reading.take(match, ("plain", Fraction(match["minute"])))


def _digits(reading: _Reading) -> None:
    for match in reading.each(_DIGITS):
        glued = match["glued"]
        if glued and glued not in _SIGNS_OF_MEASURE and glued.lower() not in _UNITS_OF_MEASURE:
            continue  # 5G, 4K, 3M: a name, and looked for as one
        reading.take(match, *_meant(match))


def _meant(match: re.Match[str]) -> tuple[Meaning, ...]:
    value = _value(match["number"])
    if match["percent"] or match["range"]:
        return (("percent", value),)
    if match["ordinal"]:
        return ("plain", value), ("day", value)
    return tuple(("plain", one) for one in _scaled_by(match, value))


def _scaled_by(match: re.Match[str], value: Fraction) -> list[Fraction]:
    """By what stands after it."""
    if match["decade"]:
        decade = value * 10 if match["decade"] == "0s" else value
        return [decade + 1900, decade] if decade < 100 else [decade]  # noqa: PLR2004  90年代 are the 1990s
    if match["short"]:
        metres = [value] if match["short"] == "m" else []
        return [value * _SCALES[match["short"].lower()], *metres]
    if match["han"]:
        return _numerals(match["number"].replace(",", "") + match["han"])
    for word in re.findall(r"[a-z]+", (match["scale"] or "").lower()):
        value *= _SCALES[word]
    return [value]


_ONES = (
    *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"),
    *("thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"),
)
_TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_WORDS = {word: value for value, word in enumerate(_ONES)} | {word: 10 * at for at, word in enumerate(_TENS, 2)}
_BIG = ("hundred", "thousand", "million", "billion", "trillion", "dozen")
_ORDINALS = {
    word: value
    for value, word in enumerate(
        ("second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth", "eleventh", "twelfth"), 2
    )
}
_WORD = "|".join(sorted((*_WORDS, *_BIG), key=len, reverse=True))
_ENGLISH = re.compile(
    rf"\b(?i:(?P<words>(?:a\s+(?=hundred|thousand|million|billion|trillion|dozen))?(?:{_WORD})(?:(?:[\s-]+|\s+and\s+)(?:{_WORD}))*)"
    rf"|(?P<ordinal>{'|'.join(_ORDINALS)}))\b(?P<percent>{_PERCENT})?"
)


def _english(reading: _Reading) -> None:
    for match in reading.each(_ENGLISH):
        kind: Kind = "percent" if match["percent"] else "plain"
        if match["ordinal"]:
            value = Fraction(_ORDINALS[match["ordinal"].lower()])
            reading.take(match, ("plain", value), ("day", value))
        elif match["words"].lower() != "one" or match["percent"]:  # “one of them” counts nothing
            reading.take(match, (kind, _spoken(match["words"].lower())))


def _spoken(words: str) -> Fraction:
    whole = part = Fraction(0)
    for word in re.split(r"[\s-]+", words):
        if word in _WORDS:
            part += _WORDS[word]
        elif word in {"hundred", "dozen"}:
            part = (part or Fraction(1)) * _SCALES[word]
        elif word in _SCALES:
            whole += (part or Fraction(1)) * _SCALES[word]
            part = Fraction(0)
    return whole + part


_HAN = re.compile(
    rf"(?:(?P<parts>[{_ALL_HAN}]+)(?:点(?P<decimals>[{''.join(_HAN_DIGITS)}]+))?)(?P<percent>个百分点|個百分點)?"
)


def _chinese(reading: _Reading) -> None:
    for match in reading.each(_HAN):
        if match["parts"] in _HAN_SCALES:
            continue  # 万 and 亿 alone are half of what stood before, or a surname
        kind: Kind = "percent" if match["percent"] else "plain"
        said = match["parts"] + (f"点{match['decimals']}" if match["decimals"] else "")
        reading.take(match, *((kind, one) for one in _numerals(said)))


def _value(text: str) -> Fraction:
    if re.fullmatch(r"[\d.,]+", text):
        return Fraction(Decimal(text.replace(",", "").strip(".") or "0"))
    return _han(text)


def _han(text: str) -> Fraction:
    return next(iter(_numerals(text)), Fraction(0))


_PIECES = re.compile(rf"\d+(?:\.\d+)?|[{_ALL_HAN}]|点")


def _numerals(text: str) -> list[Fraction]:
    """What Chinese numerals say, digits among them: 1亿2000万, 一千二百, 三点五. Several where it may be several: 三五."""
    head, _, decimals = text.partition("点")
    if decimals:
        tail = "".join(str(_HAN_DIGITS[sign]) for sign in decimals if sign in _HAN_DIGITS)
        return [one + Fraction(Decimal(f"0.{tail or 0}")) for one in _numerals(head)[-1:]]
    pieces = _PIECES.findall(head)
    if len(pieces) > 1 and all(piece in _HAN_DIGITS for piece in pieces):
        whole = Fraction("".join(str(_HAN_DIGITS[piece]) for piece in pieces))
        apart = [Fraction(_HAN_DIGITS[piece]) for piece in pieces] if len(pieces) == 2 else []  # noqa: PLR2004  “three to five”
        return [whole, *apart]
    return _summed(pieces)


def _summed(pieces: list[str]) -> list[Fraction]:
    """The numbers that these pieces make, one after the other: 十三五 is 13 and 5."""
    done: list[Fraction] = []
    total = section = Fraction(0)
    digit: Fraction | None = None
    for piece in pieces:
        if piece in _HAN_UNITS:
            section += (Fraction(1) if digit is None else digit) * _HAN_UNITS[piece]
            digit = None
        elif piece in _HAN_SCALES:
            part = section + (digit or 0)
            total = total * _HAN_SCALES[piece] if not part else _scaled(total, part, _HAN_SCALES[piece])
            section, digit = Fraction(0), None
        elif digit:
            done.append(total + section + digit)
            total = section = Fraction(0)
            digit = Fraction(_HAN_DIGITS.get(piece, piece))
        else:
            digit = Fraction(_HAN_DIGITS.get(piece, piece))
    return [*done, total + section + (digit or 0)]


def _scaled(total: Fraction, part: Fraction, scale: int) -> Fraction:
    """三万五千亿 scales all that stood before; 一亿二千万 only what stood after the larger one."""
    return (total + part) * scale if total and total < scale else total + part * scale
