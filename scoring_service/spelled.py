"""Names by their sound: the pinyin of a name, syllable by syllable, as people type it.

A character is read as it is read in names. Of those that are read in several ways every way is a spelling: a surname
has its own reading first, and whoever types the common one finds the person too. What has no reading (Mongolian, a
character newer than the table) is left out; Latin letters and figures stand for themselves.
"""

from __future__ import annotations

import os
import re
from functools import lru_cache
from itertools import islice, product

# One name is kept in so many spellings at most.
MOST_SPELLINGS = 8

_PIECES = re.compile(r"[a-z]+|[0-9]+|.", re.DOTALL)
_SURNAMES_OF_TWO = {
    "万俟": ("mo", "qi"),
    "单于": ("chan", "yu"),
    "尉迟": ("yu", "chi"),
    "澹台": ("tan", "tai"),
    "长孙": ("zhang", "sun"),
}


def _table(text: str) -> dict[str, tuple[str, ...]]:
    lines = (line.split() for line in text.split(";"))
    return {character: tuple(readings) for character, *readings in lines}


# Read otherwise as a surname than in words, by the first character of a name.
_SURNAMES = _table(
    "么 yao me; 乐 yue le; 乜 nie mie; 仇 qiu chou; 佴 nai er; 区 ou qu; 单 shan dan; 卜 bu; 句 gou ju; "
    "召 shao zhao; 员 yun yuan; 宓 mi fu; 宿 su xiu; 尉 wei yu; 折 she zhe; 晟 cheng sheng; 曾 zeng ceng; "
    "朴 piao pu; 柏 bai bo; 查 zha cha; 洗 xian xi; 牟 mou mu; 盖 ge gai; 盛 sheng cheng; 祭 zhai ji; "
    "种 chong zhong; 秘 bi mi; 粘 nian zhan; 繁 po fan; 缪 miao mou; 翟 zhai di; 薄 bo bao; 行 xing hang; "
    "褚 chu zhu; 覃 qin tan; 解 xie jie; 谌 chen shen; 郇 xun huan; 郗 xi chi; 都 du dou; 重 chong zhong; "
    "长 zhang chang; 阚 kan; 隗 wei kui; 黑 he hei"
)
# Read in several ways in given names and in the names of places.
_ELSEWHERE = _table(
    "乐 le yue; 仔 zai zi; 会 hui kuai; 俟 si qi; 勒 le lei; 厦 xia sha; 参 can shen; 大 da dai; 奇 qi ji; "
    "娜 na nuo; 尉 wei yu; 强 qiang jiang; 晟 sheng cheng; 曾 zeng ceng; 朝 chao zhao; 柏 bai bo; "
    "瑱 zhen tian; 盛 sheng cheng; 省 sheng xing; 茜 qian xi; 莞 guan wan; 藏 zang cang; 行 xing hang; "
    "都 du dou; 重 zhong chong; 长 chang zhang; 阿 a e; 隽 jun juan; 靓 liang jing; 颉 jie xie"
)


def spelled(folded: str) -> list[tuple[str, ...]]:
    """Return the spellings of a name that is folded (written.as_found), each as its syllables; none without a sound.

    The first one is the most likely. A syllable is a reading in pinyin without its tone, `v` for ü, or a run of Latin
    letters or of figures.
    """
    sounding = [readings for readings in _syllables(folded) if readings]
    return list(islice(product(*sounding), MOST_SPELLINGS)) if sounding else []


def _syllables(folded: str) -> list[tuple[str, ...]]:
    if surname := _SURNAMES_OF_TWO.get(folded[:2]):
        return [(syllable,) for syllable in surname] + [_readings(piece) for piece in _PIECES.findall(folded[2:])]
    pieces: list[str] = _PIECES.findall(folded)
    read = [_readings(piece) for piece in pieces]
    return [_SURNAMES.get(piece, read[0]) for piece in pieces[:1]] + read[1:]


@lru_cache(maxsize=50_000)
def _readings(piece: str) -> tuple[str, ...]:
    """Return how a character or a run of letters is read, the most likely first; nothing for what has no reading."""
    if piece.isascii():
        return (piece,) if piece.isalnum() else ()
    if piece in _ELSEWHERE:
        return _ELSEWHERE[piece]
    reading = _usual(piece)
    if reading in {"lv", "nv"}:
        return reading, f"{reading[0]}u", f"{reading[0]}yu"
    return (reading,) if reading else ()


def _usual(character: str) -> str:
    """Return the first reading of a character in the table of pypinyin; nothing for one that it does not hold."""
    # Its 47,000 phrases tell nothing about names and take half a second and 40 MB.
    os.environ.setdefault("PYPINYIN_NO_PHRASES", "true")
    from pypinyin import lazy_pinyin  # noqa: PLC0415 -- whoever only asks needs no table.

    return "".join(lazy_pinyin(character, errors="ignore"))
