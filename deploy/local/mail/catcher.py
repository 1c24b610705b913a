#!/usr/bin/python3
"""A mail server for a developer's machine and the tests: it takes every mail and delivers none.

Each accepted mail becomes one file in a Maildir (DIR/new), moved there whole, with the envelope on top
(Return-Path, and Delivered-To for every recipient). What a recipient's address begins with decides:

    bounce-   550, refused for good
    defer-    451, refused for now
    drop-     the connection is cut without an answer

Needs Debian's python3-aiosmtpd, hence Debian's own interpreter in the first line.
"""

import argparse
import asyncio
import itertools
import os
import signal
import socket
import ssl
import time
from pathlib import Path

from aiosmtpd.smtp import SMTP, AuthResult

MAX_MAIL_BYTES = 32 * 1024 * 1024
REFUSALS = {
    "bounce-": "550 5.1.1 no such mailbox",
    "defer-": "451 4.3.0 try again later",
}


class Maildir:
    """Files mails so that a reader of new/ sees only whole ones."""

    def __init__(self, directory: Path):
        self._directory = directory
        self._numbers = itertools.count()
        for name in ("tmp", "new", "cur"):
            (directory / name).mkdir(parents=True, exist_ok=True)

    def add(self, content: bytes) -> None:
        name = f"{time.time_ns()}.P{os.getpid()}Q{next(self._numbers)}.local"
        path = self._directory / "tmp" / name
        path.write_bytes(content)
        path.rename(self._directory / "new" / name)


class Catcher:
    """aiosmtpd's hooks; what they return is the answer."""

    def __init__(self, maildir: Maildir):
        self._maildir = maildir

    async def handle_EHLO(self, server, session, envelope, hostname, responses):
        session.host_name = hostname
        return responses[:-1] + ["250-PIPELINING", responses[-1]]

    async def handle_RCPT(self, server, session, envelope, address, options):
        local = address.lower()
        if local.startswith("drop-"):
            server.transport.abort()
            return "421 4.3.2 cut"
        for beginning, answer in REFUSALS.items():
            if local.startswith(beginning):
                return answer
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server, session, envelope):
        lines = [f"Return-Path: <{envelope.mail_from}>"]
        lines += [f"Delivered-To: {recipient}" for recipient in envelope.rcpt_tos]
        head = "".join(f"{line}\r\n" for line in lines).encode("utf-8", "surrogateescape")
        self._maildir.add(head + envelope.original_content)
        return "250 2.0.0 OK, caught"


def authenticator(login: str):
    user, _, password = login.partition(":")

    def check(server, session, envelope, mechanism, data) -> AuthResult:
        right = data.login == user.encode() and data.password == password.encode()
        return AuthResult(success=right)

    return check


def smtp_factory(options, handler):
    arguments = dict(enable_SMTPUTF8=True, data_size_limit=MAX_MAIL_BYTES, hostname="catcher", ident="mail catcher")
    if options.certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(options.certificate, options.key)
        arguments.update(tls_context=context)
    if options.login:
        arguments.update(authenticator=authenticator(options.login), auth_required=True, auth_require_tls=False)
    return lambda: SMTP(handler, **arguments)


def write_port(path: Path, port: int) -> None:
    new = path.with_name(path.name + ".new")
    new.write_text(f"{port}\n")
    new.rename(path)


async def serve(options) -> None:
    loop = asyncio.get_running_loop()
    ended = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, ended.set)
    factory = smtp_factory(options, Catcher(Maildir(options.dir)))
    listener = await loop.create_server(factory, options.host, options.port, family=socket.AF_INET, backlog=1024)
    port = listener.sockets[0].getsockname()[1]
    if options.port_file:
        write_port(options.port_file, port)
    print(f"catching mail on {options.host}:{port} into {options.dir}", flush=True)
    await ended.wait()
    listener.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=1025, help="0: a free one, see --port-file")
    parser.add_argument("--port-file", type=Path, help="the port is written here once it listens")
    parser.add_argument("--dir", type=Path, required=True, help="the Maildir")
    parser.add_argument("--certificate", help="PEM; with it STARTTLS is offered")
    parser.add_argument("--key", help="the certificate's key, PEM")
    parser.add_argument("--login", metavar="USER:PASSWORD", help="AUTH is required, with these")
    asyncio.run(serve(parser.parse_args()))


if __name__ == "__main__":
    main()
