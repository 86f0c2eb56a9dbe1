"""The names of a Chinese text, which nothing sets off: those that are known, those that stand where persons are named, and
whatever is in Latin letters or between the marks of a title.
"""

import re

from aggregator.write.known import by_chinese, by_english, chinese_names, longest, places
from aggregator.write.numbers import figures
from aggregator.write.romanise import families, is_reading
from aggregator.write.sources import Sources
from aggregator.write.words import fold_word, simplified

_TITLES = (
    "总理|主席|总统|总书记|书记|部长|外长|省长|市长|县长|州长|局长|主任|司长|院长|校长|行长|会长|董事长|总裁|总经理|首席执行官|创始人|发言人|教授|博士|院士"
    "|记者|分析师|律师|医生|大使|特首|行政长官|议员|委员|将军|上将|法官|导演|演员|球员|先生|女士"
)
_SPEAKS = "表示|指出|称|说|认为|强调|透露|宣布|介绍|告诉|呼吁|警告|回应|补充|坦言|直言|解释|谈到|出任|当选|辞职|被捕|去世|逝世"
_TITLE = re.compile(r"《([^》]{1,60})》")
_DOTTED = re.compile(r"[\u3400-\u9fff]{1,8}(?:[·・•][\u3400-\u9fff]{1,10})+")
_LATIN = re.compile(r"\d*[A-Za-zÀ-ɏ][A-Za-zÀ-ɏ\d'’.&-]*")


def missing_name(text: str, sources: Sources) -> str | None:
    """The first name that the sources do not have."""
    plain = simplified(text)
    checks = (_titled, _dotted, _known, _persons, _latin)
    return next((missing for check in checks if (missing := check(plain, sources)) is not None), None)


def shares_name(text: str, sources: Sources) -> bool:
    """Whether there is any known name in it that the sources have."""
    found = (match[0] for match in chinese_names().finditer(simplified(text)))
    return any(name in sources.chinese or _in_english(name, sources) for name in found)


def _titled(text: str, sources: Sources) -> str | None:
    return next((found[0] for found in _TITLE.finditer(text) if found[1] not in sources.chinese), None)


def _dotted(text: str, sources: Sources) -> str | None:
    found = (match[0] for match in _DOTTED.finditer(text))
    return next((name for name in found if name not in sources.chinese and not _in_english(name, sources)), None)


def _known(text: str, sources: Sources) -> str | None:
    for match in chinese_names().finditer(text):
        if match[0][-1] in "元币":
            continue  # money is looked for with the figures
        if match[0] not in sources.chinese and not _in_english(match[0], sources):
            return match[0]
    return None


def _in_english(name: str, sources: Sources) -> bool:
    """Another word of its line counts as well: 美方 is said of the United States."""
    for one in by_chinese().get(name, ()):
        told = any(sources.tells(english.split()) for english in one.english)
        if told or any(word in sources.chinese for word in one.chinese if len(word) > 1):
            return True
    return name in places() and any(is_reading([word], [name]) for text in sources.latin for word in text.split())


def _persons(text: str, sources: Sources) -> str | None:
    """A family and one or two characters more, beside a title or before what persons do. Where it ends nobody knows: it is
    enough that a beginning of it is there.
    """
    family = f"(?:[{families()}])"
    after = re.compile(rf"(?:{_TITLES})({family}[\u3400-\u9fff]{{1,2}})")
    before = re.compile(rf"(?<![\u3400-\u9fff])({family}[\u3400-\u9fff]{{1,2}})(?={_TITLES}|{_SPEAKS})")
    text = chinese_names().sub("\n", text)  # they have been looked for
    for match in [*after.finditer(text), *before.finditer(text)]:
        name = match[1]
        if name[:2] not in sources.chinese and not _is_read(name, sources):
            return name
        if match.re is before and name not in sources.chinese and not _is_read(name, sources):
            return name
    return None


def _is_read(name: str, sources: Sources) -> bool:
    """Whether a source in Latin letters spells it."""
    for told in sources.latin:
        words = told.split()
        for place in range(len(words)):
            if any(is_reading(words[place : place + size], [part]) for size in (2, 3) for part in (name, name[:2])):
                return True
    return False


def _latin(text: str, sources: Sources) -> str | None:
    words = [match[0].rstrip(".") for match in _LATIN.finditer(text) if not figures(match[0])]
    for word in words:
        parts = [fold_word(part) for part in word.split("-")]
        known = (one for size in (len(parts),) if size <= longest() for one in by_english().get(" ".join(parts), ()))
        if not sources.tells(parts) and not any(name in sources.chinese for one in known for name in one.chinese):
            return word
    return None
