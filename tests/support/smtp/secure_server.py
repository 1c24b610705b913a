#!/usr/bin/python3
"""An SMTP server with STARTTLS (or TLS from the first byte) and AUTH, for tests.

secure_server.py --cert F --key F --port-file F --dir D [--implicit] [--user U --password P]
Without --user nobody needs to log in. Mails are filed as D/NUMBER.
"""
import argparse
import asyncio
import pathlib
import ssl

from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword


def arguments():
    parser = argparse.ArgumentParser()
    for name in ("--cert", "--key", "--port-file", "--dir"):
        parser.add_argument(name, required=True)
    parser.add_argument("--implicit", action="store_true")
    parser.add_argument("--user")
    parser.add_argument("--password")
    return parser.parse_args()


class Filing:
    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.count = 0

    async def handle_DATA(self, server, session, envelope):
        self.count += 1
        with_tls = "yes" if session.ssl else "no"
        (self.folder / str(self.count)).write_bytes(b"X-TLS: " + with_tls.encode() + b"\r\n" + envelope.content)
        return "250 2.0.0 Ok: queued as S%d" % self.count


async def main():
    given = arguments()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(given.cert, given.key)
    filing = Filing(given.dir)

    def authenticate(server, session, envelope, mechanism, data):
        fits = isinstance(data, LoginPassword) and data.login == given.user.encode() \
            and data.password == given.password.encode()
        return AuthResult(success=fits, handled=False)

    options = {}
    if given.user:
        options = {"auth_required": True, "authenticator": authenticate, "auth_require_tls": not given.implicit}
    server = await asyncio.get_running_loop().create_server(
        lambda: SMTP(filing, hostname="mail.test", tls_context=None if given.implicit else context, **options),
        "127.0.0.1", 0, ssl=context if given.implicit else None)
    pathlib.Path(given.port_file).write_text("%d\n" % server.sockets[0].getsockname()[1])
    await server.serve_forever()


asyncio.run(main())
