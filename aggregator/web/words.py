"""Our own few words on the pages that only a server can give, in the languages that a publication may be in."""

from collections.abc import Mapping

from aggregator.publish.labels import chosen

_ENGLISH = {
    "leave_title": "Unsubscribe",
    "leave_ask": "Do you want to stop getting {title} by e-mail?",
    "leave": "Unsubscribe",
    "left_title": "You are unsubscribed",
    "left": "{title} no longer comes to you by e-mail.",
    "left_undo": "Was it a mistake?",
    "undo": "Subscribe again",
    "back_title": "You are subscribed again",
    "back": "{title} comes to you again, from its next edition on.",
    "yours_title": "Your subscription",
    "yours": "You get these newsletters by e-mail:",
    "yours_none": "You get no newsletter by e-mail.",
    "unknown_title": "This link does not work",
    "unknown": "It may have been cut in two on its way, or belong to a subscription that is no more. The link at the end of the newest letter that you got is the one to use.",
    "join_title": "Get it by e-mail",
    "join_mail": "Write to us, and we put you on the list of readers:",
    "join_none": "The people who make this publication put you on the list of readers: ask them. Meanwhile, every newsletter can be read here and followed as a feed.",
    "join_which": "There are:",
    "missing_title": "There is no such page",
    "missing": "Perhaps the address was mistyped, or the page is no more.",
    "wrong_title": "This cannot be answered",
    "wrong": "What was sent here is not what this page understands. Nothing was changed.",
    "broken_title": "Something went wrong",
    "broken": "The mistake is ours, and nothing was changed. Please try again in a few minutes.",
}

_SIMPLIFIED = {
    "leave_title": "退订",
    "leave_ask": "您确定不再通过电子邮件接收《{title}》吗？",
    "leave": "退订",
    "left_title": "退订成功",
    "left": "我们不会再向您发送《{title}》。",
    "left_undo": "操作有误？",
    "undo": "重新订阅",
    "back_title": "已恢复订阅",
    "back": "从下一期起，您将重新收到《{title}》。",
    "yours_title": "您的订阅",
    "yours": "您目前通过电子邮件接收：",
    "yours_none": "您目前没有接收任何邮件简报。",
    "unknown_title": "链接无效",
    "unknown": "链接可能在传送时被截断，或所属的订阅已不存在。请使用最近一封邮件末尾的链接。",
    "join_title": "用电子邮件订阅",
    "join_mail": "请给我们写信，我们会把您加入读者名单：",
    "join_none": "读者名单由本刊编者管理，请与他们联系。各份简报也可以在本站阅读，或用阅读器订阅。",
    "join_which": "现有简报：",
    "missing_title": "页面不存在",
    "missing": "网址可能有误，或该页面已被移除。",
    "wrong_title": "无法处理该请求",
    "wrong": "本页面无法理解收到的内容，没有作任何更改。",
    "broken_title": "出错了",
    "broken": "这是我们的问题，没有作任何更改。请过几分钟再试。",
}

_TRADITIONAL = {
    "leave_title": "退訂",
    "leave_ask": "您確定不再透過電子郵件接收《{title}》嗎？",
    "leave": "退訂",
    "left_title": "退訂成功",
    "left": "我們不會再向您寄送《{title}》。",
    "left_undo": "操作有誤？",
    "undo": "重新訂閱",
    "back_title": "已恢復訂閱",
    "back": "從下一期起，您將重新收到《{title}》。",
    "yours_title": "您的訂閱",
    "yours": "您目前透過電子郵件接收：",
    "yours_none": "您目前沒有接收任何郵件簡報。",
    "unknown_title": "連結無效",
    "unknown": "連結可能在傳送時被截斷，或所屬的訂閱已不存在。請使用最近一封郵件末尾的連結。",
    "join_title": "用電子郵件訂閱",
    "join_mail": "請寫信給我們，我們會把您加入讀者名單：",
    "join_none": "讀者名單由本刊編者管理，請與他們聯繫。各份簡報也可以在本站閱讀，或用閱讀器訂閱。",
    "join_which": "現有簡報：",
    "missing_title": "頁面不存在",
    "missing": "網址可能有誤，或該頁面已被移除。",
    "wrong_title": "無法處理該請求",
    "wrong": "本頁面無法理解收到的內容，沒有作任何更改。",
    "broken_title": "出錯了",
    "broken": "這是我們的問題，沒有作任何更改。請過幾分鐘再試。",
}


def words(language: str) -> Mapping[str, str]:
    return chosen(language, english=_ENGLISH, simplified=_SIMPLIFIED, traditional=_TRADITIONAL)
