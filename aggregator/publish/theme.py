"""Templates and the few filters that mail and site share.

A workspace's own templates come first. They are the operator's, feed text is only ever a value in them: autoescape
is on, an unknown name is an error, and the environment is sandboxed.
"""

import re
import unicodedata
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from traceback import extract_tb
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from jinja2 import StrictUndefined, TemplateError, TemplateNotFound, TemplateSyntaxError
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup, escape

from aggregator.errors import RenderError
from aggregator.publish.labels import labels
from aggregator.publish.sandbox import Overridable, Sandbox
from aggregator.typeset import clip, whole_sentences

_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")

# What XML 1.0 does not allow, and HTML calls a parse error: most control characters, lone surrogates, two non-characters.
_ILLEGAL = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_NOT_IN_ADDRESSES = re.compile(r'[\x00-\x20"<>\\^`{|}\x7f-\xa0]')
_TAG = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*")
_RIGHT_TO_LEFT = frozenset({"ar", "dv", "fa", "he", "ps", "sd", "ug", "ur", "yi"})
# What a mistake in an operator's template raises besides jinja's own errors.
_TEMPLATE_MISTAKES = (
    TemplateError, TypeError, ValueError, ArithmeticError, LookupError, AttributeError, OSError, RecursionError,
)  # fmt: skip


@lru_cache(maxsize=8)
def environment(folders: Sequence[Path], *, language: str, timezone: str) -> ImmutableSandboxedEnvironment:
    """`folders`: where templates are looked for, first found wins (pass a tuple). Dates are shown in `timezone`.

    Templates have our own words as `words`, `language` and `direction` of the page, and the filters day, dated (with
    the day of the week), month, moment, iso, web, clip, sentences, lang, isolated.
    """
    made = Sandbox(
        loader=Overridable([str(folder) for folder in folders]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    zone = ZoneInfo(timezone)
    made.globals |= {"words": labels(language), "language": language, "direction": direction(language)}
    made.filters["day"] = lambda moment, zone_name=None: day(
        moment, ZoneInfo(zone_name) if zone_name else zone, language
    )
    made.filters["dated"] = lambda moment: dated(moment, zone, language)
    made.filters["month"] = lambda moment: month(moment, language)
    made.filters["moment"] = lambda moment: f"{day(moment, zone, language)} {moment.astimezone(zone):%H:%M}"
    made.filters["iso"] = iso
    made.filters["web"] = web_address
    made.filters["clip"] = clip
    made.filters["sentences"] = whole_sentences
    made.filters["lang"] = lambda tag: lang_attributes(tag, language)
    made.filters["isolated"] = lambda text: isolated(text, language)
    return made


def render(made: ImmutableSandboxedEnvironment, name: str, **values: object) -> str:
    """A mistake in a template becomes a RenderError that names the file and, where known, the line."""
    try:
        return made.get_template(name).render(**values)
    except TemplateNotFound as error:
        file, line = _place(error)
        place = f"{file}:{line}: " if file else ""
        hint = "`aggregator templates` lists those that there are"
        raise RenderError(f"{place}there is no template {error.name}", hint=hint, file=file, line=line) from error
    except _TEMPLATE_MISTAKES as error:
        file, line = _place(error)
        place = f"{file}:{line}" if file else name
        raise RenderError(
            f"{place}: {_said(error)}", hint="mend the template, or remove it to use ours", file=file, line=line
        ) from error


def _place(error: Exception) -> tuple[str | None, int | None]:
    if isinstance(error, TemplateSyntaxError):
        return error.filename or error.name, error.lineno
    lines = [frame for frame in extract_tb(error.__traceback__) if frame.filename.endswith((".html", ".txt", ".css"))]
    return (lines[-1].filename, lines[-1].lineno) if lines else (None, None)


def _said(error: Exception) -> str:
    """In a few words: a macro that calls itself would tell of Python's stack."""
    return "it calls or includes itself without end" if isinstance(error, RecursionError) else str(error)


def day(moment: datetime, zone: ZoneInfo, language: str) -> str:
    """May 14, 2020, or 2020年5月14日 in a Chinese publication."""
    there = moment.astimezone(zone)
    if language.lower().startswith("zh"):
        return f"{there.year}年{there.month}月{there.day}日"
    return f"{_MONTHS[there.month - 1]} {there.day}, {there.year}"


def dated(moment: datetime, zone: ZoneInfo, language: str) -> str:
    """Thursday, May 14, 2020, or 2020年5月14日 星期四 in a Chinese publication."""
    date, index = day(moment, zone, language), moment.astimezone(zone).weekday()
    if language.lower().startswith("zh"):
        return f"{date} 星期{'一二三四五六日'[index]}"
    return f"{_WEEKDAYS[index]}, {date}"


def month(moment: datetime, language: str) -> str:
    """November 2026, or 2026年11月 in a Chinese publication: in UTC, as the archive's drawers are."""
    there = moment.astimezone(UTC)
    if language.lower().startswith("zh"):
        return f"{there.year}年{there.month}月"
    return f"{_MONTHS[there.month - 1]} {there.year}"


def iso(moment: datetime) -> str:
    """RFC 3339 in UTC, to the second."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def legal(text: str) -> str:
    """Without the characters that XML forbids: one of them would cost the whole document."""
    return _ILLEGAL.sub("", text)


def web_address(address: str | None) -> str | None:
    """An address that may stand in a link: http or https with a host, nothing that could end an attribute; else None."""
    cleaned = legal(address or "").strip()
    try:
        parts = urlsplit(cleaned)
        host = parts.hostname
    except ValueError:
        return None
    if parts.scheme not in {"http", "https"} or not host:
        return None
    return _NOT_IN_ADDRESSES.sub(lambda found: "".join(f"%{byte:02X}" for byte in found[0].encode()), cleaned)


def language_tag(language: str | None) -> str | None:
    """The tag if it looks like one: it may come from a feed."""
    return language if language is not None and _TAG.fullmatch(language) else None


def lang_attributes(language: str | None, around: str) -> Markup:
    """` lang="zh-Hant"` (and the direction) for a text that is in another language than what is around it."""
    tag = language_tag(language)
    if tag is None or f"{around.lower()}-".startswith(f"{tag.lower()}-"):
        return Markup("")
    turned = f' dir="{direction(tag)}"' if direction(tag) != direction(around) else ""
    return Markup(f' lang="{tag}"{turned}')  # noqa: S704  the tag is letters, digits and hyphens


def isolated(text: str, around: str) -> Markup:
    """A name that may run the other way, kept from turning what stands beside it: mail clients know no <bdi>."""
    turned = frozenset({"L"}) if direction(around) == "rtl" else frozenset({"R", "AL"})
    if turned.isdisjoint(map(unicodedata.bidirectional, text)):
        return escape(text)
    return Markup('<span dir="auto">{}</span>').format(text)


def fragment_attributes(language: str | None, around: str) -> Markup:
    """The same for a fragment that a feed carries: readers do not turn it by the language that the feed says."""
    found = lang_attributes(language, around)
    tag = language_tag(language) or around
    return found if found or direction(tag) == "ltr" else Markup(' dir="rtl"')


def direction(language: str) -> str:
    return "rtl" if language.split("-", maxsplit=1)[0].lower() in _RIGHT_TO_LEFT else "ltr"
