"""Sample editions, composed from stories as the program composes them. All sentences are ours; the events are of May 2020."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from aggregator.config import Category, Config, Delivery, Newsletter, Publication, Section, Source, Web
from aggregator.edit.compose import compose
from aggregator.edit.select import select
from aggregator.model import Edition, Ranked, Report, Story
from aggregator.slots import parse_schedule

SLOT = datetime(2020, 5, 18, 5, 0, tzinfo=UTC)
NAMES = {
    "technology": ("Technology", "科技"),
    "public-opinion": ("Public opinion", "舆论"),
    "economy": ("Economy", "经济"),
    "stability-control": ("Stability control", "维稳"),
    "hiding-information": ("Hiding information", "隐瞒信息"),
    "health": ("Health", "卫生"),
}
SECTIONS = {
    "briefings": ("Latest Briefings", "最新简报"),
    "hot-topics": ("Hot Topics", "热点"),
    "analyses": ("Analyses", "分析"),
    "perspectives": ("Perspectives", "观点"),
}
SOURCES = {
    "hket": "HKET", "harbour": "Harbour Daily", "northern": "Northern Post", "caixun": "财讯网", "pacific": "Pacific Wire",
    "lake": "Lake Review", "taipei": "台北晚报",
}  # fmt: skip


def config(language: str = "en", *, max_items: int = 12) -> Config:
    column = 1 if language.startswith("zh") else 0
    title = ("China Briefing", "中国简报")[column]
    daily = Newsletter(
        name="daily",
        title=(title, f"{title}·每日")[column],
        schedule=parse_schedule("07:00 mon-fri"),
        timezone="Europe/Berlin",
        max_items=max_items,
    )
    return Config(
        publication=Publication(
            title=title,
            link="https://briefing.example.org",
            language=language,
            timezone="Europe/Berlin",
            imprint="1 Example Street, 10115 Berlin",
        ),
        web=Web(public_url="https://read.example.org"),
        delivery=Delivery.model_validate({"smtp": "smtp://mail.example.org:587", "from": "desk@example.org"}),
        sources=tuple(
            Source(name=name, title=shown, url=f"https://{name}.example.com/feed") for name, shown in SOURCES.items()
        ),
        categories=tuple(Category(slug=slug, name=names[column]) for slug, names in NAMES.items()),
        sections=tuple(
            Section(slug=slug, title=titles[column], titles=("opinion |",) if slug == "perspectives" else ())
            for slug, titles in SECTIONS.items()
        ),
        newsletters=(daily,),
    )


def report(
    source: str, title: str, *, hours: int = 6, language: str | None = "en", words: int = 0, summary: str = ""
) -> Report:
    slug = f"{abs(sum(title.encode())):x}"
    return Report(
        entry=f"{source}-{slug}",
        source=source,
        source_title=SOURCES.get(source, source),
        url=f"https://{source}.example.com/2020/05/{slug}.html",
        title=title,
        summary=summary,
        language=language,
        published=SLOT - timedelta(hours=hours),
        seen=SLOT - timedelta(hours=hours),
        words=words,
    )


def story(
    name: str, category: str | None, section: str, summary: str, *reports: Report, related: tuple[str, ...] = ()
) -> Story:
    lead = reports[0]
    return Story(
        id=name,
        title=lead.title,
        summary=summary,
        language=lead.language,
        url=lead.url,
        section=section,
        categories=(category,) if category else (),
        reports=reports,
        related=related,
        first_published=lead.published,
        last_published=lead.published,
        updated=lead.published,
    )


_OLDER = {
    "older-chips": story(
        "older-chips",
        "technology",
        "briefings",
        "",
        report("pacific", "Chip makers ask for clearer export rules", hours=300),
    ),
    "older-labs": story(
        "older-labs",
        "hiding-information",
        "briefings",
        "",
        report("caixun", "早期病例的样本去了哪里", hours=700, language="zh-Hans"),
    ),
}


def news() -> tuple[Story, ...]:
    return (
        story(
            "tsmc",
            "technology",
            "briefings",
            "The world's largest contract chip maker says it will build a plant in Arizona, to open in 2024 and to employ "
            "about 1,600 people. Washington tightened its export rules for Huawei on the same day. The company has not "
            "said what the new rules mean for its second-largest customer. Analysts expect a hurried order before the "
            "rules take hold in September.",
            report("hket", "TSMC takes a $700 million emergency order from Huawei before the rules change", words=640),
            report("harbour", "Huawei rushes to stock up on chips", words=410),
            report("northern", "Arizona gets a chip plant, Huawei a deadline", words=980),
            report("caixun", "华为紧急向台积电追加订单", language="zh-Hans", words=700),
            report("pacific", "Rush order reported at Taiwanese foundry", words=300),
            report("lake", "What a rush order says about the chip war", words=1500),
            related=("older-chips", "older-labs"),
        ),
        story(
            "canada",
            "public-opinion",
            "briefings",
            "Four in five Canadians would keep Huawei out of the next mobile network, a poll finds. Only one in seven "
            "has a good opinion of the Chinese government, half as many as three years ago.",
            report("northern", "Poll: Canadians' view of Beijing falls to a new low", words=520),
            report("pacific", "Canadians cool on China", words=350),
        ),
        story(
            "labs",
            "hiding-information",
            "briefings",
            "国家卫生部门一名官员承认，一月初曾要求未获授权的实验室销毁病毒样本。他说，这样做是为了防止二次灾害。批评者认为，"
            "这使外界更难弄清疫情最初是怎样开始的。",
            report("caixun", "官方承认曾要求实验室销毁早期病毒样本", language="zh-Hans", words=860),
            report("harbour", "Official confirms order to destroy early virus samples", words=600),
            related=("older-labs",),
        ),
        story(
            "nasdaq",
            "economy",
            "briefings",
            "Two large internet companies are looking into leaving the Nasdaq for exchanges nearer home, people close to "
            "the talks say. New American listing rules would shut out firms whose books cannot be checked.",
            report("hket", "Technology firms weigh leaving the Nasdaq", words=450),
        ),
        story(
            "beijing",
            "stability-control",
            "hot-topics",
            "Ahead of the yearly session of the National People's Congress, whoever travels to the capital needs a test "
            "and a permit. Petitioners say that they were taken off trains.",
            report("harbour", "Beijing limits who may enter before the congress meets", words=720),
            report("taipei", "兩會前夕北京嚴控進京人員", language="zh-Hant", words=640),
            report("pacific", "Permit needed to enter Beijing", words=240),
        ),
        story(
            "smic",
            "technology",
            "analyses",
            "State funds put 2.2 billion dollars into the country's largest chip maker. The money buys time, but not the "
            "machines that only one Dutch company builds.",
            report("lake", "What state money can and cannot buy in the chip business", words=2140),
        ),
        story(
            "visitors",
            "economy",
            "analyses",
            "五月的港口数据显示，出口正在恢复，而进口订单仍在减少。",
            report("taipei", "從港口數據看復工：出口先行，內需落後", language="zh-Hant", words=1330),
        ),
        story(
            "reform",
            "public-opinion",
            "perspectives",
            "A law professor asks the delegates to debate a constitution that binds those who govern. Her letter was "
            "taken down within hours and has been copied ever since.",
            report("northern", "A professor's open letter calls for political reform", words=890),
        ),
    )


def ranked(stories: tuple[Story, ...]) -> tuple[Ranked, ...]:
    return tuple(Ranked(each, 10.0 - place / 10, {"freshness": 1.0}) for place, each in enumerate(stories))


def edition(stories: tuple[Story, ...], where: Config, related: Mapping[str, Story] | None = None) -> Edition:
    newsletter = where.newsletters[0]
    selection = select(ranked(stories), newsletter, where.sections)
    return compose(
        where,
        newsletter,
        number=42,
        slot=SLOT,
        now=SLOT + timedelta(seconds=3),
        selection=selection,
        related=_OLDER if related is None else related,
    )


def _quick(count: int) -> tuple[Story, ...]:
    lines = (
        "Airlines ask for more flights to Shenzhen", "Wuhan plans to test all eleven million residents",
        "Australian barley meets a new tariff", "口罩出口须有双重认证", "Hong Kong extends its limit on gatherings",
        "Rail freight to Europe reaches a record", "A museum opens its archive of letters", "Rice prices hold steady in spring",
        "Jilin closes a city's schools again", "A village votes on its new road",
    )  # fmt: skip
    return tuple(
        story(
            f"quick-{at}",
            None,
            "briefings",
            "",
            report(("pacific", "lake", "hket", "caixun")[at % 4], line, language="zh-Hans" if "口" in line else "en"),
        )
        for at, line in zip(range(count), lines, strict=False)
    )


def english() -> Edition:
    """An English publication with Chinese items, and more stories than places."""
    return edition((*news(), *_quick(10)), config(max_items=8))


def chinese() -> Edition:
    """A Chinese publication with an English item."""
    told = (
        story(
            "labs",
            "hiding-information",
            "briefings",
            "国家卫生部门一名官员承认，一月初曾要求未获授权的实验室销毁病毒样本。他说，这样做是为了防止二次灾害。批评者认为，"
            "这使外界更难弄清疫情最初是怎样开始的。一家研究所说，它在当天就把全部样本交给了上级单位。",
            report(
                "caixun", "官方承认曾要求实验室销毁早期病毒样本，称是“防止二次灾害”", language="zh-Hans", words=1860
            ),
            report("harbour", "Official confirms order to destroy early virus samples", words=600),
            related=("older-labs", "older-chips"),
        ),
        story(
            "congress",
            "stability-control",
            "hot-topics",
            "两会开幕在即，外地人员进京须持检测证明并事先登记。有上访者说，他们在火车上被带走。",
            report("taipei", "兩會前夕北京嚴控進京人員", language="zh-Hant", words=640),
            report("caixun", "进京须持检测证明", language="zh-Hans", words=300),
        ),
        story(
            "order",
            "technology",
            "briefings",
            "TSMC is said to have taken a rush order worth 700 million dollars. The new export rules take hold in September.",
            report("hket", "TSMC takes an emergency order before the rules change", words=640),
        ),
        story(
            "ports",
            "economy",
            "analyses",
            "五月的港口数据显示，出口正在恢复，而进口订单仍在减少。沿海三省的用电量已回到去年同期水平，服务业则没有。",
            report("lake", "从港口数据看复工：出口先行，内需落后", language="zh-Hans", words=2330),
        ),
        story(
            "professor",
            "public-opinion",
            "perspectives",
            "一位法学教授致信人大代表，请他们讨论一部能约束执政者的宪法。信件几小时后被删，却一直在流传。",
            report("northern", "教授公开信呼吁政治改革", language="zh-Hans", words=1290),
        ),
    )
    return edition(told, config("zh-Hans"))


def single() -> Edition:
    return edition(news()[:1], config())


def empty_sections() -> Edition:
    """A section that lost its items after composing."""
    made = english()
    return replace(made, sections=tuple(replace(section, items=()) for section in made.sections), quick=())


def many(count: int = 60) -> Edition:
    """So many full stories, each with other sources and a related one: the largest newsletter that one may configure."""
    told = news()
    stories = tuple(
        replace(told[at % len(told)], id=f"story-{at}", title=f"{told[at % len(told)].title} ({at})")
        for at in range(count)
    )
    return edition(stories, config(max_items=100))


_NAMES = (
    "Nachrichtenübermittlungsgesellschaft" * 3,
    "每日新聞通訊社國際頻道" * 4,
    "وكالة الأنباء الدولية " * 4,
    "👩‍👧" * 30,
)
_HEADLINES = (
    "Donaudampfschifffahrtsgesellschaftskapitän" * 6, f"https://example.com/{'path/' * 40}", "台積電緊急追加訂單" * 20,
    "عنوان طويل جدا عن حدث مهم " * 12, "👩‍👧" * 80, "A" * 300, "1,234,567,890." * 20, "I",
)  # fmt: skip


def unruly_stories() -> tuple[Story, ...]:
    """What feeds might hold, at its worst: words without an end, signs of every width, another direction."""
    languages = ("de", "en", "zh-Hant", "ar", None, "en", "en", "en")
    told = []
    for at, headline in enumerate(_HEADLINES):
        lines = [
            replace(
                report("lake", headline, language=languages[at], words=400),
                entry=f"unruly-{at}-{other}",
                source=f"source-{other}",
                source_title=name,
            )
            for other, name in enumerate(_NAMES)
        ]
        section = ("briefings", "hot-topics", "analyses", "perspectives")[at % 4]
        others = tuple(f"unruly-{(at + step) % len(_HEADLINES)}" for step in (1, 2, 3))
        told.append(story(f"unruly-{at}", "technology", section, f"{headline}. {headline}", *lines, related=others))
    return tuple(told)


def unruly_config(language: str) -> Config:
    """An operator's names may be as long as a feed's."""
    made = config(language)
    return made.model_copy(
        update={
            "publication": made.publication.model_copy(update={"title": _NAMES[0], "description": _NAMES[1] * 2}),
            "categories": tuple(
                each.model_copy(update={"name": _NAMES[2][:60] + "A" * 60}) for each in made.categories
            ),
            "sections": tuple(each.model_copy(update={"title": "W" * 70}) for each in made.sections),
            "newsletters": tuple(each.model_copy(update={"title": "Wochenrückblick" * 5}) for each in made.newsletters),
        }
    )


def unruly(language: str) -> Edition:
    told = unruly_stories()
    where = unruly_config(language)
    where = where.model_copy(
        update={"newsletters": tuple(each.model_copy(update={"max_items": 6}) for each in where.newsletters)}
    )
    return edition(told, where, related={each.id: each for each in told})


def sized(count: int) -> Edition:
    """An edition of exactly so many stories of the usual kind."""
    return replace(many(count), quick=(), more=0)
