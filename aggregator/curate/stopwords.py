"""Words that say nothing of what a text is about."""

ENGLISH = frozenset(
    ["a", "about", "above", "after", "again", "against", "all", "also", "am", "an", "and", "any", "are", "as", "at", "be", "because", "been", "before", "being", "below", "between", "both", "but", "by", "can", "could", "did", "do", "does", "doing", "down", "during", "each", "few", "for", "from", "further", "had", "has", "have", "having", "he", "her", "here", "hers", "him", "his", "how", "i", "if", "in", "into", "is", "it", "its", "just", "like", "may", "me", "might", "more", "most", "must", "my", "new", "no", "nor", "not", "now", "of", "off", "on", "once", "one", "only", "or", "other", "our", "out", "over", "own", "per", "said", "same", "say", "says", "she", "should", "so", "some", "such", "than", "that", "the", "their", "them", "then", "there", "these", "they", "this", "those", "through", "to", "too", "two", "under", "until", "up", "upon", "us", "very", "was", "we", "were", "what", "when", "where", "which", "while", "who", "whom", "why", "will", "with", "within", "without", "would", "year", "years", "you", "your", "amid", "among", "day", "days", "week", "weeks", "month", "months", "told", "report", "reports", "reported", "according", "latest", "news", "s", "t"]
)

CHINESE = frozenset(
    ["这个", "一个", "我们", "他们", "表示", "进行", "报道", "记者", "消息", "今天", "昨天", "日前", "目前", "已经", "可以", "以及", "对于", "因为", "所以", "但是", "如果", "没有", "不是", "就是", "还是", "或者", "其中", "同时", "根据", "关于", "有关", "相关", "其他", "这些", "那些", "什么", "如何", "为何", "认为", "指出", "称为", "新闻", "据报"]
)
