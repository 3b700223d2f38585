"""Names as they are spread among people: some surnames are borne by very many; given names are short."""

import random

SURNAMES = (
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧"
    "程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏"
)
GIVEN = (
    "伟芳娜敏静秀丽强磊军洋勇艳杰娟涛明超霞平刚桂英华文辉力玲红飞"
    "鹏波斌宇浩凯健俊帆雷帅旭宁龙林欢阳佳云洁梅素琴金建国"
)
_WEIGHTS = [1 / (rank + 1) ** 0.7 for rank in range(len(SURNAMES))]


def name_by(chance: random.Random) -> str:
    """Return a name drawn by chance."""
    [surname] = chance.choices(SURNAMES, _WEIGHTS)
    return surname + "".join(chance.choices(GIVEN, k=chance.choice((1, 2, 2, 2))))
