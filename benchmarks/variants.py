"""The same article again, in the ways that feeds have of it, and what only looks like it: pairs for duplicates.py.

Every pair is drawn from real entries with a seeded generator; the words put around them are our own.
"""

import random
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from html import escape

from opencc import OpenCC

from aggregator.collect.html import text_of
from aggregator.collect.normalise import count_words, entry_id, shorten
from aggregator.collect.urls import canonical
from aggregator.curate.text import HAN
from aggregator.model import Entry


@dataclass(frozen=True, slots=True)
class Pair:
    """`kinds` names what was done to `other`, or why the two are no duplicates; `of` the entries that they were made of."""

    one: Entry
    other: Entry
    same: bool
    kinds: tuple[str, ...]
    of: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Draft:
    """An article while it is being changed. `body` is plain text, paragraphs parted by a line end."""

    title: str
    body: str


Change = Callable[[random.Random, Draft, bool], Draft]

_SENTENCE = re.compile(r"(?<=[.!?])\s+|(?<=[。！？])")


def draft(entry: Entry) -> Draft:
    whole = text_of(entry.content) if entry.content else ""
    return Draft(entry.title, whole if len(whole) >= len(entry.summary) else entry.summary)


def written(draw: random.Random, base: Entry, text: Draft, source: str, *, apart: timedelta) -> Entry:
    """An entry of a source with a guid and an address of its own; its text as HTML, or as a summary alone."""
    number = draw.randrange(10**9)
    url = f"https://{source}.example/{draw.choice(('news', 'a', '2020/05', 'article'))}/{number}"
    paragraphs = [part for part in re.split(r"\n+", text.body) if part.strip()]
    html = "".join(f"<p>{escape(part, quote=False)}</p>" for part in paragraphs) if draw.random() < 0.6 else ""
    body = " ".join(paragraphs)
    return replace(
        base,
        id=entry_id(source, str(number)),
        source=source,
        guid=str(number) if draw.random() < 0.5 else url,
        url=url,
        canonical_url=canonical(url),
        title=text.title,
        summary=shorten(body, 600) if len(body) <= 600 or not html else shorten(body, draw.choice((200, 400, 600))),
        content=html or (body if len(body) > 600 else ""),
        published=base.when + apart,
        seen=base.seen + apart,
        words=count_words(body),
    )


# --- what happens to an article --------------------------------------------------------------------------

_OUTLETS = ("Daily Courier", "The Northern Post", "Reuters", "AP", "Yahoo News", "World Desk", "BBC News")
_OUTLETS_ZH = ("星河日报", "东方观察", "路透社", "新华社", "远望网", "香港商报", "联合早报网")
_BEFORE = (
    "BERLIN (AP) — ",
    "LONDON, May 14 (Reuters) - ",
    "(Reuters) - ",
    "By Jane Miller, Staff Writer\n",
    "Published: 14 May 2020, 10:32. Share this article on social media.\n",
    "This article was first published by the Northern Post.\n",
    "Listen to this story (4 minutes)\n",
)
_BEFORE_ZH = (
    "（记者 王小明）",
    "新华社北京5月14日电（记者李晓华）",
    "【星河日报讯】",
    "中新社上海5月14日电 ",
    "（中央社記者陳大文台北14日電）",
    "本文来自星河日报，作者：王小明\n",
    "编者按：本文原载于东方观察，转载时有删节。\n",
)
_AFTER = (
    " Read more…",
    "\nContinue reading on the Daily Courier.",
    "\nThe post appeared first on World Desk.",
    "\n© 2020 Northern Post. All rights reserved. No part of this may be reproduced without permission.",
    "\nReporting by Jane Miller in London; editing by John Smith.",
    "\nSign up for our newsletter to get the best stories of the day in your inbox. Follow us on Facebook and Twitter.",
    "\nSource: Northern Post",
)
_AFTER_ZH = (
    "阅读全文",
    "\n本文来自星河日报，未经许可不得转载。",
    "\n（责任编辑：李晓华）",
    "\n版权所有 © 2020 东方观察。欢迎关注我们的微信公众号，每天为你推送最新的文章。",
    "\n来源：新华社",
    "（完）",
    "\n查看原文：点击这里。更多精彩内容，请下载客户端。",
)
_TEASER_ENDS = ("…", " ...", " […]", "", "… Read more")
_TEASER_ENDS_ZH = ("…", "……", "...", "", "…阅读全文")


def title_suffix(draw: random.Random, text: Draft, zh: bool) -> Draft:
    outlet = draw.choice(_OUTLETS_ZH if zh else _OUTLETS)
    sign = draw.choice((" - ", " | ", "_", "｜", " – ") if zh else (" - ", " | ", " — ", " :: ", " · "))
    return replace(text, title=f"{text.title}{sign}{outlet}")


def title_prefix(draw: random.Random, text: Draft, zh: bool) -> Draft:
    label = draw.choice(
        ("【转载】", "快讯：", "[视频] ", "星河日报：", "独家｜")
        if zh
        else ("Breaking: ", "[Video] ", "Reuters: ", "WORLD | ")
    )
    return replace(text, title=label + text.title)


def title_corrected(draw: random.Random, text: Draft, zh: bool) -> Draft:
    return replace(text, title=_corrected(draw, text.title, 1, zh=zh))


def title_capitals(draw: random.Random, text: Draft, zh: bool) -> Draft:  # noqa: ARG001
    return replace(text, title=draw.choice((text.title.upper(), text.title.title(), text.title.rstrip(".!?。"))))


def before(draw: random.Random, text: Draft, zh: bool) -> Draft:
    return replace(text, body=draw.choice(_BEFORE_ZH if zh else _BEFORE) + text.body)


def after(draw: random.Random, text: Draft, zh: bool) -> Draft:
    return replace(text, body=text.body + draw.choice(_AFTER_ZH if zh else _AFTER))


def corrected(draw: random.Random, text: Draft, zh: bool) -> Draft:
    many = max(1, min(4, len(text.body) // (60 if zh else 250)))
    return replace(text, body=_corrected(draw, text.body, draw.randint(1, many), zh=zh))


def teaser(draw: random.Random, text: Draft, zh: bool) -> Draft:
    longest = draw.randint(70, 200) if zh else draw.randint(150, 300)
    if len(text.body) <= longest * 1.3:
        return text
    cut = text.body[:longest] if zh else text.body[:longest].rpartition(" ")[0]
    return replace(text, body=cut + draw.choice(_TEASER_ENDS_ZH if zh else _TEASER_ENDS))


def typeset(draw: random.Random, text: Draft, zh: bool) -> Draft:
    """Other quotation marks, dashes, spaces, and full-width letters and digits."""
    pairs = draw.choice((("“”", '""'), ("「」", "“”"), ("“”", "「」"), ("—–", "--"), ("’‘", "''")))
    table = str.maketrans(*pairs)
    wide = (
        {code: code + 0xFEE0 for code in range(0x30, 0x7B) if chr(code).isalnum()} if zh and draw.random() < 0.5 else {}
    )
    ends = {ord(","): "，", ord("."): "．"} if wide else {}

    def reset(words: str) -> str:
        return words.translate(table).translate(wide | ends).replace("  ", "\u00a0 ")

    return Draft(reset(text.title), reset(text.body))


def script(draw: random.Random, text: Draft, zh: bool) -> Draft:
    """Simplified to traditional or back, by OpenCC's phrases."""
    if not zh:
        return text
    converter = _converter(draw.choice(("s2t", "s2tw", "s2hk")) if _is_simplified(text.body or text.title) else "t2s")
    return Draft(converter.convert(text.title), converter.convert(text.body))


def headline(draw: random.Random, text: Draft, zh: bool) -> Draft:
    """Another headline over an agency's text: what one of its later sentences says."""
    sentences = [one for one in _SENTENCE.split(text.body) if len(one) > (8 if zh else 30)]
    if len(text.body) < (300 if zh else 900) or len(sentences) < 4:
        return text
    return replace(text, title=draw.choice(sentences[2:])[: 28 if zh else 80])


_CONVERTERS: dict[str, OpenCC] = {}


def _converter(name: str) -> OpenCC:
    return _CONVERTERS.setdefault(name, OpenCC(name))


def _is_simplified(text: str) -> bool:
    return _converter("t2s").convert(text) == text


def _corrected(draw: random.Random, text: str, times: int, *, zh: bool) -> str:
    """Words (or characters) left out, doubled, misspelt or exchanged; figures are left alone."""
    parts = list(text) if zh else text.split(" ")
    places = [place for place, part in enumerate(parts) if part.strip() and not re.search(r"\d", part)]
    for place in draw.sample(places, min(times, len(places))):
        part = parts[place]
        ways = (
            ["", part + draw.choice("的了也"), draw.choice("其此该")]
            if zh
            else ["", part + " also", part[:-1] or part, "the " + part]
        )
        parts[place] = draw.choice(ways)
    return ("" if zh else " ").join(parts)


CHANGES: dict[str, tuple[Change, float]] = {
    "title suffix": (title_suffix, 3),
    "title prefix": (title_prefix, 1),
    "title corrected": (title_corrected, 1),
    "title capitals": (title_capitals, 0.5),
    "before": (before, 2),
    "after": (after, 2),
    "corrections": (corrected, 2),
    "teaser": (teaser, 2),
    "typeset": (typeset, 2),
    "script": (script, 3),
    "another headline": (headline, 0.7),
}
_ORDER = (
    "script",
    "another headline",
    "title corrected",
    "title capitals",
    "title suffix",
    "title prefix",
    "corrections",
    "teaser",
    "before",
    "after",
    "typeset",
)


def positive(draw: random.Random, base: Entry, *, zh: bool) -> Pair:
    names = [name for name in CHANGES if zh or name != "script"]
    weights = [CHANGES[name][1] for name in names]
    wanted = set(draw.choices(names, weights, k=draw.choice((0, 1, 1, 2, 2, 2, 3, 3, 4))))
    if "another headline" in wanted:
        wanted -= {"teaser", "title corrected"}
    text, done = draft(base), []
    for name in _ORDER:
        if name in wanted:
            changed = CHANGES[name][0](draw, text, zh)
            done += [name] if changed != text else []
            text = changed
    here = draw.random() < 0.35 and "another headline" not in done
    source = base.source if here else f"copy{draw.randrange(40)}"
    apart = timedelta(minutes=draw.choice((0, 5, 60, 300, 700)) if here else draw.choice((5, 60, 600, 2000)))
    other = written(draw, base, text, source, apart=apart)
    if here and draw.random() < 0.5:
        other = replace(other, url=None, canonical_url=None)
    done.append("here again" if here else "elsewhere")
    return Pair(base, other, same=True, kinds=tuple(done), of=(base.id,))


# --- what only looks like it -----------------------------------------------------------------------------

_BACKGROUND = (
    "The two sides have been at odds over the border for more than ten years, and talks broke down last autumn when "
    "neither would withdraw its troops. Some three hundred people have died in the fighting since then, according to "
    "the agency's own count, and tens of thousands have left their homes for the coast.",
    "The virus that causes the disease was first found in late 2019. Most people who have it recover within two weeks; "
    "for some, mostly those who are older or have other illnesses, it can be severe and lead to death.",
    "The company, which was founded in 1998 and employs 12,000 people in nine countries, has lost a third of its value "
    "since the beginning of the year. Analysts had expected profits of 40 cents a share on sales of two billion.",
)
_BACKGROUND_ZH = (
    "两国在边界问题上的争执已有十多年，去年秋天的谈判因双方都不肯撤军而破裂。据该社统计，此后的冲突已造成约三百人死亡，数万人离开家园前往沿海地区避难，国际组织多次呼吁停火。",
    "这种疾病的病毒最早于2019年底被发现。多数患者在两周内康复，但老年人和患有其他疾病的人可能病情严重，甚至死亡。专家提醒公众保持距离，勤洗手，出门戴口罩。",
    "该公司成立于1998年，在九个国家拥有一万二千名员工，今年以来市值已下跌三分之一。分析师此前预计其每股收益为四角，销售额为二十亿元，但疫情打乱了原有的计划。",
)
_BOILERPLATE = (
    "Welcome to the show in which two friends talk about everything that moves them. You find us wherever there are "
    "podcasts, and if you like what you hear, leave us five stars and tell your neighbours. The show is made possible by "
    "its members: become one, and you get every episode a day early and without advertisements. Write to us with your "
    "questions, we read all of them and answer the best on the air. Music by the band next door, pictures by a cousin.",
    "You receive this because you have subscribed to the letter of the institute. We write twice a week on trade, money "
    "and power, and on those who hold them. Opinions are those of the authors. To change what you get, follow the link at "
    "the end of the page; to leave, follow the one beside it. Forward this to a friend who would like it.",
)
_BOILERPLATE_ZH = (
    "欢迎收听本节目，每周两位朋友和你聊聊身边的大事小事。你可以在各大平台订阅我们，也欢迎在评论区留言，或者给我们写信，我们会在下一期节目里回答。如果你喜欢我们的内容，请把它分享给你的朋友，并给我们五星好评。成为会员可以提前一天收听，而且没有广告。",
    "本栏目由研究所主办，每周两期，介绍贸易、金融与国际关系方面的新作。文章只代表作者本人的观点，与本所立场无关。如需转载，请与编辑部联系，并注明出处。欢迎读者来信，来信请注明姓名与地址，稿件一经采用即付稿酬。",
)
_GENERIC = (
    "Correction",
    "Photos of the day",
    "Daily briefing",
    "Open thread",
    "Links",
    "Weekly roundup",
    "Editorial",
    "Morning news",
    "In brief",
)
_GENERIC_ZH = ("早报", "今日要闻", "图片新闻", "更正", "每日一图", "编辑部的话", "新闻早班车", "本周推荐", "简讯")
_TABLES = (
    (
        "Market report for {date}",
        "The index closed at {n} points on {date}, {s} per cent from the day before. Gold stood at {n} dollars an ounce, oil at {s} a barrel. The euro bought {s} dollars, the pound {s}. Volume was {n} million shares, against {n} million on average.",
    ),
    (
        "Earthquake of magnitude {s}, {n} km off the coast",
        "An earthquake of magnitude {s} was recorded at {t} on {date}, {n} km off the coast, at a depth of {n} km. There were no reports of damage. The survey's data may change as more stations report.",
    ),
    (
        "Daily briefing for {date}",
        "Good morning. It is {date}. Here is what you need to know today: {n} new cases were counted yesterday, {n} people recovered and {n} died. The total since spring is {n}. Schools stay open. The next briefing comes at {t}.",
    ),
    (
        "Weather for the coast",
        "Today {s} degrees in the north and {s} in the south, wind from the west at {n} km/h, chance of rain {n} per cent. Sunrise at {t}, sunset at {t}. Tomorrow {s} degrees. Pollen count {n}.",
    ),
    (
        "Episode {n}: questions from you",
        "In episode {n} we answer what you have asked. Recorded on {date}. Length {t}. Send us your question for episode {n} by mail, or call the number on our site, and we will play it on the air.",
    ),
    (
        "Case numbers",
        "As of {date} the ministry has counted {n} cases, {n} more than a day before. {n} patients are in hospital, {n} of them in intensive care. Since the beginning {n} have died. {n} tests were made in all laboratories of the country.",
    ),
)
_TABLES_ZH = (
    (
        "{date}股市收评",
        "{date}收盘，指数报{n}点，较前一交易日变动{s}%。黄金报每盎司{n}美元，原油报每桶{s}美元。人民币兑美元中间价为{s}。两市成交{n}亿元，此前一日为{n}亿元，北向资金净流入{n}亿元。",
    ),
    (
        "东部海域发生{s}级地震",
        "据台网测定，{date}{t}，东部海域发生{s}级地震，震源深度{n}公里，震中距海岸约{n}公里。目前没有人员伤亡的报告，数据可能随更多台站的资料而修正。",
    ),
    (
        "每日简报（{date}）",
        "早上好，今天是{date}。昨日新增病例{n}例，治愈{n}例，死亡{n}例，累计确诊{n}例。学校照常开放，地铁全线运营。下一期简报将于{t}发布，欢迎订阅。",
    ),
    (
        "疫情通报",
        "截至{date}，全省累计报告确诊病例{n}例，较前一日增加{n}例；在院治疗{n}例，其中重症{n}例；累计死亡{n}例。目前尚有{n}名密切接触者正在接受医学观察，所有实验室共检测样本{n}份。",
    ),
    (
        "天气预报",
        "今天北部最高气温{s}度，南部{s}度，西风{n}公里每小时，降水概率{n}%。日出{t}，日落{t}。明天气温{s}度。空气质量指数{n}，适宜户外活动。",
    ),
    (
        "第{n}期：听众来信",
        "在第{n}期节目里，我们回答大家提出的问题。录制于{date}，时长{t}。欢迎为第{n}期节目来信提问，也可以拨打网站上的电话，我们会在节目中播放你的留言。",
    ),
)
_NAMED = (
    (
        "Weather for {p}",
        "Cloudy at first in {p}, later sunny, with a light wind from the west. In the hills around {p} it may rain in the evening. The night stays dry and clear, and the next days bring little change for {p} and the region. More on our weather page.",
    ),
    (
        "Letter from {p}",
        "Every week our correspondents write home about what they see. This week's letter comes from {p}. Subscribers can read it in full, listen to it, or have it sent to them by mail on the morning on which it appears. More letters like the one from {p} are in our archive, and all of them are free for members.",
    ),
    (
        "{p} beat {q} in opening match",
        "{p} won the opening match against {q} on Saturday in front of a full house. The coach of {p} spoke of a deserved victory, while {q} must now win the next match to stay in the tournament. The draw for the next round takes place on Sunday.",
    ),
    (
        "Trains between {p} and {q} delayed",
        "Trains between {p} and {q} are delayed because of a fault in the signals. Travellers are asked to take the buses that leave from in front of the station. Tickets stay valid until the end of the day. We update this page as soon as the line to {q} is free again.",
    ),
    (
        "Obituary: the mayor of {p}",
        "The mayor of {p} has died after a long illness, the town hall said. Flags were lowered, and a book of condolence lies open to the people of {p} in the entrance hall. The funeral takes place on Friday; the successor will be chosen by the council.",
    ),
)
_NAMED_ZH = (
    (
        "{p}今日天气",
        "{p}今日多云转晴，西风微弱，傍晚{p}山区可能有小雨。夜间晴朗干燥，未来几天{p}及周边地区天气变化不大，适宜出行，请市民留意气象台发布的最新消息。更多天气信息请访问本站天气频道。",
    ),
    (
        "{p}来信：记者手记",
        "本报驻各地记者每周写下所见所闻，本周的来信寄自{p}。订阅用户可以阅读全文、收听朗读，或者在刊出当天早晨通过电子邮件收到。更多像{p}来信这样的文章收录在我们的资料库中，会员可以免费阅读。",
    ),
    (
        "{p}队首战击败{q}队",
        "周六的揭幕战中，{p}队在满场观众面前击败了{q}队。{p}队主教练表示胜利实至名归，而{q}队必须赢下下一场比赛才能留在本届赛事。下一轮的抽签将于周日举行。",
    ),
    (
        "{p}至{q}列车晚点",
        "由于信号故障，{p}至{q}的列车晚点运行。铁路部门请旅客改乘站前广场发出的大巴，车票当日有效。一旦前往{q}的线路恢复，本页面将及时更新，请旅客留意车站广播。",
    ),
    (
        "{p}市召开新闻发布会",
        "{p}市今天上午召开新闻发布会，介绍全市复工复产的情况。发言人表示，{p}市将继续严格落实各项防控措施，有序恢复生产生活秩序，学校的开学时间另行通知，请市民做好个人防护。",
    ),
)
_STEMS = (
    ("Nor", "East", "Vel", "Kar", "Alder", "Tres", "Ostra", "Lind", "Wick", "Bram"),
    ("burg", "ham", "lin", "sk", "mont", "va", "field", "stead", "by", "ton"),
)
_STEMS_ZH = ("北南东西上下海云长青白金石龙安", "江陵宁州河湖山门阳城岭浦田口泽")
_SLOT = re.compile(r"\{(\w+)\}")
_MONTHS = ("January", "March", "May", "June", "August", "October")


def _date(draw: random.Random, *, zh: bool) -> str:
    day = draw.randint(1, 28)
    return f"{draw.randint(1, 12)}月{day}日" if zh else f"{day} {draw.choice(_MONTHS)}"


def _filled(draw: random.Random, pattern: str, date: str) -> str:
    made: dict[str, Callable[[], str]] = {
        "date": lambda: date,
        "n": lambda: str(draw.randint(2, 9999)),
        "s": lambda: f"{draw.uniform(0.1, 99):.1f}",
        "t": lambda: f"{draw.randint(0, 23)}:{draw.randint(0, 59):02}",
    }
    return _SLOT.sub(lambda found: made[found[1]](), pattern)


def table(draw: random.Random, base: Entry, zh: bool) -> tuple[Entry, Entry]:
    title, body = draw.choice(_TABLES_ZH if zh else _TABLES)
    source = draw.choice((base.source, "tables"))
    dates = [_date(draw, zh=zh) for _ in range(2)]
    made = [Draft(_filled(draw, title, date), _filled(draw, body, date)) for date in dates]
    one, other = (written(draw, base, text, source, apart=timedelta(days=day)) for day, text in enumerate(made))
    return one, other


def other_names(draw: random.Random, base: Entry, zh: bool) -> tuple[Entry, Entry]:
    """One template, filled with other names."""
    title, body = draw.choice(_NAMED_ZH if zh else _NAMED)
    source = draw.choice((base.source, "tables"))
    stems = _STEMS_ZH if zh else _STEMS
    middle = (
        (lambda: "".join(draw.choices(_STEMS_ZH[1], k=2))) if zh else (lambda: "".join(draw.choices("aeioulnr", k=3)))
    )
    names = [draw.choice(stems[0]) + middle() + draw.choice(stems[1]) for _ in range(4)]
    made = [Draft(title.format(p=p, q=q), body.format(p=p, q=q)) for p, q in (names[:2], names[2:])]
    one, other = (
        written(draw, base, text, source, apart=timedelta(hours=2 * place)) for place, text in enumerate(made)
    )
    return one, other


def number_of_series(draw: random.Random, base: Entry, zh: bool) -> tuple[Entry, Entry]:
    """The same text under the next number; where the text has figures, with other ones or with the same."""
    text = draft(base)
    first = draw.randint(2, 400)
    form = draw.choice(
        ("第{}期：{}", "{1}（{0}）", "{1} 第{0}集", "{1}_{0}月号")
        if zh
        else ("Episode {}: {}", "{1} ({0})", "{1}, part {0}", "#{} {}", "{1} - {0} May")
    )
    other_body = _refigured(draw, text.body) if draw.random() < 0.6 else text.body
    here = draw.random() < 0.8
    one = written(draw, base, replace(text, title=form.format(first, text.title)), base.source, apart=timedelta())
    again = Draft(form.format(first + 1, text.title), other_body[: 500 if here else 350])
    return one, written(draw, base, again, base.source if here else "series", apart=timedelta(days=draw.randint(1, 7)))


def _refigured(draw: random.Random, text: str) -> str:
    return re.sub(r"\d", lambda _: str(draw.randint(0, 9)), text)


def _paragraph(text: Draft, *, zh: bool) -> str:
    sentences = [one for one in _SENTENCE.split(text.body) if one.strip()]
    return ("" if zh else " ").join(sentences[:4])[: 130 if zh else 400]


Two = tuple[Entry, Entry]


def quoted_paragraph(draw: random.Random, pair: Two, zh: bool) -> Two:
    """Two articles on one event that quote the same paragraph."""
    one, other = draft(pair[0]), draft(pair[1])
    shared = _paragraph(one, zh=zh)
    quoting = replace(other, body=draw.choice((f"{other.body[:600]}\n{shared}", f"{shared}\n{other.body}")))
    return pair[0], written(draw, pair[1], quoting, "quoting", apart=timedelta(hours=3))


def background(draw: random.Random, pair: Two, zh: bool) -> Two:
    """Two articles with the paragraphs that an agency puts under everything on a subject."""
    shared = "\n".join(draw.sample(_BACKGROUND_ZH if zh else _BACKGROUND, draw.choice((1, 2))))
    made = [replace(draft(one), body=f"{draft(one).body[: 150 if zh else 450]}\n{shared}") for one in pair]
    return tuple2(
        written(draw, one, text, f"wire{place}", apart=timedelta(hours=place))
        for place, (one, text) in enumerate(zip(pair, made, strict=True))
    )


def boilerplate(draw: random.Random, pair: Two, zh: bool) -> Two:
    """Two items of one site with the same long text around a short one of their own."""
    shared, at_end = draw.choice(_BOILERPLATE_ZH if zh else _BOILERPLATE), draw.random() < 0.5
    made = []
    for one in pair:
        own = draft(one).body[: draw.randint(0, 80 if zh else 250)]
        made.append(replace(draft(one), body=f"{own}\n{shared}" if at_end else f"{shared}\n{own}"))
    source = draw.choice((pair[0].source, "show"))
    return tuple2(
        written(draw, one, text, source, apart=timedelta(days=place))
        for place, (one, text) in enumerate(zip(pair, made, strict=True))
    )


def same_summary(draw: random.Random, pair: Two, zh: bool) -> Two:
    """Two items of one site that both show the description of one of them, or of the site."""
    shown = draft(pair[0]).body[: 180 if zh else 500]
    made = [replace(draft(one), body=shown) for one in pair]
    return tuple2(
        written(draw, one, text, pair[0].source, apart=timedelta(days=place))
        for place, (one, text) in enumerate(zip(pair, made, strict=True))
    )


def generic_title(draw: random.Random, pair: Two, zh: bool) -> Two:
    title = draw.choice(_GENERIC_ZH if zh else _GENERIC)
    made = [replace(draft(one), title=title) for one in pair]
    sources = (pair[0].source, pair[0].source) if draw.random() < 0.5 else ("one", "two")
    return tuple2(
        written(draw, one, text, source, apart=timedelta(days=place))
        for place, (one, text, source) in enumerate(zip(pair, made, sources, strict=True))
    )


def same_title(draw: random.Random, pair: Two, zh: bool) -> Two:  # noqa: ARG001
    """A headline that is an article's own, over two different texts."""
    other = replace(draft(pair[1]), title=pair[0].title)
    source = draw.choice((pair[0].source, "elsewhere"))
    return pair[0], written(draw, pair[1], other, source, apart=timedelta(hours=draw.choice((1, 30))))


def tuple2(found: object) -> Two:
    one, other = found  # type: ignore[misc]
    return one, other


LOOKALIKES: dict[str, tuple[Callable[[random.Random, Two, bool], Two], float]] = {
    "quoted paragraph": (quoted_paragraph, 1),
    "background": (background, 1),
    "boilerplate": (boilerplate, 1),
    "same summary": (same_summary, 1),
    "generic title": (generic_title, 1),
    "same title": (same_title, 1),
    "table": (lambda draw, pair, zh: table(draw, pair[0], zh), 1),
    "other names": (lambda draw, pair, zh: other_names(draw, pair[0], zh), 1),
    "series": (lambda draw, pair, zh: number_of_series(draw, pair[0], zh), 1.5),
}


def negative(draw: random.Random, pair: Two, *, zh: bool) -> Pair:
    kind = draw.choices(list(LOOKALIKES), [weight for _, weight in LOOKALIKES.values()])[0]
    one, other = LOOKALIKES[kind][0](draw, pair, zh)
    return Pair(one, other, same=False, kinds=(kind,), of=(pair[0].id, pair[1].id))


def is_chinese(entry: Entry) -> bool:
    text = f"{entry.title}{draft(entry).body[:300]}"
    return len(re.findall(f"[{HAN}]", text)) * 3 > len(text)


def pairs(draw: random.Random, bases: Sequence[Entry], many: int, *, zh: bool) -> list[Pair]:
    """As many that are the same article as such that are not, each base used once."""
    chosen = draw.sample(list(bases), min(len(bases), 3 * many))
    third = len(chosen) // 3
    found = [positive(draw, base, zh=zh) for base in chosen[:third]]
    neighbours: dict[str, list[Entry]] = {}
    for base in chosen[third:]:
        neighbours.setdefault(base.source, []).append(base)
    ordered = [base for source in sorted(neighbours) for base in neighbours[source]]
    return found + [
        negative(draw, (ordered[place], ordered[place + 1]), zh=zh) for place in range(0, len(ordered) - 1, 2)
    ]
