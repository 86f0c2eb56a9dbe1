"""Words of many a headline: they say what kind of thing is told, not which event.

A new installation has no archive that would tell it so. Written down by us, by what newspapers write about; the pairs
of Chinese characters likewise.
"""


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


ENGLISH = _words(
    """
    abduct able accelerate accept access accident accord accuse acknowledge acquire acquisition acquit act action
    activist actor actress actual add admit adorable adult adviser afghanistan afp africa african aftershock age
    agency agree agreement aid aim air airbase aircraft airline airplane airport airstrike album algorithm allege
    allow almost already always amazing amazon ambassador amendment america american analysis analyst anniversary
    announce answer anyone anything ap apartment apologise apologize app apparently appeal appear apple application
    appoint approve april archaeologist archbishop area argue army around arrest art artificial artillery asia asian
    ask assault astronaut asylum attack attempt attention attorney audience august australia author avoid award away
    awesome baby back bad bail ballot ban band bank banker bankrupt bankruptcy barrel base baseball basketball
    battery battle beat beautiful become begin behind beijing benefit best bestseller better beyond bid big
    bilateral bill billion biography biologist birth birthday bishop black blame blast blaze blizzard block blog
    blood blue board boat body bomb bomber bombing bond book boost border borough boss boston box boy brace brand
    break breaking bribery bridge bring britain british broadband brother browser buddhist budget bug build building
    burglary bus bush business buy buyback buyout cabinet cable california call camera campaign campus canada cancel
    cancer candidate cannabis capsize car carbon care career carrier cartel case cash cast casualty catholic cause
    ceasefire celebrate celebrity censorship center central centre ceo chain chair challenge championship chance
    chancellor change charge check chicago chief child children china chinese chip chipmaker choose christian
    christmas church citizen city civil claim class classroom clean clear climate climb climber clinic clinton close
    cloud club coach coal coalition coast cocaine cold collapse college collision come coming comment committee
    commodity common community commuter company compare competition concern concert condo conference confirm
    conflict congress congressional consider console constitution constitutional consulate consumer contract control
    convict conviction copper corruption cost council country county coup couple course court cover crash crazy
    create creative credit creditor cricket crime crisis critic critical crude culture cup currency curriculum
    custody customer cut cyclone dad daily damage dance danger dark data date daughter day dead deal death debate
    debt decade december decide decision decree deep defeat defend defendant defender defense deficit deflation
    delay delegation demand democracy democrat democratic demonstration demonstrator demote deny department depth
    deputy derail derailment design designer desktop despite detail detain detective detention develop developer
    development device diabetes die diet difference different difficult digital dinner dinosaur dip diplomat
    director disaster discount discover discuss disease display dissident district diver dividend divorce dna doctor
    dog dollar door doping dose double dow download downtown draft draw dream dress drive driver drone drop drought
    drug early earn earnings earthquake ease easter easy eat economic economist economy ecosystem edge edition
    education effect effort eight election elephant embassy emerge emergency emission emmy employee encryption end
    endangered energy engaged engagement england english enough enter entire envoy epic epicenter epicentre epidemic
    episode equity eruption escape estimate euro europe european evacuate evacuation event ever every everyday
    everyone everything evidence exclusive executive exile exist expand expect experience expert explain explode
    explosion explosive export expose extend extremist eye face facebook fact factory fail fake fall family famous
    fan far fare farmer fashion fast fatal fatality father favorite fear feature february federal feel feeling
    female ferry festival fiber fibre fight figure file film final finale finally find finding fine fire firefighter
    firm first fisherman five fix flaw flight flood flooding florida focus follow food football force forecast
    foreign forget form former forward fossil found four france fraud free freedom french fresh friday friend ftse
    full fun fund funeral funny future futures gadget gain game gang garden gas gay gene general genetic german
    germany get gets getting giant gift girl give glacier global go goal goalkeeper goes going gold golf good google
    government governor graduate grammy great green greenhouse grenade ground group grow growth guest guide guilty
    gun gunman gunmen guy habitat hack hacker hail hair half halloween hand happen happiness happy hard hardware
    hate head health healthy hear hearing heart heat heatwave heavy heist helicopter help hero heroin hey high
    higher highway hiker hilarious hindu hint hire history hit hockey hold holiday home homeowner homer homicide
    honor honour hope horse hospital hospitalize host hostage hot hour house huge human humanity hundred hunter
    hurricane hurt husband idea image impact impeach import important improve inauguration include increase
    independent index india indian indict indictment industry infect infection inflation injure injury inmate inning
    inside insist inspire instagram instead insurance insurgent intelligence interest international internet
    interview invade invasion invest investigate investigation investment investor ipo iran iraq islamic israel
    issue italy item jail january japan japanese jet jewel jewellery jewelry jewish jihadist job join journey judge
    july jump june juror jury justice keep key kid kidnap kill kilometer kilometre king kiss knife know knowledge
    korea lack lady land landlord landslide lane lap laptop large last late launch launder law lawmaker lawsuit
    lawyer lay layoff lead leader leading league leak learn leave left legal legislation legislature lender less
    lesson let letter level lie life lift light like limit line link list listen listing little live living loan
    local london long look lose loss lost lot love low lower lunch machine mafia magnitude major make making male
    malware man manager manslaughter manufacturer marathon march marijuana mark market marriage marry mass match
    matter maybe mayor mean medal medalist media medical meet meeting member memoir memorial memory men mental merge
    merger message mexico microsoft middle midfielder migrant mile militant military million mind mine miner mining
    minister ministry minute miss missile missing mission mistake mobile mock model modern mom moment moments monday
    money month morning mortgage moscow mosque mother mothers motorist mountaineer mourn move movement movie
    mudslide mull multiple municipal murder music muslim mystery myth name nasdaq nation national natural nature
    naval navy near nearly need negotiate negotiation negotiator neighborhood neighbourhood network never night
    nikkei nine nobody nominate nomination nominee north notebook nothing novel november nuclear number nurse obama
    obesity obituary occupation occupy ocean october offensive offer office officer official oil old olympic
    olympics one online opec open operation operator opinion opportunity oppose opposition option orbit order
    organization original oscar others ourselves oust outage outbreak outlook output outside owner pack page pain
    pakistan pandemic paper parent parents park parliament parliamentary parole part partner party pass passenger
    password past patch patient pay peace pension people percent perfect perform performance perhaps period person
    personal phishing phone photo photos pick picture piece pill pilot pitcher place plan plane plant platform play
    player playoff plead please pledge plot plunge plus point police policy politic political poll pollution pool
    poor pope popular position possible post postpone potential pound power powerful praise prefecture pregnancy
    pregnant premier premiere prepare prescription present president press pressure pretty prevent preview price
    priest prime prince principal prison private problem process processor produce producer product production
    professional professor profit program project promise promote propose prosecution prosecutor protect protest
    protester prove provide province provincial public publish pull pupil push put quake qualifier quarantine
    quarter quarterback quarterfinal quarterly question quick quit quote race racing rail railroad railway rain
    rainfall raise rally range rank rape rapper rate reach react read reader ready real reality really realtor
    reason reasons rebel rebound recall recap receive receiver recent recession recipe record recover red reduce
    reef referee referendum reform refugee refuse region rehab reject relation relationship release religion remain
    remember remind remove rent replace report republican require rescue rescuer research researcher resident resign
    response rest restaurant restructure restructuring result resume retailer retire return reuters reveal revenue
    review rich richter ride ridership right riot rip rise risk road rob robber robbery robot robotics rock rocket
    role room roster roundup rubble rugby rule rumor run runway rush russia russian sad safe safety salary sale
    sanction satellite saturday save scandal scene scholarship school science scientist score scored screen sea
    search season seat second secret secretary security see seek seen seismic sell semifinal senate senator send
    senior sense sentence sentencing september sequel series serious serve server service set seven sex sexual shape
    share shareholder shark sharp sheriff ship shock shoot shooter shooting shop shopper short shot show shrink shut
    sick side siege sign signal silver simple sing singer single sink sister site situation six size skier skin slam
    sleep slide slip slow small smart smartphone smuggle snow soar soccer social society software soldier solution
    somebody someone something sometimes son song soon soul sound source south space spacecraft spain speak special
    species speech speed spend spirit spiritual spokesman spokesperson spokeswoman sport spot spread spring sprint
    stab stabbing stadium staff stage stake stand standard star starring start startup state statement station stay
    steal step stick stock stockholder stolen stop store storm story strategy stream streaming street stress strike
    striker stroke strong student study stuff stunning style suburb subway succeed success successful sue suffer
    suggest suit summer summit sunday super superintendent supplier supply support sure surfer surge surgeon surgery
    surplus surprise survey survive survivor suspect suspend suspension sweet swimmer symptom synagogue syria system
    table tablet take takeover talk talking tank tanker target tariff task tax taxi teach teacher team tech
    technology teen telecom telecommunication telescope television tell temple ten tenant tennis term terror
    terrorism terrorist test texas text thank thanks theft themselves theory therapy thief thing things think third
    thought thousand threat threaten three thursday ticket time tiny tip title today together tokyo toll tomorrow
    tonight top tornado total totally touch touchdown tough tour tournament tout toward towards town township toy
    track trade tradition traffic trafficking trailer train training tram transfer transit travel treasury treat
    treatment treaty tremor trend trial tribunal tribute trillion trip troop trouble truce truck true truly trump
    trust truth try tsunami tuesday tuition tumble tumor tumour tunnel turkey turn tv twice twitter two type typhoon
    uk ukraine understand understanding union unique unit united university unveil update upgrade upload upset
    uranium urge use user usual vaccination vaccine valentine value vatican vehicle verdict version vessel veto
    victim victory video view village violence virus visit voice volcano vote voter vow vulnerability wage wait wake
    walk wall want war warn washington watch water way weak weapon wear wearable weather web website wedding
    wednesday weekend weigh weight weird welcome well west whale white whole wife wild wildfire wildlife win wind
    winner winter wire wireless wisdom wish without witness woman women wonder wonderful word work worker workforce
    world worry worship worst worth wound wreck wreckage write writer wrong yard yen yes yesterday yet yield yoga
    york young youth youtube yuan zone
    """
)

CHINESE = _words(
    """
    一步 万人 万元 上升 上半 上海 上涨 下跌 下降 不断 专家 世界 中国 中央 主席 主要 举办 举行 书记 事故 互联 交通
    产业 产品 人权 人民 亿元 今年 价格 企业 会见 会议 会谈 体育 促进 信息 健康 儿童 党委 全国 全球 全面 公司 公布
    关税 关系 再次 军事 军队 农村 冠军 减少 出口 出现 分析 创新 判处 利润 制造 加强 加快 北京 医生 医院 半年 协会
    卫生 历史 去年 反对 发展 发布 发现 发生 发言 受伤 召开 可能 台湾 台风 合作 启动 员会 呼吁 和平 回应 国家 国防
    国际 图片 地区 地方 地震 城市 基金 增加 增长 处理 处罚 外交 外长 多个 大学 失败 失踪 女子 女性 委员 媒体 嫌疑
    季度 学校 学生 学者 孩子 安全 完成 官员 官方 宣布 家庭 导弹 导致 居民 工业 工作 工程 左右 市场 市民 干部 平台
    年度 应该 建设 开始 引发 影响 总理 总统 患者 情况 成为 成功 成本 成立 战争 战略 手机 扩大 批评 技术 投票 投资
    抗议 报告 担忧 拘留 持续 推出 推动 推进 提出 提升 提高 支持 收入 改革 政府 政策 救援 教育 数据 文化 新增 旅游
    日本 时间 明年 暴雨 最新 月份 服务 机场 机构 权利 检察 正式 步伐 死亡 比赛 民主 民众 民币 汽车 法律 法案 法院
    洪水 活动 消费 游客 火灾 爆炸 父母 犯罪 环保 环境 球队 生产 生活 电影 男子 男性 疫情 病例 百分 直播 相关 省份
    研发 研究 确诊 社会 科技 第一 第二 管理 组织 经济 结束 继续 网络 美元 美国 群众 老人 考试 联网 股市 股票 能源
    自由 航班 艺术 被捕 要求 视频 言人 警告 警察 警方 计划 讨论 议会 议员 记者 访问 评论 调查 谴责 贸易 超过 达到
    进一 进口 选举 通报 通知 造成 逮捕 遇难 部分 部长 部门 采访 重大 重要 金融 铁路 银行 销售 问题 集团 需要 青年
    韩国 音乐 项目 领导 首次 香港 高铁
    """
)
