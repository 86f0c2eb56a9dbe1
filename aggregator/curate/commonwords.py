"""Words that are in many a headline: they say something of what it is about, but not which event it tells.

A new installation has no archive that would tell it so. Written down by us, by what newspapers write about.
"""

_ENGLISH = """
    able accept access accident accuse act action actual add admit adorable adult adviser afghanistan afp africa
    african age agency agree agreement aid aim air allege allow almost already always amazing amazon america american
    analysis anniversary announce answer anyone anything ap apparently appeal appear apple approve april area argue
    around arrest art asia asian ask attack attempt attention august australia author avoid award away awesome baby
    back bad ban bank base battle beat beautiful become begin behind beijing benefit best better beyond bid big bill
    billion birth birthday black blame block blog blood blue board body book boost border boss boston box boy break
    breaking bring britain british brother budget build building bush business buy california call campaign canada
    cancel car care career case cash cause celebrate celebrity center central centre ceo chair challenge chance change
    charge check chicago chief child children china chinese choose christmas church citizen city civil claim class
    clean clear climate clinton close club coach coast cold college come coming comment committee common community
    company compare competition concern conference confirm conflict consider control cost council country couple
    course court cover crazy create creative crime crisis critic critical culture cup customer cut dad daily damage
    dance danger dark data date daughter day dead deal death debate debt decade december decide decision deep defend
    defense delay demand democracy democrat democratic deny department design despite detail develop development die
    diet difference different difficult digital dinner director discover discuss disease dog dollar door double draw
    dream dress drive drop drug early earn easter easy eat economic economy edition education effect effort eight
    election emerge emergency employee end energy england english enough enter entire epic episode escape europe
    european event ever every everyday everyone everything evidence exclusive executive exist expand expect experience
    expert explain expose eye face facebook fact fail fake fall family famous fan far fashion fast father favorite
    fear feature february federal feel feeling female fight figure file film final finale finally find finding fine
    fire firm first five fix flight florida focus follow food football force foreign forget form former forward found
    four france free freedom french fresh friday friend full fun fund funny future gain game garden gas gay general
    german germany get gets getting giant gift girl give global go goal goes going gold good google government great
    green ground group grow growth guest guide gun guy hair half halloween hand happen happiness happy hard hate head
    health healthy hear heart heat heavy help hero hey high higher hilarious history hit hold holiday home honor hope
    horse hospital host hot hour house huge human humanity hundred hurt husband idea image impact important improve
    include increase independent india indian industry inside inspire instagram instead insurance interest
    international internet interview invest investigate investigation investment investor iran iraq israel issue italy
    item january japan japanese job join journey judge july jump june justice keep key kid kill king kiss know
    knowledge korea lack lady land large last late launch law lawmaker lawsuit lawyer lead leader leading leak learn
    leave left legal less lesson let letter level lie life lift light like limit line link list listen little live
    living local london long look lose loss lost lot love low lower lunch machine major make making male man manager
    march mark market marriage marry mass match matter maybe mean media medical meet meeting member memory men mental
    message mexico microsoft middle military million mind minister minute miss mission mistake model modern mom moment
    moments monday money month morning moscow mother mothers move movement movie multiple murder music mystery myth
    name nation national natural nature near nearly need network never night nine nobody north nothing november number
    obama october offer office officer official old one online open operation opinion opportunity oppose option order
    organization original others ourselves outside owner pack page pain pakistan paper parent parents park part
    partner party pass past patient pay peace people percent perfect perform performance perhaps period person
    personal phone photo photos pick picture piece place plan plane plant play player please plot plus point police
    policy politic political poll pool poor popular position possible post potential pound power powerful prepare
    present president press pressure pretty prevent preview price prime prince prison private problem process produce
    product production professional profit program project promise protect protest prove provide public publish pull
    push put quarter question quick quit quote race raise range rank rate reach react read reader ready real reality
    really reason reasons recall recap receive recent recipe record recover red reduce reform refuse region reject
    relation relationship release religion remain remember remind remove replace report republican require rescue
    research researcher resign response rest restaurant result return reuters reveal review rich ride right rise risk
    road rock role room roundup rule rumor run rush russia russian sad safe safety sale saturday save scandal scene
    school science scientist score screen sea search season seat second secret secretary security see seek seen sell
    senate senator send senior sense september series serious serve service set seven sex sexual shape share sharp
    ship shock shoot shooting shop short shot show shut sick side sign signal simple sing single sister site situation
    six size skin sleep slow small smart social society soldier solution somebody someone something sometimes son song
    soon soul sound source south space spain speak special speech speed spend spirit spiritual sport spot spread
    spring staff stage stake stand standard star start state statement station stay step stick stock stop store storm
    story strategy street stress strike strong student study stuff stunning style success successful sue suffer
    suggest suit summer sunday super supply support sure surge surprise survey survive suspect sweet syria system
    table take talk talking target task tax teach teacher team tech technology teen television tell ten term terror
    test texas text thank thanks themselves theory thing things think third thought thousand threat threaten three
    thursday time tiny tip title today together tokyo tomorrow tonight top total totally touch tough tour toward
    towards town toy track trade tradition traffic trailer train training travel treat treatment trend trial trillion
    trip trouble true truly trump trust truth try tuesday turkey turn tv twice twitter two type uk ukraine understand
    understanding union unique unit united university update upset urge use user usual valentine value vehicle version
    victim victory video view violence visit voice vote voter wait wake walk wall want war warn washington watch water
    way weak weapon wear weather web website wedding wednesday weekend weight weird welcome well west white whole wife
    wild win wind winner winter wire wisdom wish without woman women wonder wonderful word work worker world worry
    worst worth wound write writer wrong yard yes yesterday yet yoga york young youth youtube zone
    """

_CHINESE = """
    一步 万人 万元 上升 上半 上海 上涨 下跌 下降 不断 专家 世界 中国 中央 主席 主要 举办 举行 书记 事故 互联 交通 产业 产品 人权 人民 亿元 今年 价格 企业 会见 会议 会谈 体育 促进 信息 健康 儿童
    党委 全国 全球 全面 公司 公布 关税 关系 再次 军事 军队 农村 冠军 减少 出口 出现 分析 创新 判处 利润 制造 加强 加快 北京 医生 医院 半年 协会 卫生 历史 去年 反对 发展 发布 发现 发生 发言 受伤
    召开 可能 台湾 台风 合作 启动 员会 呼吁 和平 回应 国家 国防 国际 图片 地区 地方 地震 城市 基金 增加 增长 处理 处罚 外交 外长 多个 大学 失败 失踪 女子 女性 委员 媒体 嫌疑 季度 学校 学生 学者
    孩子 安全 完成 官员 官方 宣布 家庭 导弹 导致 居民 工业 工作 工程 左右 市场 市民 干部 平台 年度 应该 建设 开始 引发 影响 总理 总统 患者 情况 成为 成功 成本 成立 战争 战略 手机 扩大 批评 技术
    投票 投资 抗议 报告 担忧 拘留 持续 推出 推动 推进 提出 提升 提高 支持 收入 改革 政府 政策 救援 教育 数据 文化 新增 旅游 日本 时间 明年 暴雨 最新 月份 服务 机场 机构 权利 检察 正式 步伐 死亡
    比赛 民主 民众 民币 汽车 法律 法案 法院 洪水 活动 消费 游客 火灾 爆炸 父母 犯罪 环保 环境 球队 生产 生活 电影 男子 男性 疫情 病例 百分 直播 相关 省份 研发 研究 确诊 社会 科技 第一 第二 管理
    组织 经济 结束 继续 网络 美元 美国 群众 老人 考试 联网 股市 股票 能源 自由 航班 艺术 被捕 要求 视频 言人 警告 警察 警方 计划 讨论 议会 议员 记者 访问 评论 调查 谴责 贸易 超过 达到 进一 进口
    选举 通报 通知 造成 逮捕 遇难 部分 部长 部门 采访 重大 重要 金融 铁路 银行 销售 问题 集团 需要 青年 韩国 音乐 项目 领导 首次 香港 高铁
    """

ENGLISH = tuple(_ENGLISH.split())
CHINESE = tuple(_CHINESE.split())
