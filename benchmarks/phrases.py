"""Our own words that benchmarks/duplicates.py puts around articles, and templates that it fills: for each language."""

from dataclasses import dataclass

Template = tuple[str, str]
"""Of a headline and a text. {date}, {n}, {s} (a decimal) and {t} (a time) are filled, or the names {p} and {q}."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Phrases:
    """`width`: letters of English that a letter of the language stands for."""

    language: str
    width: float
    between: str
    """Words."""
    outlets: tuple[str, ...]
    signs: tuple[str, ...]
    """Between a headline and an outlet's name."""
    labels: tuple[str, ...]
    before: tuple[str, ...]
    after: tuple[str, ...]
    teaser_ends: tuple[str, ...]
    background: tuple[str, ...]
    """Paragraphs of an agency."""
    boilerplate: tuple[str, ...]
    rubrics: tuple[str, ...]
    numbered: tuple[str, ...]
    """Headlines of a series."""
    date: str
    months: tuple[str, ...]
    tables: tuple[Template, ...]
    named: tuple[Template, ...]
    stems: tuple[tuple[str, ...], tuple[str, ...]]
    middle: str
    """Of made-up names."""


ENGLISH = Phrases(
    language="English",
    width=1.0,
    outlets=(
        "Daily Courier",
        "The Northern Post",
        "Reuters",
        "AP",
        "Yahoo News",
        "World Desk",
        "BBC News",
    ),
    before=(
        "BERLIN (AP) — ",
        "LONDON, May 14 (Reuters) - ",
        "(Reuters) - ",
        "By Jane Miller, Staff Writer\n",
        "Published: 14 May 2020, 10:32. Share this article on social media.\n",
        "This article was first published by the Northern Post.\n",
        "Listen to this story (4 minutes)\n",
    ),
    after=(
        " Read more…",
        "\nContinue reading on the Daily Courier.",
        "\nThe post appeared first on World Desk.",
        "\n© 2020 Northern Post. All rights reserved. No part of this may be reproduced without permission.",
        "\nReporting by Jane Miller in London; editing by John Smith.",
        "\nSign up for our newsletter to get the best stories of the day in your inbox. Follow us on Facebook and Twitter.",
        "\nSource: Northern Post",
    ),
    teaser_ends=(
        "…",
        " ...",
        " […]",
        "",
        "… Read more",
    ),
    background=(
        "The two sides have been at odds over the border for more than ten years, and talks broke down last autumn when neither would withdraw its troops. Some three hundred people have died in the fighting since then, according to the agency's own count, and tens of thousands have left their homes for the coast.",
        "The virus that causes the disease was first found in late 2019. Most people who have it recover within two weeks; for some, mostly those who are older or have other illnesses, it can be severe and lead to death.",
        "The company, which was founded in 1998 and employs 12,000 people in nine countries, has lost a third of its value since the beginning of the year. Analysts had expected profits of 40 cents a share on sales of two billion.",
    ),
    boilerplate=(
        "Welcome to the show in which two friends talk about everything that moves them. You find us wherever there are podcasts, and if you like what you hear, leave us five stars and tell your neighbours. The show is made possible by its members: become one, and you get every episode a day early and without advertisements. Write to us with your questions, we read all of them and answer the best on the air. Music by the band next door, pictures by a cousin.",
        "You receive this because you have subscribed to the letter of the institute. We write twice a week on trade, money and power, and on those who hold them. Opinions are those of the authors. To change what you get, follow the link at the end of the page; to leave, follow the one beside it. Forward this to a friend who would like it.",
    ),
    rubrics=(
        "Correction",
        "Photos of the day",
        "Daily briefing",
        "Open thread",
        "Links",
        "Weekly roundup",
        "Editorial",
        "Morning news",
        "In brief",
    ),
    tables=(
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
    ),
    named=(
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
    ),
    stems=(
        ("Nor", "East", "Vel", "Kar", "Alder", "Tres", "Ostra", "Lind", "Wick", "Bram"),
        ("burg", "ham", "lin", "sk", "mont", "va", "field", "stead", "by", "ton"),
    ),
    signs=(" - ", " | ", " — ", " :: ", " · "),
    labels=("Breaking: ", "[Video] ", "Reuters: ", "WORLD | "),
    numbered=("Episode {0}: {1}", "{1} ({0})", "{1}, part {0}", "#{0} {1}", "{1} - {0} May"),
    months=("January", "March", "May", "June", "August", "October"),
    between=" ",
    middle="aeioulnr",
    date="{day} {month}",
)

CHINESE = Phrases(
    language="Chinese",
    width=2.5,
    outlets=(
        "星河日报",
        "东方观察",
        "路透社",
        "新华社",
        "远望网",
        "香港商报",
        "联合早报网",
    ),
    before=(
        "（记者 王小明）",
        "新华社北京5月14日电（记者李晓华）",
        "【星河日报讯】",
        "中新社上海5月14日电 ",
        "（中央社記者陳大文台北14日電）",
        "本文来自星河日报，作者：王小明\n",
        "编者按：本文原载于东方观察，转载时有删节。\n",
    ),
    after=(
        "阅读全文",
        "\n本文来自星河日报，未经许可不得转载。",
        "\n（责任编辑：李晓华）",
        "\n版权所有 © 2020 东方观察。欢迎关注我们的微信公众号，每天为你推送最新的文章。",
        "\n来源：新华社",
        "（完）",
        "\n查看原文：点击这里。更多精彩内容，请下载客户端。",
    ),
    teaser_ends=(
        "…",
        "……",
        "...",
        "",
        "…阅读全文",
    ),
    background=(
        "两国在边界问题上的争执已有十多年，去年秋天的谈判因双方都不肯撤军而破裂。据该社统计，此后的冲突已造成约三百人死亡，数万人离开家园前往沿海地区避难，国际组织多次呼吁停火。",
        "这种疾病的病毒最早于2019年底被发现。多数患者在两周内康复，但老年人和患有其他疾病的人可能病情严重，甚至死亡。专家提醒公众保持距离，勤洗手，出门戴口罩。",
        "该公司成立于1998年，在九个国家拥有一万二千名员工，今年以来市值已下跌三分之一。分析师此前预计其每股收益为四角，销售额为二十亿元，但疫情打乱了原有的计划。",
    ),
    boilerplate=(
        "欢迎收听本节目，每周两位朋友和你聊聊身边的大事小事。你可以在各大平台订阅我们，也欢迎在评论区留言，或者给我们写信，我们会在下一期节目里回答。如果你喜欢我们的内容，请把它分享给你的朋友，并给我们五星好评。成为会员可以提前一天收听，而且没有广告。",
        "本栏目由研究所主办，每周两期，介绍贸易、金融与国际关系方面的新作。文章只代表作者本人的观点，与本所立场无关。如需转载，请与编辑部联系，并注明出处。欢迎读者来信，来信请注明姓名与地址，稿件一经采用即付稿酬。",
    ),
    rubrics=(
        "早报",
        "今日要闻",
        "图片新闻",
        "更正",
        "每日一图",
        "编辑部的话",
        "新闻早班车",
        "本周推荐",
        "简讯",
    ),
    tables=(
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
    ),
    named=(
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
    ),
    stems=(
        ("北", "南", "东", "西", "上", "下", "海", "云", "长", "青", "白", "金", "石", "龙", "安"),
        ("江", "陵", "宁", "州", "河", "湖", "山", "门", "阳", "城", "岭", "浦", "田", "口", "泽"),
    ),
    signs=(" - ", " | ", "_", "｜", " – "),
    labels=("【转载】", "快讯：", "[视频] ", "星河日报：", "独家｜"),
    numbered=("第{0}期：{1}", "{1}（{0}）", "{1} 第{0}集", "{1}_{0}月号"),
    months=("1月", "2月", "3月", "4月", "5月", "6月", "7月", "8月", "9月", "10月", "11月", "12月"),
    between="",
    middle="江陵宁州河湖山门阳城岭浦田口泽",
    date="{month}{day}日",
)
