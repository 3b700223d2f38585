"""What an account chooses: by which way it is reminded, at which address, how often; proved by a code sent there.

The address is personal: it is kept sealed, told to nobody but its holder, and forgotten with the account.
"""

from __future__ import annotations

import json
import re
import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from scoring_service.core.reminding import Channel, MessageKind, MessageState, Rhythm
from scoring_service.db.clock_mark import server_now
from scoring_service.db.reminders import REPLACED, forget_reminders
from scoring_service.db.tables import reminder_messages, reminders
from scoring_service.problems import Conflict, Invalid, NotFound, Settled, TooManyAttempts
from scoring_service.services.desks.waiting import WAITED_FOR, waiting_for
from scoring_service.services.reminders.outbox import as_kept, put_message
from scoring_service.settings import MAIL_ADDRESS

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from scoring_service.db.tables.schema import Columns
    from scoring_service.identity import IdentityNumbers
    from scoring_service.services.unit_of_work.transaction import Work
    from scoring_service.settings import Settings

CODE_LASTS = timedelta(minutes=30)
CODE_DIGITS = 8
MOST_TRIES = 5
MOST_CODES_A_DAY = 5
LONGEST_ADDRESS = 254
_DAY = timedelta(days=1)
# A mobile number, or the name by which the gateway knows somebody.
_GATEWAY_ADDRESS = re.compile(r"\+?[0-9]{6,20}|[A-Za-z0-9._@-]{1,64}")
_WRONG_ADDRESS = {
    Channel.EMAIL: "请填写一个邮箱地址 / give one e-mail address",
    Channel.GATEWAY: "请填写手机号，或网关通讯录中的账号 / give a mobile number, or the name that the gateway knows",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """How an account is reminded. Until `confirmed` nothing but the code is sent; it is taken until `code_until`.

    `failed_at` and `error` tell that the last message did not get through, `sent_at` when one last did.
    """

    channel: Channel
    rhythm: Rhythm
    address: str
    confirmed: bool
    code_until: datetime | None
    sent_at: datetime | None
    failed_at: datetime | None
    error: str | None


def channels_offered(settings: Settings) -> dict[Channel, bool]:
    """Return for each way whether the operator has set it up."""
    return {Channel.EMAIL: settings.smtp_host is not None, Channel.GATEWAY: settings.gateway_url is not None}


def may_choose(work: Work) -> bool:
    """Tell whether anything ever waits for the actor."""
    return work.actor.has(*WAITED_FOR)


def read_choice(work: Work) -> Choice | None:
    """Return how the actor is reminded, None for not at all."""
    row = work.conn.execute(select(reminders).where(_own(work))).mappings().one_or_none()
    return None if row is None else _choice(work.service.identity_numbers, row)


def choose(work: Work, *, channel: str, address: str, rhythm: str) -> Choice:
    """Remind the actor by a way at an address, from its confirmation on; the code for it is sent there.

    Only the rhythm changes where way and address are confirmed ones. Raises Invalid for a way that is not set up, or
    an address that is none; Conflict `nothing_waits`; TooManyAttempts for more than MOST_CODES_A_DAY codes.
    """
    by, often, to = _checked(work, channel, address, rhythm)
    before = read_choice(work)
    if before is not None and before.confirmed and (before.channel, before.address) == (by, to):
        work.conn.execute(update(reminders).where(_own(work)).values(rhythm=often, **_from_now_on(work)))
        _put_on_record(work, "chosen", channel=by, rhythm=often)
        return _required(work)
    now = _now(work)
    _check_number(work, now)
    code = "".join(secrets.choice("0123456789") for _digit in range(CODE_DIGITS))
    row: Columns = {
        "account_id": work.actor.account_id,
        "channel": by,
        "rhythm": often,
        "sealed": _sealed(work.service.identity_numbers, to, code),
        "code_until": now + CODE_LASTS,
        **dict.fromkeys(("confirmed_at", "sent_at", "failed_at", "error")),
        "code_tries": 0,
        "told": {},
    }
    _forget_waiting(work)
    work.conn.execute(upsert(reminders).values(row).on_conflict_do_update(index_elements=["account_id"], set_=row))
    put_message(work.conn, str(work.actor.account_id), MessageKind.CODE, {}, due_at=now)
    _put_on_record(work, "chosen", channel=by, rhythm=often)
    return _required(work)


def confirm(work: Work, code: str) -> Choice:
    """Prove the address by the code that was sent to it. Raises Conflict `code_expired`, Invalid (which counts)."""
    row = work.conn.execute(select(reminders).where(_own(work)).with_for_update()).mappings().one_or_none()
    if row is None:
        raise NotFound("提醒 / reminder")
    if row["confirmed_at"] is not None:
        return _required(work)
    if row["code_until"] <= _now(work) or row["code_tries"] >= MOST_TRIES:
        raise Conflict("code_expired", "验证码已失效，请重新发送 / the code is of no use any more: ask for another")
    address, sent = unsealed(work.service.identity_numbers, row["sealed"])
    if not secrets.compare_digest(code.strip().encode(), (sent or "").encode()):
        work.conn.execute(update(reminders).where(_own(work)).values(code_tries=row["code_tries"] + 1))
        raise WrongCode
    sealed = _sealed(work.service.identity_numbers, address, None)
    confirmed = {"sealed": sealed, "confirmed_at": _now(work), "code_until": None} | _from_now_on(work)
    work.conn.execute(update(reminders).where(_own(work)).values(confirmed))
    _put_on_record(work, "confirmed", channel=row["channel"], rhythm=row["rhythm"])
    return _required(work)


class WrongCode(Invalid, Settled):
    """A wrong code, which is counted."""

    def __init__(self) -> None:
        super().__init__("/code", "验证码不正确 / that is not the code")


def end(work: Work) -> None:
    """Remind the actor no more, and forget the address. Nothing happens where there is none."""
    if forget_reminders(work.conn, str(work.actor.account_id)):
        _put_on_record(work, "ended")


def unsealed(numbers: IdentityNumbers, sealed: bytes) -> tuple[str, str | None]:
    """Return the address, and the code that is to prove it where it is not proved yet."""
    held = json.loads(numbers.unseal_bytes(bytes(sealed)))
    return held["address"], held["code"]


def _sealed(numbers: IdentityNumbers, address: str, code: str | None) -> bytes:
    return numbers.seal_bytes(json.dumps({"address": address, "code": code}).encode())


def _checked(work: Work, channel: str, address: str, rhythm: str) -> tuple[Channel, Rhythm, str]:
    if not may_choose(work):
        raise Conflict("nothing_waits", "您的角色没有待办事项，不需要提醒 / nothing ever waits for your role")
    if channel not in set(Channel):
        raise Invalid("/channel", f"须为 {', '.join(Channel)} 之一 / one of {', '.join(Channel)}")
    if rhythm not in set(Rhythm):
        raise Invalid("/rhythm", f"须为 {', '.join(Rhythm)} 之一 / one of {', '.join(Rhythm)}")
    by, to = Channel(channel), address.strip()
    if not channels_offered(work.service.settings)[by]:
        raise Invalid("/channel", "本系统没有设置这种提醒方式 / this way is not set up here")
    form = MAIL_ADDRESS if by is Channel.EMAIL else _GATEWAY_ADDRESS
    if len(to) > LONGEST_ADDRESS or not form.fullmatch(to):
        raise Invalid("/address", _WRONG_ADDRESS[by])
    return by, Rhythm(rhythm), to


def _check_number(work: Work, now: datetime) -> None:
    """Refuse more codes a day than somebody needs: the address may be another's."""
    sent = select(func.count(), func.min(reminder_messages.c.created_at)).where(
        reminder_messages.c.account_id == work.actor.account_id,
        reminder_messages.c.kind == MessageKind.CODE,
        reminder_messages.c.created_at > now - _DAY,
    )
    count, first = work.conn.execute(sent).one()
    if count >= MOST_CODES_A_DAY:
        detail = "今天发送的验证码过多，请明天再试 / too many codes were sent today; try again tomorrow"
        raise TooManyAttempts("too_many_codes", detail, retry_after=int((first + _DAY - now).total_seconds()) + 1)


def _forget_waiting(work: Work) -> None:
    """Leave out what was to go to the address before."""
    mine = reminder_messages.c.account_id == work.actor.account_id
    waits = reminder_messages.c.state == MessageState.WAITING
    gone = {"state": MessageState.FAILED, "error": REPLACED}
    work.conn.execute(update(reminder_messages).where(mine, waits).values(gone))


def _from_now_on(work: Work) -> dict[str, Any]:
    """Return the columns that say what waits by now: each time that there is more, it is told."""
    return {"looked_at": _now(work), "told": as_kept(waiting_for(work))}


def _required(work: Work) -> Choice:
    row = work.conn.execute(select(reminders).where(_own(work))).mappings().one()
    return _choice(work.service.identity_numbers, row)


def _choice(numbers: IdentityNumbers, row: Mapping[Any, Any]) -> Choice:
    same = ("code_until", "sent_at", "failed_at", "error")
    return Choice(
        channel=Channel(row["channel"]),
        rhythm=Rhythm(row["rhythm"]),
        address=unsealed(numbers, row["sealed"])[0],
        confirmed=row["confirmed_at"] is not None,
        **{name: row[name] for name in same},
    )


def _own(work: Work) -> Any:
    return reminders.c.account_id == work.actor.account_id


def _now(work: Work) -> datetime:
    return server_now(work.conn)


def _put_on_record(work: Work, act: str, **detail: str) -> None:
    """Put an act on record, without the address."""
    said = {name: str(value) for name, value in detail.items()}
    work.audit(
        f"account.reminder_{act}", object_kind="account", object_id=str(work.actor.account_id), detail=said or None
    )
