"""The opening of an edition: what is in it, in our own words, counted and not praised."""

from collections import Counter
from collections.abc import Sequence

from aggregator.model import EditionItem
from aggregator.typeset import chinese_script

_TOP_CATEGORIES = 3
_LEAST_OF_A_CATEGORY = 2


def opening_line(language: str, items: Sequence[EditionItem]) -> str:
    """One or two sentences: how many stories and sources, how many were told by several, what most are about."""
    outlets = [_outlets(item) for item in items]
    sources = len(set().union(*outlets))
    shared = sum(len(told_by) > 1 for told_by in outlets)
    topics = _topics(items)
    say = {None: _english, "simplified": _simplified, "traditional": _traditional}[chinese_script(language)]
    return say(len(items), sources, shared, topics)


def _outlets(item: EditionItem) -> set[str]:
    """An edition of an earlier version of the program has no more than the links."""
    return set(item.tellers or (item.source, *(link.source for link in item.also)))


def _topics(items: Sequence[EditionItem]) -> list[str]:
    """None where all are about one thing: whoever gets just her topic knows it."""
    counted = Counter(item.kicker for item in items if item.kicker is not None)
    if len(counted) == 1 and counted.total() == len(items) > 1:
        return []
    return [name for name, count in counted.most_common(_TOP_CATEGORIES) if count >= _LEAST_OF_A_CATEGORY]


def _english(stories: int, sources: int, shared: int, topics: list[str]) -> str:
    told = f"This edition brings {_count(stories, 'story', 'stories')} from {_count(sources, 'source', 'sources')}"
    if shared and stories == 1:
        told += ", reported by more than one"
    elif shared == 1:
        told += ", one of them reported by more than one"
    elif shared:
        told += f", {shared} of them reported by more than one"
    return f"{told}." + (f" Most often they are about {_and(topics)}." if topics else "")


def _simplified(stories: int, sources: int, shared: int, topics: list[str]) -> str:
    told = f"本期共{stories}则报道，来自{sources}个来源"
    told += f"，其中{shared}则有不止一家报道" if shared else ""
    return f"{told}。" + (f"谈得最多的是{'、'.join(topics)}。" if topics else "")


def _traditional(stories: int, sources: int, shared: int, topics: list[str]) -> str:
    told = f"本期共{stories}則報導，來自{sources}個來源"
    told += f"，其中{shared}則有不止一家報導" if shared else ""
    return f"{told}。" + (f"談得最多的是{'、'.join(topics)}。" if topics else "")


def _count(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"


def _and(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
