"""Invented names of people, places and institutions. None of them is meant to be anybody."""

from __future__ import annotations

from random import Random

DIVISIONS = {
    "150402": "红山区",
    "150403": "元宝山区",
    "150404": "松山区",
    "150421": "阿鲁科尔沁旗",
    "150422": "巴林左旗",
    "150423": "巴林右旗",
    "150424": "林西县",
    "150425": "克什克腾旗",
    "150426": "翁牛特旗",
    "150428": "喀喇沁旗",
    "150429": "宁城县",
    "150430": "敖汉旗",
}

_SURNAMES = (
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯"
    "于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏"
)
_GIVEN = (
    "安宁和泽清远明志文博雅静思源书涵嘉怡欣然子轩佳琪慧敏建国玉兰春梅海燕立新永强晓东丽华国栋秀英振宇雪峰"
)
_MONGOLIAN = (
    "巴图",
    "乌日娜",
    "其其格",
    "那顺",
    "图雅",
    "额尔敦",
    "萨仁",
    "苏日娜",
    "朝鲁",
    "阿古拉",
    "塔娜",
    "宝音",
    "格日勒",
    "青格乐",
    "娜仁",
    "哈斯",
)
_AUSPICIOUS = (
    "安和",
    "同泽",
    "博仁",
    "惠康",
    "德源",
    "瑞宁",
    "明济",
    "景和",
    "广仁",
    "润民",
    "恒安",
    "秉德",
    "颐年",
    "泰和",
    "益寿",
    "庆余",
    "存仁",
    "嘉禾",
    "延龄",
    "福民",
)
_PLACES = (
    "青石",
    "云岭",
    "白桦",
    "柳河",
    "红泉",
    "松岗",
    "清水",
    "沙柳",
    "榆树",
    "石桥",
    "东岭",
    "南湾",
    "北沟",
    "长胜",
    "兴隆",
    "向阳",
    "和顺",
    "金沟",
    "银河",
    "双井",
    "新华",
    "乌兰",
    "查干",
    "哈达",
    "塔拉",
)


def person(random: Random) -> str:
    """Return an invented name."""
    if random.random() < 0.12:  # noqa: PLR2004 - about one person in eight has a Mongolian name.
        return "".join(random.sample(_MONGOLIAN, 1 if random.random() < 0.7 else 2))  # noqa: PLR2004
    given = "".join(random.choice(_GIVEN) for _ in range(1 if random.random() < 0.25 else 2))  # noqa: PLR2004
    return random.choice(_SURNAMES) + given


def institution(random: Random, level: str, division: str, taken: set[str]) -> str:
    """Return an invented name, not yet `taken`, for an institution of this level in this division."""
    while True:
        name = _name_of(random, level, DIVISIONS[division])
        if name not in taken:
            taken.add(name)
            return name


def _name_of(random: Random, level: str, place: str) -> str:
    word, village = random.choice(_AUSPICIOUS), random.choice(_PLACES)
    if level == "hospital":
        return f"{place}{word}{random.choice(('医院', '中医院', '妇幼医院', '蒙医医院'))}"
    if level == "health_centre":
        return f"{place}{village}{random.choice(('镇', '乡', '苏木'))}卫生院"
    if level == "village_clinic":
        return f"{place}{village}{random.choice('东西南北中上下')}村卫生室"
    return f"{place}{word}{random.choice(('大药房', '药店', '医药'))}{random.choice('一二三四五六七八九')}店"
