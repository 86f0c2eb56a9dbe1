"""Texts that speak to whoever reads them by machine: orders to a language model, the marks of its dialogues, its own phrases.

A source in which such a thing stands is not given to a model at all; an answer in which it stands is not shown. No list of
phrases is complete: what gets past this one is still data in the question, and its answer is verified as any other.
"""

import re
import unicodedata

from aggregator.write.words import simplified

_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0"
    "\ufff9-\ufffb\U000e0000-\U000e0fff\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]"
)
_SPACES = re.compile(r"\s+")

_READERS = r"(?:ai|a\.i\.|llms?|(?:large )?language models?|(?:ai )?assistants?|chat ?bots?|chatgpt|gpt|summari[sz]ers?|ai (?:models?|systems?|agents?))"
_ANSWERS = r"(?:answer|summary|summaries|response|reply|output|briefing)"
_ORDERS = (
    # to forget what was said before
    (
        r"\b(?:ignor|disregard|forget|overrid|bypass|discard)\w*\b[^.!?]{0,30}\b(?:previous|prior|above|earlier|preceding|foregoing|system|your|these"
        r"|initial|original)\b[^.!?]{0,20}\b(?:instructions?|prompts?|rules?|directions?|guidelines?|commands?|orders?|context|messages?|constraints?|tasks?|text)\b"
    ),
    r"\b(?:ignor|disregard|forget|overrid|bypass|discard)\w*\s+(?:all|any|every|the)\b[^.!?]{0,20}\b(?:instructions?|prompts?)\b",
    r"\b(?:new|updated|real|actual)\s+(?:system\s+)?(?:instructions?|prompts?)\s*(?::|follow)",
    r"\b(?:system|developer)\s+(?:prompt|message|instructions?)\b|\b(?:hidden|initial)\s+prompts?\b|\bhidden instructions?\b",
    # to be somebody else, and to whom it is said
    (
        r"\b(?:you are|you're|act as|pretend to be|roleplay as|behave as)\s+(?:now\s+)?(?:an?|the|my|in)\s+[^.!?]{0,30}"
        r"\b(?:ai|assistant|model|chat ?bot|bot|llm|gpt|dan|developer mode|summari[sz]er|writer|editor)\b"
    ),
    rf"\b(?:dear|hello|hey|attention|note to|if you are|you are)\s*,?\s+(?:an?\s+|the\s+|any\s+|all\s+)?{_READERS}\b",
    rf"\b(?:to\s+)?(?:any|all|every)\s+{_READERS}\s+(?:reading|processing|that reads?|who reads?|summari[sz]ing|must|should|please)\b",
    # what to answer
    (
        r"(?:^|[\n.!?。！？:;\"“(]\s*|\bplease,?\s+|\byou (?:should|will|must|shall|are to|need to|have to)\s+|\binstead,?\s+|\bnow,?\s+|\bonly\s+)"
        r"(?:respond|reply|answer|output|write|print|say|return|repeat|append|insert|include|add|start|end|begin)\b[^.!?\n]{0,40}"
        r"\b(?:only|exactly|verbatim|nothing but|the following|(?:the|these|this) (?:phrase|words?|sentence|text))\b"
    ),
    rf"\b(?:in|of|to|with|from|at the (?:end|start|beginning) of) (?:your (?:final |next )?{_ANSWERS}|the (?:summary|briefing))\b[^.!?\n]{{0,40}}\b(?:write|say|add|include|insert|mention|state|append)\b",
    rf"\b(?:write|say|add|include|insert|mention|state|append|put)\b[^.!?\n]{{0,80}}\b(?:in|to|into) your {_ANSWERS}\b",
    r"\b(?:do not|don't|never) (?:summari[sz]e|mention|reveal|disclose|use) (?:this|these|the (?:above|article|text|system))\b",
    # what models say of themselves
    r"\bas an? (?:ai|artificial intelligence|large language|language)(?: language)? (?:model|assistant)\b",
    r"\bi(?:'m| am|’m) (?:sorry|unable to|an ai|a language model)\b|\bi (?:cannot|can't|can’t|can not|won't) (?:help|assist|comply|fulfil|provide|summari)",
    r"\b(?:jailbreak|prompt injection|developer mode enabled)\b",
    # the marks of their dialogues
    (
        r"<\|[^|>\n]{1,40}\|>|\[/?(?:INST|SYS|SYSTEM|ASSISTANT|USER)\]|<</?SYS>>"
        r"|</?(?:system|assistant|user|instructions?|prompt|tool_call|function_call|think|sources?)>"
    ),
    r"(?:^|\s)#{2,}\s*(?:system|instructions?|assistant|user|human|response|task)\b",
    r"(?:^|[\n.!?。！？]\s*)(?:system|assistant|user|human|developer|指令|系统|助手|用户)\s*[:：]",
    r"""\{\s*["']?(?:role|content|sentences|messages|tool_calls|function)["']?\s*:|```""",
    # the same in Chinese, simplified
    (
        r"(?:忽略|无视|忘记|忘掉|不要理会|不用理会|抛开|绕过|不要遵守|不要遵循)[^。！？]{0,6}(?:之前|以前|先前|前面|以上|上面|上述|此前|所有|一切|任何|你的|原有|系统)"
        r"[^。！？]{0,10}(?:指令|指示|提示|要求|规则|设定|命令|限制|约束|内容|说明|任务|对话)"
    ),
    r"(?:系统|初始|隐藏)(?:提示词|指令)|新(?:的)?(?:提示词|指令)[:：]|提示词注入|越狱模式|开发者模式",
    r"(?:你(?:现在)?是|你将扮演|请(?:你)?扮演|假装你?是)(?:一个|一名|一位)?[^。！？]{0,12}(?:人工智能|ai|助手|机器人|语言模型|大模型|编辑助理)",
    r"作为(?:一个|一名|一款)?(?:ai|人工智能)?(?:语言模型|大模型|大语言模型|助手)[,，我]",
    r"(?:致|告|请)?(?:所有|各位|任何|正在阅读[^。！？]{0,6}的)(?:ai|人工智能|语言模型|大模型|大语言模型|智能助手|摘要程序)(?:请|必须|应当|们|[:：,，])",
    r"(?:请|你|您|务必|只需|只能)[^。！？]{0,10}(?:输出|回复|回答|返回|写上|写道|写|照抄|复述|插入|附上|加上|说)[^。！？]{0,16}(?:以下|下面|如下|下列|这句|这段|这一句)",
    r"(?:请|你|您|务必)[^。！？]{0,10}(?:在|于)?(?:你的|您的)?(?:摘要|简报|总结|回答|答案|输出)(?:中|里|末尾|结尾|开头)?[^。！？]{0,10}(?:写|加|插|包含|提到|注明|声称|改为|说)",
    r"(?:把|将)[^。！？]{0,30}(?:作为|当作|写进|写入|放进|放入|加入)(?:你的|您的)?(?:摘要|简报|总结|回答|答案|输出)",
    r"(?:不要|不得|禁止|切勿)(?:总结|概括|摘要|提及|透露)(?:本文|上文|以上|这篇|该文)",
)
_APART = re.compile(r"(?<![^\W\d_])(?:[^\W\d_][ .·_-]){3,}[^\W\d_](?![^\W\d_])")
_BETWEEN = re.compile(r"[ .·_-]")
_TO_MACHINES = re.compile("|".join(f"(?:{one})" for one in _ORDERS), re.IGNORECASE)


def visible(text: str) -> str:
    """Without what nobody sees: controls, direction marks, tags, signs without width."""
    return _INVISIBLE.sub("", text)


def spoken_to_machines(text: str) -> str | None:
    """The passage that does so, as it stands once what is invisible is gone and look-alike forms are folded."""
    plain = unicodedata.normalize("NFKC", visible(text))
    found = _TO_MACHINES.search(plain) or _TO_MACHINES.search(_folded(plain))
    return _SPACES.sub(" ", found[0]).strip() if found else None


def _folded(text: str) -> str:
    """Traditional characters as simplified, letters that are set apart together (i g n o r e)."""
    return simplified(_APART.sub(lambda match: _BETWEEN.sub("", match[0]), text))


def has_invisible(text: str) -> bool:
    return _INVISIBLE.search(text) is not None
