"""Words that say nothing of what a text is about."""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


ENGLISH = _words(
    """
    a about above according after again against all also am amid among an and any are as at be because been before
    being below between both but by can could day days did do does doing down during each few for from further had
    has have having he her here hers him his how i if in into is it its just latest like may me might month months
    more most must my new news no nor not now of off on once one only or other our out over own per report reported
    reports s said same say says she should so some such t than that the their them then there these they this those
    through to told too two under until up upon us very was we week weeks were what when where which while who whom
    why will with within without would year years you your
    """
)

CHINESE = _words(
    """
    一个 不是 为何 什么 今天 他们 以及 但是 关于 其中 其他 可以 同时 因为 如何 如果 对于 就是 已经 我们 或者 所以 报道 指出 据报 新闻 日前 昨天 有关 根据 没有 消息 目前 相关 称为 表示 认为
    年 月 日 号 时 分 记者 还是 这个 这些 进行 那些
    """
)
