"""A mail server and a gateway for short messages on the loopback, as real as a test can have them; both may misbehave."""

import socket
import ssl
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from flask import Flask, request
from werkzeug.serving import make_server

USER, PASSWORD = "points", "a password of the tests"
SECRET = "a secret of the gateway, long enough"


def free_port():
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return sock.getsockname()[1]


@dataclass
class Mailbox:
    """What arrived, parsed, with whom it was for; `refuses` answers by address, `says` the answer to any message."""

    port: int = 0
    mails: list = field(default_factory=list)
    refuses: dict = field(default_factory=dict)
    says: str = "250 OK"

    async def handle_RCPT(self, _server, _session, envelope, address, _options):  # noqa: N802 -- aiosmtpd's name
        if address in self.refuses:
            return self.refuses[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server, session, envelope):  # noqa: N802 -- aiosmtpd's name
        if self.says.startswith("250"):
            mail = message_from_bytes(envelope.content, policy=policy.default)
            self.mails.append((envelope.rcpt_tos, mail, session.ssl is not None))
        return self.says

    def texts(self):
        return [mail.get_content() for _to, mail, _tls in self.mails]


@contextmanager
def mail_server(**options):
    """A mail server; with `tls_context` by STARTTLS, with `authenticator` for whoever signs in."""
    mailbox = Mailbox(port=free_port())
    controller = Controller(mailbox, hostname="127.0.0.1", port=mailbox.port, **options)
    controller.start()
    try:
        yield mailbox
    finally:
        controller.stop()


def sign_in(_server, _session, _envelope, _mechanism, told):
    fits = isinstance(told, LoginPassword) and (told.login, told.password) == (USER.encode(), PASSWORD.encode())
    return AuthResult(success=fits, handled=False)


def certified(folder):
    """A certificate of this machine's loopback in files: its path, and the context of a server that has it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    path, private = folder / "certificate.pem", folder / "key.pem"
    path.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    form = serialization.PrivateFormat.PKCS8
    private.write_bytes(key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption()))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path, private)
    return path, context


@contextmanager
def silent_server():
    """A server that takes connections and never says a word; its port."""
    with socket.create_server(("127.0.0.1", 0)) as sock:
        yield sock.getsockname()[1]


@dataclass
class Gateway:
    """What was posted: the headers and the body as it came; `status` is the answer to all."""

    url: str = ""
    status: int = 202
    calls: list = field(default_factory=list)


@contextmanager
def gateway():
    """A gateway over real HTTP."""
    app, told = Flask("gateway"), Gateway()

    @app.post("/messages")
    def take():
        told.calls.append((dict(request.headers), request.get_data()))
        return "", told.status, {"Location": "/elsewhere"} if told.status in {301, 302, 307} else {}

    server = make_server("127.0.0.1", 0, app)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    told.url = f"http://127.0.0.1:{server.server_port}/messages"
    try:
        yield told
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
