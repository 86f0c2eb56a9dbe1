"""A week of May 2020 as a publication would hold it: sentences of our own about events that were widely reported."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from aggregator.config import Config
from aggregator.model import Edition, EditionItem, EditionSection, Report, Story

NOON = datetime(2020, 5, 14, 12, 0, tzinfo=UTC)

_SOURCES = {
    "hket": ("HKET", "zh-Hant", "https://feeds.example.org/hket.xml"),
    "scmp": ("South China Morning Post", "en", "https://feeds.example.org/scmp.xml"),
    "caixin": ("财新网", "zh-Hans", "https://feeds.example.org/caixin.xml?key=4711"),
    "globe": ("The Globe", "en", "https://feeds.example.org/globe.xml"),
    "cna": ("中央社", "zh-Hant", "https://feeds.example.org/cna.xml"),
    "asia-wire": ("Asia Wire", "en", "https://feeds.example.org/asia.xml"),
}

_CATEGORIES = {
    "public-opinion": ("Public opinion", "舆情"),
    "technology": ("Technology", "科技"),
    "stability-control": ("Stability control", "维稳"),
    "hiding-information": ("Hiding information", "信息隐瞒"),
    "infection-count": ("Infection count", "感染人数"),
    "world-outbreak": ("World outbreak", "全球疫情"),
    "economy": ("Economy", "经济"),
    "trade": ("Trade and markets", "贸易与市场"),
}


def config(language: str = "en", **publication: Any) -> Config:
    chinese = language.startswith("zh")
    sections = [
        ("briefings", "最新简报" if chinese else "Latest Briefings"),
        ("hot-topics", "热门话题" if chinese else "Hot Topics"),
        ("analyses", "分析" if chinese else "Analyses"),
        ("perspectives", "观点" if chinese else "Perspectives"),
    ]
    about = {
        "title": "中国简报" if chinese else "The China Desk",
        "link": "https://desk.example.org",
        "description": "每日阅读中外媒体，归纳要闻。"
        if chinese
        else "What Chinese and foreign media report about China, read and sorted every day.",
        "language": language,
        "timezone": "Asia/Shanghai",
        "imprint": "The China Desk, 1 Harbour Street, Example Town",
    }
    return Config.model_validate(
        {
            "publication": about | publication,
            "sources": [
                {"name": name, "title": title, "language": tongue, "url": url}
                for name, (title, tongue, url) in _SOURCES.items()
            ],
            "categories": [{"slug": slug, "name": names[chinese]} for slug, names in _CATEGORIES.items()],
            "sections": [{"slug": slug, "title": title} for slug, title in sections],
            "newsletters": [
                {"name": "daily", "title": "每日简报" if chinese else "Daily Briefing", "schedule": "07:00 mon-fri"},
                {"name": "weekly", "title": "一周回顾" if chinese else "The Week in China", "schedule": "08:00 sun"},
            ],
        }
    )


def report(entry: str, source: str, title: str, summary: str = "", *, at: datetime = NOON, **more: Any) -> Report:
    name, language, _ = _SOURCES[source]
    values = {"url": f"https://news.example.org/{source}/{entry}", "language": language} | more
    return Report(
        entry=entry, source=source, source_title=name, title=title, summary=summary, published=at, seen=at, **values
    )


def story(number: int, source: str, title: str, summary: str, *categories: str, **more: Any) -> Story:
    """Story `number` led by `source`; `also` names further sources, `copies` those that print the same text."""
    at = NOON - timedelta(hours=3 * number)
    also, copies = more.pop("also", ()), more.pop("copies", ())
    lead = report(f"e{number:03}", source, title, summary, at=at)
    others = [
        report(f"e{number:03}-{at_}", other, f"{title} ({_SOURCES[other][0]})", at=at + timedelta(minutes=20 * at_))
        for at_, other in enumerate(also, 1)
    ]
    same = [
        report(f"e{number:03}-c{at_}", other, title, at=at, duplicate_of=lead.entry) for at_, other in enumerate(copies)
    ]
    values = {
        "id": f"s{number:03}",
        "title": title,
        "summary": summary,
        "language": lead.language,
        "url": lead.url,
        "section": "briefings",
        "categories": categories,
        "reports": (lead, *others, *same),
        "first_published": at,
        "last_published": at + timedelta(minutes=20 * len(others)),
        "updated": at + timedelta(minutes=30),
    }
    return Story(**(values | more))


def week() -> tuple[Story, ...]:
    """Newest first."""
    return (
        story(
            0, "hket", "六成加拿大人對中國觀感轉差，八成不信官方疫情數字",
            "加拿大一家民調機構的調查發現，受訪者對中國的好感跌至有紀錄以來最低，多數人認為疫情的真實情況沒有及時公布。"
            "調查同時問及5G網絡建設，支持排除中國設備商的比例再度上升。",
            "public-opinion", "hiding-information", related=("s004", "s007"), also=("globe",),
        ),
        story(
            1, "scmp", "Chip maker weighs a plant in Arizona as Washington prepares an emergency order",
            "The largest contract maker of semiconductors is close to a decision on a plant in the American south-west, "
            "people familiar with the talks say, days before an order that would bar foreign firms from selling to Huawei "
            "what was made with American tools. Suppliers in Taiwan expect orders to be brought forward.",
            "technology", "trade", also=("globe", "cna", "asia-wire"), copies=("hket",), related=("s006", "s010", "s004"),
        ),
        story(
            2, "asia-wire", "Beijing keeps travellers from high-risk regions at a distance before the congress",
            "Visitors who have been in listed districts must show a recent test and stay in a hotel for two weeks. "
            "The capital tightens the rules ten days before the delegates of the National People's Congress arrive.",
            "stability-control", "infection-count", also=("cna",),
        ),
        story(
            3, "caixin", "舒兰市出现聚集性疫情，吉林多地恢复封闭管理",
            "吉林省舒兰市一名洗衣工确诊后，当地在一周内报告二十余例相关病例。公共交通暂停，小区每户每两天只许一人外出采购。",
            "infection-count",
        ),
        story(
            4, "globe", "Laboratories were told to destroy early samples, an official confirms",
            "A health official says that the order of January was meant to keep unsafe laboratories from handling the virus. "
            "Critics abroad ask why the samples were not moved to safer ones instead.",
            "hiding-information", section="hot-topics", also=("scmp", "cna", "asia-wire"), related=("s000",),
        ),
        story(
            5, "cna", "世衛大會前夕，多國呼籲讓臺灣以觀察員身分參與",
            "十餘國代表聯名致信，主張在防疫問題上不應有缺口；北京則重申，此事須依一個中國原則處理。",
            "world-outbreak", section="hot-topics", also=("globe", "asia-wire"),
        ),
        story(
            6, "caixin", "国家大基金二期注资中芯国际，先进制程扩产提速",
            "中芯国际旗下上海工厂获两家国有基金合计二十二亿美元增资，月产能目标由六千片提高到三万五千片。",
            "technology", "economy", section="hot-topics", also=("hket", "scmp"), related=("s001",),
        ),
        story(
            7, "scmp", "What a colder public mood means for trade talks that have hardly begun",
            "Polls in five countries point the same way. The figures leave negotiators less room, and some of the damage may "
            "outlast the epidemic.",
            "public-opinion", "trade", section="analyses", related=("s000",),
        ),
        story(
            8, "caixin", "分析：出口回暖能持续多久",
            "四月出口意外增长，主要来自积压订单与防疫物资；外需走弱的影响预计在下半年显现。",
            "economy", section="analyses",
        ),
        story(
            9, "asia-wire", "The long road of a listing: why some companies plan to leave Nasdaq for Hong Kong",
            "Stricter audits in New York and a friendlier rule book at home change the sums.",
            "trade", section="analyses", related=("s010",),
        ),
        story(
            10, "hket", "納斯達克擬收緊上市規則，中概股回流香港再添理由",
            "新規擬要求部分地區的公司首次公開發行至少集資二千五百萬美元，並加強對審計的審查。",
            "trade", "economy",
        ),
        story(
            11, "globe", "A law professor asks the congress for freedom of speech",
            "In an open letter a professor in Shanghai calls on delegates to protect those who warn early. "
            "The text vanished from Chinese platforms within hours.",
            "stability-control", section="perspectives",
        ),
        story(
            12, "cna", "社評：透明才是最好的疫苗",
            "數字的可信，不在於好看，而在於經得起追問。",
            "hiding-information", section="perspectives",
        ),
        story(
            13, "scmp", "Wuhan sets out to test eleven million people in ten days",
            "After six new cases in one compound, each district has to draw up its plan. Laboratories of other provinces help.",
            "infection-count", also=("caixin", "asia-wire"), related=("s003",),
        ),
    )  # fmt: skip


def edition(number: int = 3, newsletter: str = "daily", language: str = "en") -> Edition:
    told = week()
    items = [
        EditionItem(
            story=item.id, kicker="Technology", kicker_slug="technology", headline=item.title, summary=item.summary,
            language=item.language, section=item.section, url=item.url or "",
            story_url=f"https://desk.example.org/stories/{item.id}.html", source=item.lead.source_title,
            published=item.lead.published,
        )
        for item in told
    ]  # fmt: skip
    slot = datetime(2020, 5, 11 + number, 23, 0, tzinfo=UTC)
    return Edition(
        newsletter=newsletter,
        number=number,
        title="Daily Briefing",
        slot=slot,
        composed=slot + timedelta(minutes=1),
        timezone="Asia/Shanghai",
        language=language,
        subject=told[number].title,
        preheader=f"Also today: {told[number + 1].title}",
        opening="Fourteen stories from six sources.",
        lead=items[1],
        sections=(
            EditionSection(slug="briefings", title="Latest Briefings", items=tuple(items[2:4])),
            EditionSection(slug="analyses", title="Analyses", items=tuple(items[7:10])),
        ),
    )


def editions() -> tuple[Edition, ...]:
    return tuple(edition(number) for number in range(10, 0, -1))


def many(count: int) -> tuple[Story, ...]:
    """An archive: the week again and again, each time older and with ids of its own."""
    told = week()
    return tuple(
        replace(
            (base := told[at % len(told)]),
            id=f"a{at:06}",
            related=tuple(f"a{(at + step) % count:06}" for step in (1, 5)),
            updated=base.updated - timedelta(days=at // len(told)),
        )
        for at in range(count)
    )
