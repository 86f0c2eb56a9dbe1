"""Our own few words, in the languages that a publication may be in. All else on a page is the operator's or the sources'."""

from collections.abc import Mapping
from types import MappingProxyType

_ENGLISH = {
    "skip": "Skip to the stories",
    "home": "Front page",
    "sections": "Sections",
    "categories": "Categories",
    "categories_lead": "What the stories are about.",
    "editions": "Editions",
    "editions_lead": "The newsletters, number by number.",
    "feeds": "Feeds",
    "source": "Source",
    "sources": "Sources",
    "and_more": "and {count} more",
    "related": "Related postings",
    "continue_reading": "Continue reading",
    "read_here": "The story with all its sources",
    "copy_of": "Copy of the report by {source}",
    "all_of": "All of {title}",
    "story_one": "1 story",
    "story_many": "{count} stories",
    "edition_one": "1 edition",
    "edition_many": "{count} editions",
    "number": "No. {number}",
    "all_editions": "All editions of {title}",
    "no_stories": "No stories here yet.",
    "no_editions": "No edition has come out yet.",
    "empty": "Nothing has been published yet",
    "empty_reading": "We have begun to read our sources. The first stories will stand here as soon as they are in.",
    "follow": "Follow the feed to be told when they come.",
    "newest_of": "The newest {count} are shown.",
    "times_in": "Times are those of {zone}.",
    "colon": ": ",
    "comma": ", ",
}

_SIMPLIFIED = {
    "skip": "跳到正文",
    "home": "首页",
    "sections": "栏目",
    "categories": "分类",
    "categories_lead": "按主题浏览报道。",
    "editions": "往期简报",
    "editions_lead": "各份简报的历期存档。",
    "feeds": "订阅源",
    "source": "来源",
    "sources": "全部来源",
    "and_more": "另有{count}家",
    "related": "相关报道",
    "continue_reading": "继续阅读",
    "read_here": "本报道及其全部来源",
    "copy_of": "与{source}的报道内容相同",
    "all_of": "{title}全部报道",
    "story_one": "1篇报道",
    "story_many": "{count}篇报道",
    "edition_one": "1期",
    "edition_many": "{count}期",
    "number": "第{number}期",
    "all_editions": "{title}历期",
    "no_stories": "这里暂时没有报道。",
    "no_editions": "尚未出刊。",
    "empty": "暂时还没有内容",
    "empty_reading": "我们已经开始阅读各个来源，第一批报道整理好后就会出现在这里。",
    "follow": "订阅后，有新报道时您会第一时间收到。",
    "newest_of": "只显示最新的{count}篇。",
    "times_in": "时间均为{zone}时区。",
    "colon": "：",
    "comma": "，",
}

_TRADITIONAL = {
    "skip": "跳到正文",
    "home": "首頁",
    "sections": "欄目",
    "categories": "分類",
    "categories_lead": "按主題瀏覽報道。",
    "editions": "往期簡報",
    "editions_lead": "各份簡報的歷期存檔。",
    "feeds": "訂閱源",
    "source": "來源",
    "sources": "全部來源",
    "and_more": "另有{count}家",
    "related": "相關報道",
    "continue_reading": "繼續閱讀",
    "read_here": "本報道及其全部來源",
    "copy_of": "與{source}的報道內容相同",
    "all_of": "{title}全部報道",
    "story_one": "1篇報道",
    "story_many": "{count}篇報道",
    "edition_one": "1期",
    "edition_many": "{count}期",
    "number": "第{number}期",
    "all_editions": "{title}歷期",
    "no_stories": "這裏暫時沒有報道。",
    "no_editions": "尚未出刊。",
    "empty": "暫時還沒有內容",
    "empty_reading": "我們已經開始閱讀各個來源，第一批報道整理好後就會出現在這裏。",
    "follow": "訂閱後，有新報道時您會第一時間收到。",
    "newest_of": "只顯示最新的{count}篇。",
    "times_in": "時間均為{zone}時區。",
    "colon": "：",
    "comma": "，",
}

_TRADITIONAL_SUBTAGS = frozenset({"hant", "tw", "hk", "mo"})


def labels(language: str) -> Mapping[str, str]:
    """The words for a BCP 47 language; English where we do not have it."""
    primary, *subtags = language.lower().split("-")
    if primary != "zh":
        return MappingProxyType(_ENGLISH)
    traditional = "hans" not in subtags and not _TRADITIONAL_SUBTAGS.isdisjoint(subtags)
    return MappingProxyType(_TRADITIONAL if traditional else _SIMPLIFIED)
