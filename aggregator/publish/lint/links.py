"""Rules about links and addresses: each leads somewhere, says where, and tells nobody who followed it."""

import re
from collections.abc import Iterator
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from aggregator.publish.lint.letter import Finding, Letter, Own, line, style_of, words
from aggregator.typeset import width

_finding = partial(Finding, part="html")
_error = partial(_finding, level="error")
_warning = partial(_finding, level="warning")
_EMPTY_WORDS = frozenset(
    ("here", "click here", "click", "link", "this", "this link", "more", "read more", "learn more", "go", "点击这里",
     "点击此处", "点击", "这里", "此处", "點擊這裡", "點擊這裏", "點擊此處", "點擊", "這裡", "這裏", "此處", "更多", "详情", "詳情", "链接", "連結",
     "هنا", "اضغط هنا", "انقر هنا", "المزيد")
)  # fmt: skip
_ACTIVE = ("javascript:", "vbscript:", "data:")
_OTHERS = ("mailto:", "tel:", "sms:")
_LONGEST_SHOWN = 40
_TRACKER = re.compile(
    r"(?:^|[/._-])(?:pixel|beacon|open|opens|track|tracking|spacer|1x1|o|wf)(?:[/._-][^?]*)?\.(?:gif|png)(?:\?|$)"
    r"|/(?:track|open|pixel)/[^?]*$|[?&](?:uid|email|subscriber|recipient|open)=",
    re.IGNORECASE,
)


def links(letter: Letter) -> Iterator[Finding]:
    """Where they lead."""
    for link in letter.page.all("a", "area") if letter.page is not None else ():
        address = (link.get("href") or "").strip()
        if link.get("href") is None and (link.get("name") or link.get("id")):
            continue  # a place to jump to: what jumps there is told
        yield from _of_address(address, line(link), letter.own)
        if not _says_something(link):
            said = "a link without text: nobody can see it, and who listens hears its address"
            yield _error(rule="link-empty", line=line(link), said=said, mend="write where it leads into it")


def link_words(letter: Letter) -> Iterator[Finding]:
    """What they say: a list of links is read aloud without what stands around them."""
    for link in letter.page.all("a") if letter.page is not None else ():
        text = words(link)
        if text.strip(" .…»›→>!").lower() in _EMPTY_WORDS:
            said = "a link that does not say where it leads"
            yield _warning(rule="link-words", line=line(link), said=said, mend="make its text name what is there")
        elif re.match(r"https?://", text) and width(text) > _LONGEST_SHOWN:
            said = "a long address as the text of a link: Gmail breaks it, and no line can hold it"
            yield _warning(rule="link-words", line=line(link), said=said, mend="write what is there")


def image_addresses(letter: Letter) -> Iterator[Finding]:
    for image in letter.page.all("img") if letter.page is not None else ():
        address = (image.get("src") or "").strip()
        if address.lower().startswith(("data:", "cid:")):
            continue
        if not _is_web(address):
            said = "an image without a whole address: a mail has no place that it could start from"
            yield _error(rule="image-address", line=line(image), said=said, mend="write it from https:// on")
        elif address.lower().startswith("http:"):
            said = "an image by http: clients and their proxies refuse it"
            yield _warning(rule="image-address", line=line(image), said=said, mend="serve it by https")


def trackers(letter: Letter) -> Iterator[Finding]:
    """Images that nobody sees tell when, and by whom, a mail was opened."""
    for image in letter.page.all("img") if letter.page is not None else ():
        if _is_unseen(image) or _TRACKER.search(image.get("src") or ""):
            said = "an image that tells the sender of the opening: readers were promised none"
            yield _error(rule="tracker", line=line(image), said=said, mend="leave it out")


def _of_address(address: str, at: int, own: Own | None) -> Iterator[Finding]:
    lower = address.lower()
    if not address:
        yield _error(rule="link-empty", line=at, said="a link that leads nowhere", mend="give it an address")
    elif lower.startswith(_ACTIVE):
        said = "a link that runs something: clients take the whole mail for an attack"
        yield _error(rule="link-script", line=at, said=said, mend="link to a page by https")
    elif address.startswith("#"):
        said = "a link to a place in the mail: Gmail's apps, Apple's and Yahoo jump nowhere (61 % of clients do)"
        yield _error(rule="link-anchor", line=at, said=said, mend="link to the page on the web")
    elif not (_is_web(address) or lower.startswith(_OTHERS)):
        said = "a link without a whole address: a mail has no place that it could start from"
        yield _error(rule="link-relative", line=at, said=said, mend="write it from https:// on")
    elif lower.startswith("http:") and own is not None and _host(address) in _https_hosts(own):
        yield _warning(rule="link-http", line=at, said="our own page by http, though it has https", mend="write https")


def _says_something(link: Any) -> bool:
    return bool(words(link)) or any((image.get("alt") or "").strip() for image in link.iter("img"))


def _is_web(address: str) -> bool:
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    return parts.scheme.lower() in {"http", "https"} and bool(parts.netloc)


def _host(address: str) -> str:
    return (urlsplit(address).hostname or "").lower()


def _https_hosts(own: Own) -> set[str]:
    return {_host(address) for address in (own.site_url, own.public_url) if address.lower().startswith("https:")}


def _is_unseen(image: Any) -> bool:
    styles = {each.name: each.value for each in style_of(image)}
    sizes = [image.get("width"), image.get("height"), styles.get("width"), styles.get("height")]
    tiny = sum((size or "").strip().removesuffix("px") in {"0", "1"} for size in sizes) >= 2  # noqa: PLR2004  both ways
    return tiny or styles.get("display") == "none" or styles.get("visibility") == "hidden"
