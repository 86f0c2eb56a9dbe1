"""An edition as its newsletter's feed tells it."""

from zoneinfo import ZoneInfo

from markupsafe import Markup

from aggregator.config import Config
from aggregator.model import Edition, EditionItem, Link
from aggregator.publish.feeds.ids import place, tag_uri
from aggregator.publish.feeds.post import Post, anchor, title
from aggregator.publish.feeds.wording import address, apart, one_line, paragraphs, whole_second
from aggregator.publish.labels import labels
from aggregator.publish.theme import day, fragment_attributes, language_tag


def of_edition(config: Config, edition: Edition, *, author: str, marked: bool) -> Post:
    """`marked`: whether the format gives the whole entry its language."""
    page = address(edition.url) or place(config, f"editions/{edition.newsletter}/{edition.number}/")
    id_ = tag_uri(config, "edition", edition.newsletter, str(edition.number))
    told = paragraphs(edition.preheader or edition.opening)
    told_in = edition.preheader_language if edition.preheader else edition.language
    around = (language_tag(edition.language) if marked else None) or config.publication.language
    return Post(
        id=id_,
        url=page,
        title=title(edition.lead.headline if edition.lead else edition.title, config),
        title_language=language_tag(edition.lead.language) if edition.lead else None,
        language=language_tag(edition.language),
        published=whole_second(edition.composed),
        updated=apart(edition.composed, id_),
        author=author,
        summary=told,
        summary_language=language_tag(told_in) if told else None,
        described=str(Markup("<p{}>{}</p>").format(fragment_attributes(told_in, around), told)) if told else "",
        content=str(_content(edition, page, around)),
    )


def _content(edition: Edition, page: str, around: str) -> Markup:
    words = labels(edition.language)
    ours = fragment_attributes(edition.language, around)
    parts = [Markup("<p{}>{}</p>").format(ours, opening)] if (opening := paragraphs(edition.opening)) else []
    if edition.lead is not None:
        parts.append(_item(edition, edition.lead, around))
    for section in edition.sections:
        parts.append(Markup("<h2{}>{}</h2>").format(ours, one_line(section.title)))
        parts.extend(_item(edition, item, around) for item in section.items)
    if edition.quick:
        parts.append(Markup("<h2{}>{}</h2>").format(ours, words["in_brief"]))
        parts.append(
            Markup("<ul>{}</ul>").format(
                Markup("").join(_quick(link, ours, edition.language) for link in edition.quick)
            )
        )
    parts.append(Markup("<p{}>{}</p>").format(ours, anchor(page, words["continue_reading"])))
    return Markup("\n").join(parts)


def _quick(link: Link, ours: Markup, language: str) -> Markup:
    theirs = fragment_attributes(link.language, language)
    source = f" — {one_line(link.source)}" if link.source else ""
    return Markup("<li{}><span{}>{}</span>{}</li>").format(ours, theirs, anchor(link.url, one_line(link.title)), source)


def _item(edition: Edition, item: EditionItem, around: str) -> Markup:
    words = labels(edition.language)
    kicker = f"{one_line(item.kicker)}{words['colon']}" if item.kicker else ""
    when = day(item.published, ZoneInfo(edition.timezone), edition.language)
    source = f"{words['source']}{words['colon']}{one_line(item.source)}{words['comma']}{when}"
    ours = fragment_attributes(edition.language, around)
    theirs = fragment_attributes(item.language, edition.language)
    told_in = item.summary_language or item.language
    headline = Markup("<h3{}>{}<span{}>{}</span></h3>").format(
        ours, kicker, theirs, anchor(item.url, one_line(item.headline))
    )
    told = Markup("<p{}>{}</p>").format(fragment_attributes(told_in, around), paragraphs(item.summary))
    by = Markup("<p{}><small>{}</small></p>").format(ours, words["written"]) if item.written_by else Markup("")
    return Markup("\n").join(part for part in (headline, told, by, Markup("<p{}>{}</p>").format(ours, source)) if part)
