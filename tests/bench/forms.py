"""Forms as the bench invents them: what they say (the truth), before any format prints them.

A form depends on the seed and its numbers alone, so that a larger corpus begins with a smaller one. The words are of the
kind that published forms use; the family is Shanghai's of 2017 to 2020, whose sample stands in data/raw.
"""

import dataclasses
import random

CITIES = (
    "江城市 河口市 海门市 云岭市 桐山市 白水市 青田市 石桥市 长宁市 平湖市 临川市 东港市 安溪市 南屏市 北仓市 西陵市 "
    "瑞昌市 宜春市 永康市 兰溪市 龙泉市 衡阳市 泰和市 建德市 新沂市 高邮市 金坛市 昆阳市 丹徒市 武进市 嘉善市 德清市"
).split()
DISTRICTS = ["", "城东区", "城西区", "高新区", "滨江区", "开发区", "新城区", "湖滨区"]
BUREAUS = (
    "科学技术协会 教育局 卫生健康委员会 文化和旅游局 水务局 生态环境局 农业农村局 民政局 档案局 体育局 市场监督管理局 "
    "人力资源和社会保障局 交通运输局 应急管理局 退役军人事务局 总工会 妇女联合会 气象局 统计局 审计局 林业局 司法局 "
    "住房和城乡建设局 城市管理局 医疗保障局 商务局 信访局 残疾人联合会 红十字会 地方志办公室 机关事务管理局 图书馆"
).split()
PURPOSES = "基层 市级 智慧 公共 重点 专项 社区 青少年 院士专家 信息化 城乡 国际 朱镕纪念 䶮湖".split()
THINGS = (
    "科普资源 政务服务平台 人才举荐 档案数字化 环境监测 医疗救助 文化活动 防灾减灾 水利设施 食品抽检 就业培训 体育场馆 "
    "社会组织 决策咨询 网站 校舍 泵站 防火巡护"
).split()
WORKS = ["建设", "运维", "推进与服务", "维修项目", "工作经费", "改造（二期）", "综合管理", "能力提升", "补助", "交流与合作"]
CATEGORIES = ["其他一次性项目", "经常性项目", "信息化项目", "修缮项目", "政策性补贴项目"]
TYPES = ["其他类", "信息化建设类", "修缮改造类", "政府购买服务类"]

TITLE = "财政项目支出绩效目标表"
PRIOR = "本项目上年度市级财政资金使用情况"
LEVELS = ["一级目标", "二级目标", "三级目标", "指标目标值"]
LABELS = {
    "overview": "项目概况：",
    "legal_basis": "立项依据：",
    "necessity": "项目设立的必要性：",
    "safeguards": "保证项目实施的制度、措施：",
    "implementation_plan": "项目实施计划：",
    "overall_goal": "总目标及阶段性目标：",
}

# What an indicator may be: its classes, its name, and what its target may be: {} is a number.
INDICATORS = [
    ("投入与管理", "投入管理", ("预算编制合理性", "合理"), ("预算执行率", "={}%"), ("预算资金到位率", "=100%")),
    ("投入与管理", "财务管理", ("财务管理制度健全性", "健全"), ("财务监控有效性", "有效"), ("资金使用规范性", "规范")),
    ("投入与管理", "实施管理", ("项目管理制度健全性", "健全"), ("合同管理完备性", "完备"), ("政府采购规范性", "规范")),
    ("产出目标", "数量", ("设备购置数量（个）", "={}"), ("培训人数（人次）", "≥{}"), ("编印资料数量（册）", "≥{}"),
     ("巡查次数（次）", "={}"), ("维护站点数量（处）", "={}")),
    ("产出目标", "质量", ("验收合格率", "≥{}%"), ("项目质量可控性", "可控"), ("设备完好率", "={}%")),
    ("产出目标", "时效", ("完成及时率", "={}%"), ("工作完成时限（天）", "≤{}")),
    ("效果目标", "社会效益", ("受益群众覆盖率", "≥{}%"), ("公民科学素质提升", "提升"), ("安全事故下降率", ">{}%")),
    ("效果目标", "满意度", ("群众满意度", "≥{}%"), ("服务对象满意度", "={}%")),
    ("影响力目标", "长效管理", ("长效管理制度健全性", "健全"), ("后续管护到位率", "={}%")),
    ("影响力目标", "人力资源", ("人员到岗率", "=100%"), ("培训考核通过率", "≥{}%")),
]
OPERATORS = {"=": "=", "≥": ">=", "≤": "<=", ">": ">"}

SENTENCES = [
    "计划全年开展{a}场次活动，覆盖{b}人次，惠及{c}个街道和乡镇",
    "由{city}牵头，联合{bureau}等单位成立工作小组，明确职责分工，定期召开例会研究解决实施中的问题",
    "项目资金实行专款专用、专账核算，严格按照批复的预算和合同约定支付，投入{money}万元",
    "近年来，随着服务对象对相关工作的要求不断提高，原有的设施和手段已经难以满足实际需要",
    "第一季度完成需求调研和方案论证，第二季度完成采购，第三季度组织实施，第四季度组织验收和总结",
    "通过项目的实施，进一步提升公共服务的水平，营造良好的社会氛围，为高质量发展提供有力支撑",
    "对{a}个站点的设备进行检查、校准和更换，保证全年正常运行时间不低于{p}%",
    "建立健全内部控制制度，聘请第三方机构对项目进行跟踪评价，评价结果作为下一年度安排预算的依据",
    "编印宣传资料{b}册，制作短片{a}部，在报刊、广播、电视和网络等媒体上集中宣传",
    "根据上年度的执行情况，结合本年度的工作重点，经办公会议集体研究后确定本项目的内容和规模",
    "加强对承接单位的管理和考核，考核结果与经费拨付挂钩，确保各项任务按照时间节点保质保量完成",
    "组织专家对成果进行评审，形成研究报告{a}篇，提出可供决策参考的意见和建议",
]
CITED = [
    "《中华人民共和国预算法》", "《中华人民共和国科学技术普及法》", "《中华人民共和国政府采购法》", "《政府购买服务管理办法》",
    "《国务院关于深化预算管理制度改革的决定》（国发〔2014〕{a}号）", "《中共中央 国务院关于全面实施预算绩效管理的意见》（中发〔2018〕34号）",
    "《关于推进城乡公共服务均等化的若干意见》（国办发〔{year}〕{a}号）", "《市级部门预算项目支出管理暂行办法》",
]


@dataclasses.dataclass
class Indicator:
    """A row of the table of indicators, each level filled down."""

    level1: str
    level2: str
    name: str
    target: str
    operator: str | None
    value: float | None
    unit: str | None


@dataclasses.dataclass
class Form:
    """What a form says: texts as they are printed, and beside them what they mean."""

    number: int
    year: int
    organisation: str
    project_name: str
    project_category: str
    dates: tuple[str, str]
    government_purchase: bool
    performance_type: str
    amounts: list[str]
    sections: dict[str, str]
    indicators: list[Indicator]

    def facts(self, source):
        """What a reader of the form has to find in it."""
        money = [round(float(amount.replace(",", "")), 2) if amount else None for amount in self.amounts]
        return {
            "source": source,
            "form_number": self.number,
            "fiscal_year": self.year,
            "organisation": self.organisation,
            "project_name": self.project_name,
            "project_category": self.project_category,
            "start_date": self.dates[0],
            "end_date": self.dates[1],
            "government_purchase": self.government_purchase,
            "performance_type": self.performance_type,
            **dict(zip(("total_budget_yuan", "annual_budget_yuan", "prior_budget_yuan", "prior_executed_yuan"), money)),
            **self.sections,
            "indicators": [list(dataclasses.astuple(indicator)) for indicator in self.indicators],
        }


def target(random_, name, pattern):
    """A target as printed, its operator, its value and its unit."""
    if "{}" not in pattern and "%" not in pattern:
        return pattern, None, None, None
    if "{}" in pattern:
        number = random_.randrange(60, 101) if "%" in pattern else random_.randrange(2, 900)
    else:
        number = 100
    unit = "%" if "%" in pattern else name[name.index("（") + 1 : -1]
    return pattern.format(number), OPERATORS[pattern[0]], float(number), unit


def indicators(random_):
    found = []
    for level1, level2, *choices in INDICATORS:
        for name, pattern in choices:
            if random_.random() < 0.45:
                found.append(Indicator(level1, level2, name, *target(random_, name, pattern)))
    # No form is without an output.
    if not any(indicator.level1 == "产出目标" for indicator in found):
        name = "设备购置数量（个）"
        at = sum(indicator.level1 == "投入与管理" for indicator in found)
        found.insert(at, Indicator("产出目标", "数量", name, *target(random_, name, "={}")))
    return found


def sentence(random_, pattern, organisation):
    values = {
        "a": random_.randrange(3, 90),
        "b": random_.randrange(100, 90_000),
        "c": random_.randrange(3, 40),
        "p": random_.randrange(90, 100),
        "money": f"{random_.randrange(100, 90_000) / 100:.2f}",
        "city": organisation,
        "bureau": random_.choice(BUREAUS),
    }
    return pattern.format(**values)


def section(random_, field, organisation, year, sentences):
    if field == "legal_basis":
        cited = random_.sample(CITED, min(len(CITED), 1 + sentences // 2))
        listed = (f"{number}.{text.format(a=random_.randrange(1, 90), year=year - 1)}" for number, text in enumerate(cited, 1))
        return "；".join(listed) + "。"
    count = max(1, sentences + random_.randrange(-sentences // 3, sentences // 3 + 1))
    chosen = random_.sample(SENTENCES, min(count, len(SENTENCES)))
    return "".join(sentence(random_, pattern, organisation) + "。" for pattern in chosen)


def amounts(random_):
    """The whole and the year's part of it; of the year before what was planned and what was spent, if there was one."""
    found = []
    for may_be_absent in (False, True):
        if may_be_absent and random_.random() < 0.4:
            return found + ["", ""]
        whole = random_.randrange(20, 99_999) * 100
        if random_.random() < 0.2:
            whole += random_.randrange(100) / 100
        part = whole if random_.random() < 0.7 else round(whole * random_.randrange(20, 100) / 100, 2)
        found += [f"{value:,.2f}".removesuffix(".00") for value in (whole, part)]
    return found


def document(seed, number, forms, sentences, year=None):
    """The forms of a document: one organisation, one year. Its projects come again in other years."""
    places = len(CITIES) * len(DISTRICTS) * len(BUREAUS)
    place = number % places
    year = year or 2017 + (number // 7 + number // places) % 10
    organisation = CITIES[place % 32] + DISTRICTS[place // 32 % 8] + BUREAUS[place // 256]
    random_ = random.Random(f"{seed} {number}")
    projects = random.Random(f"{seed} projects {place}")
    names = [(p, t) for p in PURPOSES for t in THINGS]
    projects.shuffle(names)
    for form_number in range(1, forms + 1):
        purpose, thing = names[(form_number - 1) % len(names)]
        whole_year = random_.random() < 0.6
        start = (1, 1) if whole_year else (random_.randrange(1, 7), random_.randrange(1, 29))
        end = (12, 31) if whole_year else (random_.randrange(7, 13), random_.randrange(1, 29))
        yield Form(
            number=form_number,
            year=year,
            organisation=organisation,
            project_name=f"{purpose}{thing}{projects.choice(WORKS)}",
            project_category=random_.choice(CATEGORIES),
            dates=(f"{year}-{start[0]:02}-{start[1]:02}", f"{year}-{end[0]:02}-{end[1]:02}"),
            government_purchase=random_.random() < 0.25,
            performance_type=random_.choice(TYPES),
            amounts=amounts(random_),
            sections={field: section(random_, field, organisation, year, sentences) for field in LABELS},
            indicators=indicators(random_),
        )


def heading(form):
    """The lines above the table."""
    return [TITLE, f"({form.year}年度)", f"申报单位名称：{form.organisation}"]


def pairs(form):
    """The rows of labels and values that stand above and below the sections."""
    purchase = "是" if form.government_purchase else "否"
    above = [
        ("项目名称：", form.project_name, "项目类别：", form.project_category),
        ("计划开始日期：", form.dates[0], "计划完成日期：", form.dates[1]),
        ("是否含有政府购买服务：", purchase, "绩效类型：", form.performance_type),
    ]
    below = [
        ("项目总预算（元）：", form.amounts[0], "项目当年预算（元）：", form.amounts[1]),
        ("同名项目上年预算额（元）：", form.amounts[2], "同名项目上年预算执行数（元）：", form.amounts[3]),
    ]
    return above, below


def printed_levels(form):
    """For each indicator its two levels as they are printed: where one goes on, None."""
    before = (None, None)
    for indicator in form.indicators:
        level1 = indicator.level1 if indicator.level1 != before[0] else None
        level2 = indicator.level2 if level1 or indicator.level2 != before[1] else None
        before = (indicator.level1, indicator.level2)
        yield level1, level2


def spans(form):
    """For each indicator how many rows its two levels span, 0 where they go on."""
    printed = list(printed_levels(form))
    for index in range(len(printed)):
        heights = []
        for level in (0, 1):
            height = 0
            if printed[index][level] is not None:
                height = 1
                while index + height < len(printed) and printed[index + height][level] is None:
                    height += 1
            heights.append(height)
        yield tuple(heights)


def table(form):
    """The rows of the form as they stand in a table of four columns: cells of (text, columns, rows), without those that
    one above covers."""
    above, below = pairs(form)

    def plain(cells):
        return [(cell, 1, 1) for cell in cells]

    rows = [plain(cells) for cells in above]
    rows += ([(label, 1, 1), (form.sections[field], 3, 1)] for field, label in LABELS.items())
    rows += [[(PRIOR, 4, 1)], *map(plain, below), [(f"{form.year}年绩效目标", 4, 1)], plain(LEVELS)]
    for heights, indicator in zip(spans(form), form.indicators):
        levels = zip((indicator.level1, indicator.level2), heights)
        rows.append([(level, 1, height) for level, height in levels if height] + plain([indicator.name, indicator.target]))
    return rows


def placed(rows):
    """Cells of a table as (row, column, text, columns, rows)."""
    hanging = [0] * 4
    for number, row in enumerate(rows):
        column = 0
        for text, width, height in row:
            while hanging[column] > number:
                column += 1
            yield number, column, text, width, height
            for covered in range(column, column + width):
                hanging[covered] = number + height
            column += width
