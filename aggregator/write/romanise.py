"""Whether a name in Latin letters is how Chinese characters are read: pinyin, Wade–Giles as Taiwan writes it, and the
usual Cantonese forms of Hong Kong.

A reading is looked for in the sources' characters rather than made of them: a name has one spelling in the briefing, and a
character many. Two and more syllables in a row are taken for a name; one alone only where it is a family's.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from functools import cache, lru_cache

from aggregator.write.words import fold_word

_FAMILIES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林罗高郑梁谢宋唐许韩邓冯曹彭曾肖田董潘袁蔡蒋余于杜叶程魏苏吕丁任卢姚沈钟姜崔谭陆范汪廖石金韦贾夏付方邹熊白孟秦邱侯江尹"
    "薛闫阎段雷龙黎史陶贺毛郝顾龚邵万覃武钱戴严莫孔向汤温康施文牛樊葛邢安齐易乔伍庞颜倪庄聂章鲁岳翟殷詹申欧耿关兰焦俞左柳甘祝包宁尚符舒阮柯纪梅童凌毕单季裴霍涂成苗谷"
    "盛曲翁冉骆蓝路游辛靳管柴蒙鲍华喻祁蒲房滕屈饶解牟艾尤阳时穆农司卓古吉缪简车项连芦麦褚娄窦戚岑景党宫费卜冷晏席卫米柏宗瞿桂全佟应臧闵苟邬边卞姬师和仇栾隋商刁沙荣巫寇桑郎甄丛仲"
    "虞敖巩明佘池查麻苑迟邝官封谈匡鞠惠荆乐冀郁胥南班储原栗燕楚鄢谌劳奚皮粟蔺楼盘满闻位厉伊仝区郜海阚花权强帅屠豆朴盖练廉禹井祖漆巴丰支卿国狄平计索宣晋相初门云容敬来扈晁芮都普阙浦"
    "戈伏鹿薄邸雍辜羊阿乌母裘亓修邰赫杭况那宿鲜印逯隆茹诺战慕危玉银亢嵇公哈湛宾戎勾茅利於呼居揭干但尉冶斯元束檀衣信展阴昝智幸奉植衡富尧闭由习栗"
)
_TWO_CHARACTERS = (
    "欧阳",
    "司马",
    "上官",
    "诸葛",
    "司徒",
    "夏侯",
    "皇甫",
    "东方",
    "尉迟",
    "公孙",
    "慕容",
    "令狐",
    "长孙",
    "宇文",
    "端木",
)
_CANTONESE = """
陈chan 张cheung 章cheung 黄wong 王wong 汪wong 李lee 李li 林lam 梁leung 吴ng 伍ng 何ho 周chow 周chau 刘lau 曾tsang 杨yeung 郭kwok 冯fung 谭tam 邓tang
麦mak 叶ip 叶yip 朱chu 许hui 许hsu 罗lo 卢lo 郑cheng 蔡choi 蔡tsoi 袁yuen 阮yuen 彭pang 苏so 关kwan 罗law 方fong 温wan 尹wan 区au 欧au 潘poon 萧siu 肖siu 谢tse
吕lui 雷lui 赵chiu 陆luk 莫mok 石shek 徐tsui 徐chui 崔tsui 杜to 邱yau 余yu 余yue 姚yiu 马ma 黎lai 赖lai 胡wu 胡woo 曹tso 唐tong 汤tong 宋sung 孙suen 孙sun 沈shum 钟chung
江kong 甘kam 金kam 霍fok 简kan 简gan 郎long 史sze 施sze 司sze 徒to 任yam 文man 万man 侯hau 韦wai 魏wai 严yim 高ko 古koo 顾koo 顾ku 毛mo 巫mo 翁yung 容yung 卓cheuk 邝kwong
邵shiu 邵shaw 程ching 董tung 戴tai 白pak 白bak 洪hung 熊hung 孔hung 倪ngai 区ou 丘yau 游yau 招chiu 岑shum 岑sham 骆lok 陶to 屈wat 葛kot 潘pun 凌ling 龙lung 列lit
家ka 嘉ka 超chiu 超chiu 英ying 振chun 振tsun 月yuet 娥ngor 娥ngo 华wah 华wa 荫yam 权kuen 建kin 健kin 国kwok 强keung 志chi 智chi 之chi 锋fung 峰fung 伟wai 惠wai 慧wai 明ming 文man 民man
永wing 荣wing 颖wing 咏wing 德tak 成shing 胜sing 诚shing 新sun 辉fai 平ping 宝po 保po 珠chu 玉yuk 玲ling 丽lai 美mei 仪yee 怡yee 儿yee 宜yee 兆shiu 少siu 小siu 秀sau 淑suk 芳fong 芬fan
玮wai 君kwan 杰kit 洁kit 俊chun 浩ho 豪ho 好ho 汉hon 康hong 庭ting 婷ting 廷ting 庆hing 兴hing 卿hing 清ching 正ching 贞ching 静ching 敬king 景king 经king 安on 恩yan 仁yan 欣yan 茵yan 贤yin
然yin 燕yin 贻yee 以yee 义yee 儀yee 耀yiu 瑶yiu 炳ping 灿chan 添tin 天tin 田tin 铁tit 达tat 泽chak 择chak 子tsz 梓tsz 紫tsz 芷tsz 思sze 诗sze 树shu 书shu 心sum 琛sum 深sham 森sum
世sai 细sai 西sai 诚sing 城shing 星sing 升sing 声sing 松chung 忠chung 聪chung 宗chung 中chung 仲chung 东tung 彤tung 同tung 童tung 冬tung 通tung 启kai 佳kai 楷kai 其kei 奇kei 基kei 纪kei 祺kei
坚kin 敏man 曼man 雯man 勉min 绵min 棉min 绵min 波bor 柏pak 伯pak 发fat 富fu 福fuk 服fuk 海hoi 凯hoi 开hoi 可hor 贺hor 河hor 学hok 鹤hok 霞ha 夏ha 红hung 雄hung 鸿hung 孝hau 厚hau 乐lok
洛lok 立lap 力lik 良leung 亮leung 量leung 莲lin 连lin 练lin 灵ling 菱ling 龄ling 禄luk 六luk 绿luk 龙lung 隆lung 伦lun 联luen 鸾luen 銮luen 茂mau 梅mui 妹mui 雅nga 牙nga 毅ngai 艺ngai
安ngon 南nam 男nam 念nim 年nin 宁ning 培pui 沛pui 佩pui 贝pui 朋pang 鹏pang 霈pui 生sang 倩sin 善sin 先sin 仙sin 雪suet 顺shun 纯shun 信shun 淳shun 水shui 瑞shui 守sau 寿sau 绍siu 笑siu
顺seun 大tai 泰tai 太tai 贵kwai 桂kwai 光kwong 广kwong 坤kwan 均kwan 昆kwan 群kwan 钧kwan 军kwan 娟kuen 涓kuen 娜na 展chin 前chin 钱chin 战chin 哲chit 卓cheuk 祖cho 楚cho 初cho 曹cho 作chok
颂chung 崇sung 崧sung 翠chui 随chui 维wai 威wai 怀wai 为wai 唯wai 云wan 韵wan 运wan 允wan 宏wang 弘wang 和wo 湖wu 护wu 日yat 一yat 逸yat 溢yat 业yip 意yee 旋suen 宣suen 远yuen 源yuen 元yuen
圆yuen 苑yuen 婉yuen 润yun 月yuet 悦yuet 越yuet 宇yu 雨yu 如yu 裕yu 瑜yu 有yau 友yau 佑yau 幼yau 尤yau 由yau 勇yung 蓉yung 容yung 庸yung 用yung 旭yuk 育yuk 郁yuk
"""
_SYLLABLE = re.compile(r"^(zh|ch|sh|[bpmfdtnlgkhjqxrzcsyw]?)(.*)$")
_LONGEST = 40
"""Letters of a name."""
_LEAST = 2
"""Syllables that are a name without more ado."""


def is_reading(tokens: Sequence[str], runs: Iterable[str]) -> bool:
    """Whether these words are read so in one of the runs of (simplified) characters: as one name, family first or last."""
    spelled = [re.sub(r"[^a-z]", "", fold_word(token)) for token in tokens]
    if not all(spelled) or sum(map(len, spelled)) > _LONGEST:
        return False
    texts = tuple(runs)
    if len(spelled) == 1:
        return _alone(spelled[0], texts)
    orders = ["".join(spelled)]
    orders.append(spelled[-1] + "".join(spelled[:-1]))
    return any(_found(letters, texts, family=True) for letters in orders)


def _alone(letters: str, texts: tuple[str, ...]) -> bool:
    """Beijing and Keqiang are read anywhere; Li is where a family is called so."""
    return _found(letters, texts, family=False) or any(
        letters in readings(sign) for text in texts for sign in text if sign in _FAMILIES
    )


def _found(letters: str, texts: tuple[str, ...], *, family: bool) -> bool:
    for text in texts:
        for place, sign in enumerate(text):
            if family and sign not in _FAMILIES and text[place : place + 2] not in _TWO_CHARACTERS:
                continue
            if _reads(text, place, letters, 0):
                return True
    return False


def _reads(text: str, place: int, letters: str, count: int) -> bool:
    """Whether the characters from there on are read as these letters, to the last one."""
    if not letters:
        return count >= _LEAST
    if place == len(text):
        return False
    return any(
        letters.startswith(one) and _reads(text, place + 1, letters[len(one) :], count + 1)
        for one in readings(text[place])
    )


@lru_cache(maxsize=8192)
def readings(sign: str) -> frozenset[str]:
    """In lower case, without tones, hyphens and apostrophes."""
    pinyin = {plain for said in _pinyin().get(ord(sign), "").split(",") if said for plain in _toneless(said)}
    return frozenset({*pinyin, *(form for one in pinyin for form in _wade_giles(one)), *_cantonese().get(sign, ())})


def _toneless(said: str) -> Iterator[str]:
    parts = unicodedata.normalize("NFD", said)
    letters = "".join(part for part in parts if part.isascii() and part.isalpha())
    yield letters
    if "\u0308" in parts:  # ü
        yield from (letters.replace("u", other) for other in ("v", "yu"))


@cache
def _pinyin() -> dict[int, str]:
    from pypinyin.pinyin_dict import pinyin_dict

    return pinyin_dict


@cache
def _cantonese() -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for sign, said in re.findall(r"(\S)([a-z]+)", _CANTONESE):
        found[sign] = (*found.get(sign, ()), said)
    return found


_INITIALS = {
    "b": "p",
    "d": "t",
    "g": "k",
    "zh": "ch",
    "j": "ch",
    "q": "ch",
    "x": "hs",
    "z": "ts",
    "c": "ts",
    "r": "j",
}
_WHOLE: dict[str, tuple[str, ...]] = {
    said.split()[0]: tuple(said.split()[1:])
    for said in (
        *("zhi chih", "chi chih", "shi shih", "ri jih", "zi tzu", "ci tzu", "si szu ssu", "er erh", "e o eh"),
        *("ge ko ke", "ke ko ke", "he ho he", "yi i yi", "you yu", "ying ing ying", "yin in yin", "yan yen", "ye yeh"),
        *("yong yung", "yue yueh", "gui kuei", "kui kuei"),
    )
}
_FINALS = {"ong": "ung", "ian": "ien", "ie": "ieh", "ue": "ueh", "uo": "o", "ui": "ui", "iong": "iung"}


@lru_cache(maxsize=1024)
def _wade_giles(pinyin: str) -> tuple[str, ...]:
    """Without the marks that nobody sets; the several forms that are in use."""
    if pinyin in _WHOLE:
        return _WHOLE[pinyin]
    found = _SYLLABLE.match(pinyin)
    assert found is not None, "it matches everything"
    initial, final = found.groups()
    if final == "uo" and initial in {"g", "k", "h"}:
        return (f"{_INITIALS.get(initial, initial)}uo",)
    return (f"{_INITIALS.get(initial, initial)}{_FINALS.get(final, final)}",)


def families() -> str:
    """The characters that families are called by."""
    return _FAMILIES
