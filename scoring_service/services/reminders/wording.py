"""What a reminder says: that something waits, how much of which kind, and where; Chinese first, English beside."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from scoring_service.core.reminding import Matter, MessageKind
from scoring_service.terms import MATTERS, chinese, english

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_SERVICE = "医保支付资格管理 / Payment eligibility"


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A message as it is read: `subject` holds both languages, the texts one each."""

    subject: str
    text: str
    text_en: str

    @property
    def whole(self) -> str:
        """Both texts, as an e-mail has them."""
        return f"{self.text}\n\n----\n\n{self.text_en}\n"


def letter_of(kind: MessageKind, counts: Mapping[str, int], *, code: str | None, console: str, minutes: int) -> Letter:
    """Return what a message says; a code is of use for so many minutes."""
    if kind is MessageKind.CODE:
        return _of_code(code or "", minutes)
    return _of_waiting(counts, console)


def _of_code(code: str, minutes: int) -> Letter:
    return Letter(
        subject=f"{chinese(_SERVICE)}：验证码 / {english(_SERVICE)}: your code",
        text=f"{chinese(_SERVICE)}：您的验证码是 {code}，{minutes} 分钟内有效。如果不是您本人操作，请忽略。",
        text_en=f"{english(_SERVICE)}: your code is {code}, of use for {minutes} minutes. "
        "If it was not you who asked for it, ignore this.",
    )


def _of_waiting(counts: Mapping[str, int], console: str) -> Letter:
    total = sum(counts.values())
    noun = "matter waits" if total == 1 else "matters wait"
    return Letter(
        subject=f"{chinese(_SERVICE)}：{total} 件事项待办 / {english(_SERVICE)}: {total} {noun}",
        text="\n".join(
            [
                f"{chinese(_SERVICE)}：有 {total} 件事项等您办理。",
                *_lines(counts, chinese, "："),
                f"请登录查看：{console}",
                "本消息不含个人信息。不需要提醒的，请在“我的账号”中关闭。",
            ]
        ),
        text_en="\n".join(
            [
                f"{english(_SERVICE)}: {total} {noun} for you.",
                *_lines(counts, english, ": "),
                f"Sign in to see: {console}",
                "No personal data is in this message. Turn reminders off on the page of your account.",
            ]
        ),
    )


def _lines(counts: Mapping[str, int], side: Callable[[str], str], colon: str) -> list[str]:
    return [f"{side(MATTERS[matter])}{colon}{counts[matter]}" for matter in Matter if counts.get(matter)]
