"""A real mail server on a port of its own, which takes, refuses, delays or hangs as a test wants."""

import asyncio
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult

TAKEN = "250 OK"


class MailServer:
    """What was accepted, and what is said to the next mails."""

    def __init__(self) -> None:
        self.accepted: list[EmailMessage] = []
        self.envelopes: list[Any] = []
        self.sign_ins: list[tuple[bytes, bytes]] = []
        #: Answers to coming mails, in order; afterwards everything is taken.
        self.answers: list[str] = []
        #: Answers to recipients, by address.
        self.recipients: dict[str, str] = {}
        #: Set: a mail is taken in, and its sender never hears of it.
        self.hangs = threading.Event()
        self.was_heard = threading.Event()
        self.port = 0

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"

    async def handle_RCPT(self, _server: SMTP, _session: Any, envelope: Any, address: str, _options: list[str]) -> str:  # noqa: N802
        if address in self.recipients:
            return self.recipients[address]
        envelope.rcpt_tos.append(address)
        return TAKEN

    async def handle_DATA(self, _server: SMTP, _session: Any, envelope: Any) -> str:  # noqa: N802
        answer = self.answers.pop(0) if self.answers else TAKEN
        if answer == TAKEN:
            self.envelopes.append(envelope)
            self.accepted.append(message_from_bytes(envelope.content, policy=policy.SMTP))  # type: ignore[arg-type]
        self.was_heard.set()
        while self.hangs.is_set():
            await asyncio.sleep(0.01)
        return answer

    def authenticate(self, _server: SMTP, _session: Any, _envelope: Any, _mechanism: str, given: Any) -> AuthResult:
        self.sign_ins.append((given.login, given.password))
        return AuthResult(success=given.password == b"rahasia-surel", handled=False)


@contextmanager
def serving(*, asks_to_sign_in: bool = False, **options: Any) -> Iterator[MailServer]:
    """A server that listens; `options` are aiosmtpd's (TLS)."""
    server, loop = MailServer(), asyncio.new_event_loop()
    if asks_to_sign_in:
        options |= {"authenticator": server.authenticate, "auth_require_tls": False}

    talks: list[SMTP] = []

    def protocol() -> SMTP:
        talks.append(SMTP(server, loop=loop, hostname="127.0.0.1", **options))
        return talks[-1]

    async def hang_up() -> None:
        listening.close()
        for talk in talks:
            if talk.transport is not None:
                talk.transport.abort()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)
        await asyncio.sleep(0)  # the transports' own last call

    listening = loop.run_until_complete(loop.create_server(protocol, "127.0.0.1", 0))
    server.port = listening.sockets[0].getsockname()[1]
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.hangs.clear()
        asyncio.run_coroutine_threadsafe(hang_up(), loop).result(timeout=30)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


def vouched(folder: Any) -> tuple[ssl.SSLContext, str]:
    """A certificate for 127.0.0.1 that nobody vouches for but the file that is returned."""
    import datetime
    import ipaddress

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.datetime.now(datetime.UTC)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    address = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    built = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(address, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    certificate = folder / "surel.pem"
    certificate.write_bytes(
        built.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context, str(certificate)
