"""What stands in a feed's text and is no part of the story: datelines, bylines, stamps, credits, invitations to click.

Openings go from the beginning of a text, endings from its end, and whole sentences from anywhere. All patterns are made
from what real feeds have in English and Chinese; of other languages only the commonest “read on”. What is in doubt stays.
"""

import re
from collections.abc import Iterator, Sequence
from functools import cache

from aggregator.typeset import is_whole, sentences

_DASH = r"\s*(?:—|–|--|-)\s*"
_HAN = r"\u3400-\u9fff"
_MONTH = r"(?:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|Sept?(?:ember)?|Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?)\.?"
_DAY = r"(?:(?:Mon|Tues?|Wed(?:nes)?|Thu(?:rs)?|Fri|Sat(?:ur)?|Sun)(?:day)?\.?,?\s+)?"
_DATE = (
    rf"{_DAY}(?:{_MONTH}\s+\d{{1,2}}(?:st|nd|rd|th)?,?\s+\d{{4}}|\d{{1,2}}(?:st|nd|rd|th)?\s+{_MONTH},?\s+\d{{4}}"
    r"|\d{4}[-/]\d{1,2}[-/]\d{1,2}|\d{1,2}\s?[/.]\s?\d{1,2}\s?[/.]\s?\d{4})"
)
_CLOCK = r"(?:\d{1,2}\s?:\s?\d{2}(?:\s?:\s?\d{2})?(?:\s?[ap]\.?\s?m\.?)?(?:\s*\(?(?:GMT|UTC|[A-Z]?[ECMP]?[SD]?T|BST|CES?T|HKT|IST)\)?\b)?)"
_STAMPED = r"(?:(?:First|Last)\s)?(?:Published|Posted|Updated|Modified)(?:\s(?:on|at))?:?\s+"
_AGENCY = (
    r"(?:AP|AFP|Reuters|Xinhua|UPI|IANS|PTI|ANI|CNN|BBC|Bloomberg|dpa|DPA|EFE|TASS|Kyodo|Yonhap|CNA|CNS|ANSA|Sputnik)"
)
_PICTURES = r"(?:Getty Images|AFP|Reuters|AP(?: Photo)?|EPA|Shutterstock|iStock|Alamy|Unsplash|Bloomberg|Xinhua|VCG)"
_ROLE = (
    r"(?:特[约約](?:撰稿|记者|記者|作者)|撰[稿文]|采[写訪访]|採[寫訪]|作者|文字?|[编編][译譯辑輯]|翻[译譯]|[译譯]者?|[责責][编編]|记者|記者"
    r"|[摄攝]影?|[图圖](?:片?[来來]?源|文|片)?|整理|[来來]源|[题題][图圖]|校[对對]|[审審]校|原文|出品|策[划劃])"
)
_NAME = rf"(?:[{_HAN}·]{{2,8}}(?:[(（][^()（）]{{1,30}}[)）])?|[A-Z][\w.'’-]+(?:\s[A-Z][\w.'’-]+){{0,3}})"
_OPENINGS = (
    # BEIJING (Agency) — · HONG KONG, May 14 (Agency) -- · (Agency) -
    (rf"(?:[A-Z][A-Z.'’ ]{{2,30}}(?:,\s*[^()—–]{{2,30}}?)?\s*)?\([A-Z][\w .&/-]{{1,30}}\){_DASH}(?=\S)"),
    # Beijing (AFP) –
    (rf"[A-Z][\w.'’ ]{{2,30}}(?:,\s*[^()—–]{{2,30}}?)?\s\({_AGENCY}(?:/\w+)?\)(?:{_DASH}|:\s*|\s+)(?=\S)"),
    # BEIJING — · WASHINGTON, D.C. —
    (r"[A-Z][A-Z.'’ ]{2,30}(?:,\s*[A-Z][\w. ]{1,20})?\s*(?:—|–|--)\s*(?=\S)"),
    # BEIJING: The ministry
    (r"[A-Z]{6,}(?:/[A-Z]{4,})?:\s+(?=[A-Z“])"),
    # By Jane Doe and John Roe, Staff Writer |
    (r"(?:By|BY) (?:[A-Z][\w.'’-]+\s?(?:and |AND |& )?){2,6}(?:,\s*[A-Z][\w ]{2,30})?\s*(?:[|—–•·]|--)\s*(?=\S)"),
    # By JANE DOE Associated Press Writer BEIJING
    (
        r"(?:By|BY):? [A-Z][\w.,'’& -]{3,60}?(?:Associated Press(?: Writers?)?|Staff (?:[Ww]riter|[Rr]eporter)s?|[Cc]orrespondent|"
        rf"{_AGENCY})\s+(?=[A-Z“])"
    ),
    # By Jane Doe BEIJING (
    (r"(?:By|BY) (?:[A-Z][\w.'’-]+\s){2,4}(?=[A-Z]{3,}[^a-z]{0,30}\()"),
    # Jane Doe—AFP/Getty Images
    (rf"[A-Z][\w.'’ -]{{2,40}}\s?[—/–-]\s?(?:\w+/)*{_PICTURES}\s+(?=[A-Z“])"),
    # (AFP/Getty Images)
    (rf"\((?:[\w ]+/)?{_PICTURES}\)\s+(?=[A-Z“])"),
    # Photo: Jane Doe/Getty Images
    (
        rf"(?:Photo|Image|Picture|Illustration|Video)(?:\s(?:credit|source|copyright|by|courtesy of))?:?\s[^.:]{{2,60}}?{_PICTURES}\s+(?=[A-Z“])"
    ),
    # Published: July 29, 2004 · May 14, 2020 at 12:41 PM GMT · Last updated 13:26 14/09/2013
    (
        rf"(?i:(?:{_STAMPED})?(?:{_CLOCK},?\s+)?{_DATE}(?:,?\s*(?:at\s|-\s|\|\s)?{_CLOCK})?)"
        rf"\s*(?:[|–—·•-]\s*)?(?=[“\"‘(]?[A-Z{_HAN}])"
    ),
    (rf"(?i:{_STAMPED}{_CLOCK})\s*(?:[|–—·•-]\s*)?(?=[“\"‘(]?[A-Z])"),
    (
        r"(?:ADVERTISEMENT|Advertisement|View fullsize|Skip to (?:main )?content|Story continues below(?: this)? advertisement)\s+"
        r"(?=[A-Z“])"
    ),
    (r"\d{1,3}\s(?:Minutes?(?:\s[Rr]ead)?|min read)\s+(?=\S)"),
    # （通讯社北京5月14日电） · 【环球网报道 记者张三】 · 〔記者張三／台北報導〕 · （图源：…）
    (
        r"[(（【〔\[][^()（）【】〔〕\[\]]{0,30}?(?:电|電|讯|訊|报道|報道|報導|记者|記者|[图圖]源|[来來]源|[视視][觉覺]中[国國]|特[约約]"
        r"|[编編][译譯]|原[标標][题題])[^()（）【】〔〕\[\]]{0,24}[)）】〕\]]\s*"
    ),
    # 某某社北京5月14日电（记者某某） · 某某网5月14日讯
    (
        rf"[{_HAN}]{{2,8}}[社网網报報][{_HAN}·]{{0,8}}?(?:\d{{4}}年)?(?:\d{{1,2}}月)?\d{{1,2}}[月日][^。，,\s]{{0,6}}?(?:电|電|讯|訊)(?![话話视視影子力脑腦商动動器池])"
        r"\s*(?:[(（][^()（）]{1,30}[)）])?\s*[：:]?\s*"
    ),
    # 本报讯（记者张三） · 某某网消息：
    (
        rf"(?:本[报報刊网網台]|[综綜]合)(?:讯|訊|消息|[报報][道導])(?:\s*[(（][^()（）]{{1,30}}[)）])?[：:\s]*(?=[{_HAN}])"
    ),
    (rf"[{_HAN}A-Za-z]{{2,10}}(?:讯|訊|消息)[：:]\s*"),
    # 記者張三／台北報導 · 財經中心／台北報導
    (
        rf"(?:本[报報])?(?:[记記]者\s?[{_HAN}·、 ]{{2,20}}?|[{_HAN}]{{2,10}}[中組组][心]?)[/／][{_HAN}]{{2,8}}?(?:报道|報導|報道|电|電)\s*"
    ),
    # 作者丨某某 · 文/ Jane Doe · 图片来源：某某社
    (rf"{_ROLE}\s*[:：丨｜|︱/／]\s*{_NAME}(?:\s*[;；,，、]\s*|\s+)(?=\S)"),
    (r"[(（](?:记者|記者|编辑|編輯|作者)[^()（）]{1,20}[)）]\s*"),
    # 2020年5月14日 08:30
    (
        r"(?:(?:发布|發布|发表|發表|更新)(?:时间|時間|[于於])?[：:]?\s*)?\d{4}[年/.-]\d{1,2}[月/.-]\d{1,2}日?(?:\s*(?:星期|[周週])[一二三四五六日天])?"
        r"(?:\s*\d{1,2}:\d{2}(?::\d{2})?)?\s+(?=\S)"
    ),
    # Newsletters , 某某 2019年5月28日 0 Minutes
    (r"[^。！？.!?]{0,120}?(?:\d{4}年\d{1,2}月\d{1,2}日\s+){1,2}\d{1,3}\sMinutes?\s+(?=\S)"),
    (r"[(（]未(?:验证|驗證)[)）]\s*"),
    # Jane Doe 在 星期五, 03/28/2014 - 11:49 提交
    (
        r"\S.{0,30}? 在 (?:星期|[周週])[一二三四五六日天], [\d/]+ - [\d:]+ 提交\s+(?:\S+\.(?:jpe?g|png|gif|webp)\s+)?(?=\S)"
    ),
)
_SENTENCE = r"""[\[(（【<«“"•\-–—\s]*(?:
        continue\ reading|read\ (?:more|on\b|the\ (?:full|whole|rest|original)|full|also|next)|keep\ reading|more\ read\ more
        |click\ (?:here|to|on\ the)|tap\ (?:here|to)|see\ also\b|also\ read\b|related\ (?:stories|articles|posts|coverage)?:|more\ (?:on\ this|from)\ (?:story|us|this)
        |did\ you\ click\ to|(?:or\ |please\ |you\ can\ (?:also\ )?(?:download\ .{1,40}\bor\ )?)?subscribe\ (?:to|in|on|via|now|here|today)\b|you\ can\ (?:also\ )?(?:follow|listen\ to|support|sign\ up)\b|sign\ up\ (?:for|to|here|now)|sign\ in\ to|log\ in\ to|register\ (?:now|here|to)
        |follow\ (?:us|me|him|her|@\w|along\ on)|like\ us\ on|share\ this|join\ (?:us\ on|our\ (?:newsletter|mailing|telegram|whatsapp|channel))|tell\ us\ in\ the
        |leave\ a\ (?:comment|reply)|comments?[\s.:!]*$|view\ (?:comments|fullsize|the\ full)|listen\ (?:to\ this|on\ |now)|watch:|listen:|video:|download\ (?:our|the)\ app
        |get\ (?:the\ latest|our\ |breaking\ news\ (?:alerts|in))|support\ (?:our\ (?:work|journalism)|independent)|donate\ (?:now|here|today)|become\ a\ (?:member|patron|subscriber)
        |(?:this|our)\ (?:episode|podcast|post|newsletter|show|issue)\ (?:is|was)\ (?:sponsored|brought\ to\ you|supported\ by)|sponsored\ (?:by|post|content)|brought\ to\ you\ by
        |save\ \$?\d.{0,60}\bcode\b|(?:use|promo|discount|coupon)\ (?:the\ )?(?:promo\ |coupon\ |discount\ )?code\ |affiliate\ links?|as\ an\ amazon\ associate
        |this\ (?:article|story|post|piece|report|essay)\ (?:was\ |has\ been\ |is\ )?(?:first|originally|adapted|republished|updated|part\ of|also\ appear|appeared)
        |(?:a|an\ earlier|another)\ version\ of\ this\ (?:article|story|post|piece|essay)|this\ is\ a\ (?:developing|breaking)\ (?:news\ )?story
        |the\ post\ .{1,200}\ (?:appeared\ first|first\ appeared)\ on|.{1,200}\ (?:appeared\ first|first\ appeared)\ on\ [A-Z][\w.\ ]{1,40}\.?$|originally\ published|republished\ (?:with|from|by)
        |(?:photo(?:graph)?|image|picture|illustration|graphic|cover\ photo|featured\ image|video|screenshot|credit|source|via|tags?|filed\ under|categor(?:y|ies)|topics)(?:\ (?:credit|source|copyright|caption|by|courtesy))?:
        |photo(?:graph)?s?\ (?:by|courtesy)\ |image\ (?:via|courtesy)|©|\(c\)\ |copyright\ (?:©|\(c\)|\d{4})|all\ rights\ reserved|terms\ (?:and\ conditions|of\ (?:use|service))|privacy\ policy
        |advertisement[\s.:]*$|\[?ad\]?$|disclaimer\b|disclosure:|editor['’]s\ note|note\ to\ (?:readers|editors)|corrections?:|correction\ appended|for\ more\ (?:information|details|on|stories|news)\b|for\ full\ coverage
        |(?-i:[Bb]y\ [A-Z][\w.'’-]+\ [A-Z][\w.'’-]+(?:\ [A-Z][\w.'’-]+)?)[.,]?$|\(?reporting\ by\ |\(?(?:editing|writing|compiled|edited|written)\ by\ |additional\ reporting|with\ (?:reporting|files)\ (?:by|from)
        |(?:article|comments)\ url:|submitted\ by\ |permalink|trackback|points:\ \d|please\ (?:enable|turn\ on)\ javascript|(?:enable\ )?javascript\ (?:is|must)|we\ use\ cookies|this\ site\ uses\ cookies
        |weiterlesen|mehr\ (?:lesen|dazu)|lesen\ sie|lire\ (?:la\ suite|aussi|l['’])|leia\ (?:mais|também)|leer\ más|seguir\ leyendo|leggi\ (?:tutto|anche|su)|continua\ a\ leggere|lees\ (?:verder|meer)|читать\ (?:далее|дальше|полностью)|続きを読む|もっと読む
        |阅读(?:全文|原文|更多)|閱讀(?:全文|原文|更多)|继续阅读|繼續閱讀|[点點][击擊](?!率|量)|查看(?:全文|更多|原文)|更多(?:内容|內容|精彩|资讯|資訊|[详詳]情)|[详詳][见見情](?:请|請|[:：]|$)|展[开開]全文|看更多|延伸[阅閱][读讀]|相[关關](?:新[闻聞][:：]|[阅閱][读讀])
        |[责責]任?[编編](?:辑|輯)?[:：\s]|原[标標][题題]|[编編]者按|作者[简簡]介|本文作者|本文(?:仅|僅)?(?:代表|首[发發]|[转轉](?:自|[载載])|[来來]自|[来來]源|系|由|原[载載]|授[权權])|文章[来來]源|本[报報](?:记者|記者)\s?[\u3400-\u9fff]{2,4}[\s。]*$
        |(?:文|图|圖|编辑|編輯|记者|記者|作者|来源|來源|[摄攝]影?|供[图圖]|校[对對]|[审審]核|[图圖]源|[图圖]片(?:[来來]源)?|[标標][签籤]|[关關][键鍵][词詞]|[声聲]明|免[责責][声聲]明|版[权權](?:[声聲]明|所有))\s*[：:/／丨｜︱]
        |转载请|轉載請|未[经經](?:授[权權]|[许許]可)|欢迎(?:关注|订阅|转发)|歡迎(?:關注|訂閱|轉發|追蹤)|[关關]注(?:公[众眾][号號]|我们|我們|微信)|[扫掃](?:描|码|碼)|[长長]按|(?:微信)?公[众眾][号號][\s:：]|[订訂][阅閱](?:我们|我們|本)|[购購][买買]地址|[请請]支持|打[赏賞]|[记記]得(?:点|點|按)[赞讚]
    )"""
_CUT_SHORT = re.compile(r"\s*(?:\[\s*(?:…|\.{2,}|&hellip;)\s*\]|\(\s*(?:…|\.{3})\s*\)|\.{3,}|…+)\s*$")
_ENDINGS = re.compile(
    # With a capital, which the text's own “must continue reading” has not, or after the end of a sentence.
    r"(?<=\s)(?:(?:Continue [Rr]eading|(?:More )?Read [Mm]ore|Read [Ff]ull [Aa]rticle|Keep [Rr]eading)\b[^.!?。]{0,80}[.!?…»>→]*$"
    r"|(?<=[.!?…”’)\]]\s)(?i:continue reading|read more|keep reading)\b[^.!?。]{0,80}[.!?…»>→]*$"
    r"|(?:∞\s*Permalink|ENDS|-30-|\#\#\#)$)"
    r"|[\[(（【](?:(?i:read more|more|continue reading|link|comments|video|photos?|ends?)|[详詳][细細情]|全文|(?:全文|本文|未)?完|[阅閱][读讀]全文)[\])）】]$"
    r"|[\[(（【]?(?:阅读全文|閱讀全文|继续阅读|繼續閱讀|查看全文|[阅閱][读讀]原文|[点點][击擊][阅閱查][读讀看](?:全文|原文|更多)?)[^。！？]{0,12}$"
    r"|[★☆◉◆■□●▲▼►▶∎⬥✦∞]+$"
)
_MAY_END = re.compile(r"[Rr]ead|READ|全文|原文|Permalink|[^\w\s.!?。！？”’\"'」』]$|ENDS$|-30-$")
"""What every ending has: most texts have none, and need no closer look."""
_GLUED = re.compile(r"[.!?](?=[A-Z][a-z])(?<=[a-z]{2}.)")
"""“in April.Previously”: where paragraphs lost what parted them."""
_PAIRS = (("“", "”"), ("「", "」"), ("『", "』"), ("（", "）"), ("(", ")"))
_OPENS = re.compile(r'["“「『（(]')
_LONGEST_QUOTATION = 3
"""Sentences that are kept together so that no quotation is torn."""
_MAY_BE_CUT = ("…", "..", "]", ")")
_LONGEST_ENDING, _LONGEST_CUT = 160, 24
_LETTER = re.compile(r"[^\W_]")


@cache
def _opening() -> re.Pattern[str]:
    """When it is first asked for: to compile it takes a good part of the time in which a command starts."""
    return re.compile("|".join(_OPENINGS))


@cache
def _of_no_story() -> re.Pattern[str]:
    return re.compile(_SENTENCE, re.VERBOSE | re.IGNORECASE)


def without_openings(text: str) -> str:
    """The text from its first own word."""
    start = 0
    while (found := _opening().match(text, start)) is not None:
        start = found.end()
    return text[start:]


def without_endings(text: str) -> str:
    text = text.rstrip()
    if not _MAY_END.search(text, max(0, len(text) - _LONGEST_ENDING)):
        return text
    found = _ENDINGS.search(text, max(0, len(text) - _LONGEST_ENDING))
    return text if found is None else text[: found.start()].rstrip()


def own_sentences(text: str, language: str | None) -> list[str]:
    """Its sentences without those that belong to no story, each as it stands there."""
    pieces = list(sentences(text, language))
    if _GLUED.search(text):
        pieces = list(_unglued(pieces))
    kept = [piece for piece in pieces if _LETTER.search(piece) and not _of_no_story().match(piece)]
    return list(_whole_quotations(kept)) if _OPENS.search(text) else kept


def is_cut(piece: str) -> bool:
    """By the feed: “… said it wo [...]” is no sentence."""
    end = piece.rstrip()[-_LONGEST_CUT:]
    return end.endswith(_MAY_BE_CUT) and _CUT_SHORT.search(end) is not None


def ends_itself(piece: str) -> bool:
    return is_whole(piece) and not is_cut(piece)


def with_ellipsis(text: str) -> str:
    """However a feed marks where it cut."""
    return _CUT_SHORT.sub("…", text)


def _unglued(pieces: Sequence[str]) -> Iterator[str]:
    for piece in pieces:
        start = 0
        for found in _GLUED.finditer(piece):
            yield piece[start : found.end()]
            start = found.end()
        yield piece[start:]


def _whole_quotations(pieces: Sequence[str]) -> Iterator[str]:
    """A quotation of several sentences is one piece, if it ends soon."""
    at = 0
    while at < len(pieces):
        taken = 1
        if _is_torn(pieces[at]):
            for more in range(2, _LONGEST_QUOTATION + 1):
                if at + more <= len(pieces) and not _is_torn("".join(pieces[at : at + more])):
                    taken = more
                    break
        yield "".join(pieces[at : at + taken])
        at += taken


def _is_torn(text: str) -> bool:
    if not _OPENS.search(text):
        return False
    return text.count('"') % 2 == 1 or any(text.count(opens) > text.count(closes) for opens, closes in _PAIRS)
