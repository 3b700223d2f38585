"""The two ways out: the mail server by SMTP, and the office's gateway for short messages by a signed webhook.

Each takes a message or says why not; both give up after TIMEOUT_SECONDS without a word from the other side. Whoever
receives the webhook knows a message again by its `Idempotency-Key`, and that it is ours by its signature (Standard
Webhooks: HMAC-SHA256 over `id.timestamp.body`).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import smtplib
import ssl
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import formatdate
from typing import TYPE_CHECKING

import requests

from scoring_service.core.reminding import CarrierFault, Channel

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from scoring_service.services.reminders.wording import Letter
    from scoring_service.settings import Settings

TIMEOUT_SECONDS = 10
# What will not be otherwise at another try: a mailbox that does not exist, a request that is refused as such.
_REFUSED_FOR_GOOD = 500
_REFUSED = range(400, 500)
_SIGN_IN = frozenset({401, 403})
_TRY_AGAIN = frozenset({404, 408, 409, 425, 429})


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    """A message on its way: the same `id` at every try."""

    id: str
    channel: Channel
    address: str
    kind: str
    counts: Mapping[str, int]
    letter: Letter


class NotCarried(Exception):
    """A message did not get through: `fault` says why, `detail` in a word for the log, with nothing personal.

    `for_good`: it never will. `whole`: the other side itself does not answer, nor would it for another message.
    """

    def __init__(self, fault: CarrierFault, detail: str, *, for_good: bool = False, whole: bool = False) -> None:
        super().__init__(detail)
        self.fault, self.detail, self.for_good, self.whole = fault, detail, for_good, whole


def carry(settings: Settings, parcel: Parcel) -> None:
    """Hand a message over. Raises NotCarried."""
    _WAYS[parcel.channel](settings, parcel)


def _by_mail(settings: Settings, parcel: Parcel) -> None:
    if settings.smtp_host is None or settings.smtp_from is None:
        raise NotCarried(CarrierFault.NOT_SET_UP, "", whole=True)
    with _mail_faults():
        server = _mail_server(settings)
        try:
            _greet(server, settings)
            server.send_message(_mail(settings, parcel), settings.smtp_from, [parcel.address])
            with suppress(smtplib.SMTPException, OSError):
                server.quit()
        finally:
            server.close()


def _mail_server(settings: Settings) -> smtplib.SMTP:
    host, port = str(settings.smtp_host), settings.smtp_port
    if settings.smtp_tls == "tls":
        return smtplib.SMTP_SSL(host, port, timeout=TIMEOUT_SECONDS, context=ssl.create_default_context())
    return smtplib.SMTP(host, port, timeout=TIMEOUT_SECONDS)


def _greet(server: smtplib.SMTP, settings: Settings) -> None:
    server.ehlo_or_helo_if_needed()
    if settings.smtp_tls == "starttls":
        server.starttls(context=ssl.create_default_context())
    if settings.smtp_user is not None and settings.smtp_password is not None:
        server.login(settings.smtp_user, settings.smtp_password)


@contextmanager
def _mail_faults() -> Iterator[None]:
    """Say of each error of the mail server whether it concerns this message alone, and whether it is final."""
    try:
        yield
    except smtplib.SMTPRecipientsRefused as refused:
        code = next(iter(refused.recipients.values()))[0]
        final = code >= _REFUSED_FOR_GOOD
        raise NotCarried(CarrierFault.RECIPIENT_REFUSED, str(code), for_good=final) from None
    except smtplib.SMTPDataError as refused:
        raise NotCarried(CarrierFault.MESSAGE_REFUSED, str(refused.smtp_code)) from None
    except smtplib.SMTPAuthenticationError as refused:
        raise NotCarried(CarrierFault.SIGN_IN_REFUSED, str(refused.smtp_code), whole=True) from None
    except (smtplib.SMTPException, OSError) as error:
        raise _unreachable(error) from None


def _mail(settings: Settings, parcel: Parcel) -> EmailMessage:
    mail = EmailMessage()
    sender = str(settings.smtp_from)
    mail["From"] = Address(display_name=settings.office_name, addr_spec=sender)
    mail["To"] = parcel.address
    mail["Subject"] = parcel.letter.subject
    mail["Date"] = formatdate()
    mail["Message-ID"] = f"<{parcel.id}@{sender.partition('@')[2]}>"
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(parcel.letter.whole)
    return mail


def _by_gateway(settings: Settings, parcel: Parcel) -> None:
    url, secret = settings.gateway_url, settings.gateway_secret
    if url is None or secret is None:
        raise NotCarried(CarrierFault.NOT_SET_UP, "", whole=True)
    body = json.dumps(_payload(settings, parcel), ensure_ascii=False).encode()
    stamp = str(int(time.time()))
    headers = {
        "Content-Type": "application/json",
        "Idempotency-Key": parcel.id,
        "webhook-id": parcel.id,
        "webhook-timestamp": stamp,
        "webhook-signature": signature(secret, parcel.id, stamp, body),
    }
    try:
        # An answer that leads elsewhere is none: the address is the operator's to change.
        answer = requests.post(url, data=body, headers=headers, timeout=TIMEOUT_SECONDS, allow_redirects=False)
    except (requests.RequestException, OSError) as error:
        raise _unreachable(error) from None
    if not answer.ok or answer.is_redirect:
        raise _refused(answer.status_code)


def _refused(status: int) -> NotCarried:
    """Return what an answer of the gateway says: a message of that kind is refused, or it is to come again."""
    if status in _SIGN_IN:
        return NotCarried(CarrierFault.SIGN_IN_REFUSED, str(status), whole=True)
    final = status in _REFUSED and status not in _TRY_AGAIN
    return NotCarried(CarrierFault.MESSAGE_REFUSED, str(status), for_good=final, whole=not final)


def _payload(settings: Settings, parcel: Parcel) -> dict[str, object]:
    letter = parcel.letter
    return {
        "id": parcel.id,
        "to": parcel.address,
        "kind": parcel.kind,
        "subject": letter.subject,
        "text": letter.text,
        "text_en": letter.text_en,
        "counts": dict(parcel.counts),
        "url": settings.console_url,
    }


def signature(secret: str, message_id: str, stamp: str, body: bytes) -> str:
    """Return the signature of a webhook: `v1,` and the HMAC-SHA256 in base 64."""
    signed = f"{message_id}.{stamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.new(secret.encode(), signed, hashlib.sha256).digest()).decode()


def _unreachable(error: Exception) -> NotCarried:
    # smtplib tells of a silence as of any end of the connection, with the silence behind it.
    silent = any(isinstance(each, TimeoutError | requests.Timeout) for each in (error, error.__context__))
    fault = CarrierFault.TIMED_OUT if silent else CarrierFault.UNREACHABLE
    return NotCarried(fault, type(error).__name__, whole=True)


_WAYS: Mapping[Channel, Callable[[Settings, Parcel], None]] = {Channel.EMAIL: _by_mail, Channel.GATEWAY: _by_gateway}
