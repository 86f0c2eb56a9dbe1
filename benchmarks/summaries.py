"""How good the summaries are, beside the plain way: the first sentences of the lead's text alone.

    python benchmarks/summaries.py CORPORA [--worst N]

CORPORA holds stories/*stories.jsonl.gz (title, text, cluster), real-feeds/files and zh-analysis-items. Of the stories:
how much of what most of their reports say (words of at least half of them, weighed by how many have them) a summary tells,
and how much room it takes. Of all: the share that ends or begins as no sentence does, that has a byline, dateline or stamp,
or an invitation to click. These are counted by rough nets of their own, which take some of what is right, too.
"""

import argparse
import gzip
import json
import re
import statistics
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from aggregator.collect.html import text_of
from aggregator.collect.normalise import LONGEST_SUMMARY, Label, normalise
from aggregator.collect.normalise import shorten as cut
from aggregator.collect.parse import parse
from aggregator.edit.passages import terms
from aggregator.edit.summarise import brief
from aggregator.errors import ParseError
from aggregator.model import Report, Story
from aggregator.typeset import leading, sentences, whole_sentences, width

NOW = datetime(2020, 5, 14, tzinfo=UTC)
COLUMNS = 280
MOST = 5
"""Reports of a story: more are rare in life."""

END = re.compile(r"[.!?。！？…][”’\"'」』）)\]】]*$")
NETS = {
    "half": lambda text: text.endswith("…") or not END.search(text) or text[0].islower(),
    "byline": re.compile(
        r"(?:^|[.!?] )By [A-Z][a-z]+ [A-Z]|\((?:Reuters|AP|AFP|Xinhua|CNN|UPI|IANS)\)|^[A-Z]{4,}[A-Z ,]* ?[—–-]|Getty Images|^(?:Published|Updated|Posted|"
        r"Last updated)\b|^(?:January|February|March|April|May|June|July|August|September|October|November|December) \d+, \d{4}\b(?!,)"
        r"|[(（【〔](?:[^()（）【】]{0,20}(?:记者|記者|电|電|讯|訊|图源))|^(?:作者|记者|記者|文|采写|撰稿|编辑|来源|图片来源)\s?[:：丨｜︱/／]|^\d{4}年\d+月\d+日 |提交 "
    ).search,
    "boilerplate": re.compile(
        r"(?i)(?:continue reading|read more|click here|subscribe|sign up|follow us|appeared first|all rights reserved|permalink|"
        r"sponsored by|promo code|leave a comment|our newsletter|read the whole story)|\bComments$|点击|點擊|阅读全文|閱讀全文|公众号|扫码|责任编辑|转载|未经授权|[★∞◉]"
    ).search,
}  # fmt: skip


def rows(file: Path) -> list[dict[str, Any]]:
    with gzip.open(file, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def report(title: str, summary: str, language: str, number: int) -> Report:
    return Report(
        entry=f"e{number}", source=f"s{number}", source_title=f"S{number}", url=None, title=title, summary=summary,
        language=language, published=NOW, seen=NOW,
    )  # fmt: skip


def story(reports: Sequence[Report]) -> Story:
    lead = reports[0]
    return Story(
        id="s", title=lead.title, summary=lead.summary, language=lead.language, url=None, section="briefings", categories=(),
        reports=tuple(reports), first_published=NOW, last_published=NOW, updated=NOW,
    )  # fmt: skip


def clusters(folder: Path) -> Iterator[Story]:
    """Several reports of one event each, in pieces of so many."""
    for file in sorted((folder / "stories").glob("*stories.jsonl.gz")):
        found = defaultdict(list)
        for number, row in enumerate(rows(file)):
            if row.get("text"):
                summary = cut(row["text"], LONGEST_SUMMARY)
                found[row["cluster"]].append(report(row["title"], summary, "en", number))
        for reports in found.values():
            for start in range(0, len(reports), MOST):
                if len(reports[start : start + MOST]) > 2:
                    yield story(reports[start : start + MOST])


def single(folder: Path) -> Iterator[Story]:
    for path in sorted((folder / "real-feeds" / "files").iterdir()):
        feed = parse(path.read_bytes(), None, "https://feed.example/")
        if not isinstance(feed, ParseError):
            reading = normalise(Label("feed", None, None), feed, "https://feed.example/", NOW)
            for entry in reading.entries:
                yield story([report(entry.title, entry.summary, entry.language or "en", 1)])
    for row in rows(folder / "zh-analysis-items" / "oped2_zh_items.jsonl.gz"):
        yield story([report(row["title"], cut(text_of(row["html"]), LONGEST_SUMMARY), "zh-Hans", 1)])


def chosen(one: Story) -> str:
    return brief(one, COLUMNS).text


def plain(one: Story) -> str:
    """The first sentences as they come, no less than one."""
    pieces = list(sentences(one.summary, one.language))
    return leading(pieces, COLUMNS) or whole_sentences(one.summary, COLUMNS, one.language)


def coverage(one: Story, text: str) -> float:
    reports = [terms(each.title) | terms(each.summary) for each in one.reports]
    counted = Counter(term for each in reports for term in each)
    shared = {term: count for term, count in counted.items() if 2 * count >= len(reports) and count > 1}
    told = terms(text) | terms(one.title)
    return sum(count for term, count in shared.items() if term in told) / max(1, sum(shared.values()))


def judge(name: str, stories: Sequence[Story], make: Callable[[Story], str], worst: int) -> None:
    start = time.process_time()
    texts = [make(one) for one in stories]
    took = (time.process_time() - start) / len(stories) * 1000
    told = [(one, text) for one, text in zip(stories, texts, strict=True) if text]
    shares = {kind: [text for _, text in told if net(text)] for kind, net in NETS.items()}
    covered = statistics.mean(coverage(one, text) for one, text in zip(stories, texts, strict=True))
    figures = ", ".join(f"{kind} {len(found) / len(told):6.2%}" for kind, found in shares.items())
    room = statistics.mean(width(text) for _, text in told)
    print(
        f"  {name:<8} {figures}; coverage {covered:.3f}; {room:.0f} columns; none {len(stories) - len(told)}; {took:.3f} ms"
    )
    for kind, found in shares.items() if worst else ():
        for text in found[:worst]:
            print(f"    {kind}: {text}")


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("corpora", type=Path)
    arguments.add_argument("--worst", type=int, default=0, metavar="N", help="show so many of what the nets caught")
    said = arguments.parse_args()
    for label, found in (("several reports", list(clusters(said.corpora))), ("one report", list(single(said.corpora)))):
        told = [one for one in found if one.summary]
        print(f"{label}: {len(told)} stories, {COLUMNS} columns")
        judge("plain", told, plain, 0)
        judge("chosen", told, chosen, said.worst)
        judge("again", told, chosen, 0)


if __name__ == "__main__":
    main()
