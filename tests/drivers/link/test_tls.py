"""TLS trusts one CA and one name, says in a sentence what is wrong, and resumes its sessions."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
from collections.abc import Awaitable, Callable
from pathlib import Path
from threading import Thread

import pytest

from drivers.link.channel import StreamChannel
from drivers.link.framing import LengthPrefix
from drivers.link.tcp import TcpWay
from drivers.link.tls import Credentials, ResumingContext, client_context
from firmware.errors import ConfigError
from firmware.hal.errors import KeyUnavailable, LinkLost, LinkRefused, LinkTimedOut
from firmware.units import Millis
from tests.certificates import ADDRESS, authority
from tests.contract.host_wiring import Listener, server_context

PATIENCE = Millis(5_000)


class Site:
    """A terminal and an acquirer with TLS between them."""

    def __init__(
        self, folder: Path, server: ssl.SSLContext | None, *, ca: str = "Test acquirer CA", own: tuple[Path, ...] = ()
    ) -> None:
        self.listener = Listener(server)
        self.context = client_context(Credentials(authority(ca).write(folder / "ca.pem"), *own))
        self.server_name: str | None = None

    def play(self, scene: Callable[[StreamChannel, Listener], Awaitable[None]]) -> None:
        async def main() -> None:
            await self.listener.listen()
            way = TcpWay(ADDRESS, self.listener.port, self.context, self.server_name)
            channel = StreamChannel([way], LengthPrefix())
            try:
                await scene(channel, self.listener)
            finally:
                await channel.close()
                await self.listener.stop()

        asyncio.run(main())

    def refused(self) -> str:
        """Connect and exchange a message, which must be refused; return the sentence."""
        sentences = []

        async def scene(channel: StreamChannel, _listener: Listener) -> None:
            with pytest.raises(LinkRefused) as caught:
                await round_trip(channel)
            sentences.append(str(caught.value))

        self.play(scene)
        return sentences[0]


class StrictServer:
    """An acquirer in a thread that says why it refuses; asyncio's own server drops the alert that tells."""

    def __init__(self, context: ssl.SSLContext) -> None:
        self._context = context
        self._socket = socket.create_server((ADDRESS, 0))
        self._socket.settimeout(5)
        self._thread = Thread(target=self._serve)

    def __enter__(self) -> int:
        self._thread.start()
        return int(self._socket.getsockname()[1])

    def __exit__(self, *_error: object) -> None:
        self._thread.join()
        self._socket.close()

    def _serve(self) -> None:
        """Refuse, then read what still comes: a connection that is reset would take the alert with it."""
        connection, _ = self._socket.accept()
        connection.settimeout(5)
        with connection.dup() as lingering:
            with contextlib.suppress(OSError), self._context.wrap_socket(connection, server_side=True) as tls:
                tls.recv(100)
            lingering.settimeout(5)
            with contextlib.suppress(OSError):
                lingering.shutdown(socket.SHUT_WR)
                while lingering.recv(1_000):
                    pass


def refusal(server: ssl.SSLContext, terminal: ssl.SSLContext) -> str:
    """Connect and exchange a message, which the far end must refuse; return the sentence."""

    async def main(port: int) -> str:
        channel = StreamChannel([TcpWay(ADDRESS, port, terminal)], LengthPrefix())
        with pytest.raises(LinkRefused) as caught:
            await round_trip(channel)
        await channel.close()
        return str(caught.value)

    with StrictServer(server) as port:
        return asyncio.run(main(port))


async def round_trip(channel: StreamChannel) -> None:
    await channel.connect(PATIENCE)
    await channel.send(b"ask", PATIENCE)
    await channel.receive(Millis(300))


async def echo(channel: StreamChannel, listener: Listener) -> None:
    await channel.connect(PATIENCE)
    await channel.send(b"ask", PATIENCE)
    assert await listener.heard() == b"ask"
    await listener.say(b"answer")
    assert await channel.receive(PATIENCE) == b"answer"


@pytest.mark.parametrize(
    ("names", "days", "sentence"),
    [
        ((ADDRESS,), -1, "its certificate has expired"),
        (("acquirer.example",), 1, "its certificate is for another address"),
        ((), 1, "its certificate is for another"),
    ],
)
def test_certificate_that_is_wrong_is_refused_with_the_reason(
    names: tuple[str, ...], days: int, sentence: str, tmp_path: Path
) -> None:
    assert sentence in Site(tmp_path, server_context(tmp_path, names=names, days=days)).refused()


def test_certificate_of_another_authority_is_refused_with_the_reason(tmp_path: Path) -> None:
    site = Site(tmp_path, server_context(tmp_path), ca="Other CA")
    assert "a CA that is not the agreed one" in site.refused()


def test_certificate_that_is_pinned_itself_is_accepted(tmp_path: Path) -> None:
    site = Site(tmp_path, server_context(tmp_path))
    site.context = client_context(Credentials(tmp_path / "acquirer.pem"))
    site.play(echo)
    assert site.listener.connections == 1


def test_far_end_that_shakes_no_hands_times_out_and_the_second_address_is_taken(tmp_path: Path) -> None:
    site = Site(tmp_path, server_context(tmp_path))

    async def scene(_channel: StreamChannel, listener: Listener) -> None:
        with socket.create_server((ADDRESS, 0)) as mute:
            ways = [TcpWay(ADDRESS, mute.getsockname()[1], client_context(Credentials(tmp_path / "ca.pem")))]
            channel = StreamChannel(ways, LengthPrefix())
            with pytest.raises(LinkTimedOut):
                await channel.connect(Millis(100))
            channel = StreamChannel([*ways, TcpWay(ADDRESS, listener.port, site.context)], LengthPrefix())
            await channel.connect(Millis(2_000))
            await echo(channel, listener)
            await channel.close()

    site.play(scene)


def test_certificate_for_another_name_is_refused_with_the_reason(tmp_path: Path) -> None:
    site = Site(tmp_path, server_context(tmp_path, names=("acquirer.example",)))
    site.server_name = "other.example"
    assert "its certificate is for another name" in site.refused()


def test_certificate_for_the_agreed_server_name_is_accepted(tmp_path: Path) -> None:
    site = Site(tmp_path, server_context(tmp_path, names=("acquirer.example",)))
    site.server_name = "acquirer.example"
    site.play(echo)
    assert site.listener.connections == 1


def test_far_end_without_tls_is_refused_with_the_reason(tmp_path: Path) -> None:
    site = Site(tmp_path, None)

    async def scene(channel: StreamChannel, listener: Listener) -> None:
        connecting = asyncio.create_task(channel.connect(PATIENCE))
        await listener.say_raw(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        with pytest.raises(LinkRefused, match="does not speak TLS"):
            await connecting

    site.play(scene)


def test_far_end_that_ends_the_handshake_is_lost(tmp_path: Path) -> None:
    site = Site(tmp_path, None)

    async def scene(channel: StreamChannel, listener: Listener) -> None:
        connecting = asyncio.create_task(channel.connect(PATIENCE))
        await listener.hang_up()
        with pytest.raises(LinkLost):
            await connecting

    site.play(scene)


def test_far_end_with_old_tls_is_refused(tmp_path: Path) -> None:
    server = server_context(tmp_path)
    with pytest.warns(DeprecationWarning, match="TLSv1_1"):
        server.minimum_version = ssl.TLSVersion.TLSv1_1
    with pytest.warns(DeprecationWarning, match="TLSv1_1"):
        server.maximum_version = ssl.TLSVersion.TLSv1_1
    server.set_ciphers("ALL:@SECLEVEL=0")
    assert "no TLS as new as 1.2" in refusal(server, Site(tmp_path, None).context)


def wants_certificate(folder: Path, version: ssl.TLSVersion) -> ssl.SSLContext:
    server = server_context(folder)
    server.maximum_version = version
    server.verify_mode = ssl.CERT_REQUIRED
    server.load_verify_locations(authority().write(folder / "clients.pem"))
    return server


VERSIONS = pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])


@VERSIONS
def test_terminal_with_its_certificate_is_accepted(version: ssl.TLSVersion, tmp_path: Path) -> None:
    own = authority().issue(tmp_path, "terminal")
    site = Site(tmp_path, wants_certificate(tmp_path, version), own=own)
    site.play(echo)
    assert site.listener.connections == 1


@VERSIONS
def test_terminal_without_a_certificate_is_told_that_it_needs_one(version: ssl.TLSVersion, tmp_path: Path) -> None:
    sentence = refusal(wants_certificate(tmp_path, version), Site(tmp_path, None).context)
    assert "a certificate of the terminal" in sentence


@VERSIONS
def test_terminal_with_a_foreign_certificate_is_told_so(version: ssl.TLSVersion, tmp_path: Path) -> None:
    own = authority("Other CA").issue(tmp_path, "terminal")
    sentence = refusal(wants_certificate(tmp_path, version), Site(tmp_path, None, own=own).context)
    assert "it does not know the CA of the terminal's certificate" in sentence


@VERSIONS
def test_terminal_with_an_expired_certificate_is_told_so(version: ssl.TLSVersion, tmp_path: Path) -> None:
    own = authority().issue(tmp_path, "terminal", days=-1)
    sentence = refusal(wants_certificate(tmp_path, version), Site(tmp_path, None, own=own).context)
    assert "the terminal's certificate has expired" in sentence


@VERSIONS
def test_second_connection_resumes_the_session(version: ssl.TLSVersion, tmp_path: Path) -> None:
    server = server_context(tmp_path)
    server.maximum_version = version
    site = Site(tmp_path, server)
    resumed = []

    async def scene(channel: StreamChannel, listener: Listener) -> None:
        for _ in range(3):
            await echo(channel, listener)
            resumed.append(listener.writer.get_extra_info("ssl_object").session_reused)
            await channel.close()

    site.play(scene)
    assert resumed == [False, True, True]
    assert isinstance(site.context, ResumingContext)


def test_server_that_forgot_the_session_is_connected_all_the_same(tmp_path: Path) -> None:
    site = Site(tmp_path, server_context(tmp_path))
    site.play(echo)
    site.listener = Listener(server_context(tmp_path))
    site.play(echo)
    assert site.listener.connections == 1


def test_ca_file_that_is_none_is_a_mistake_of_the_board(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="absent"):
        client_context(Credentials(tmp_path / "absent.pem"))
    (tmp_path / "text.pem").write_text("no certificate\n")
    with pytest.raises(ConfigError, match=r"text\.pem"):
        client_context(Credentials(tmp_path / "text.pem"))


def test_key_that_others_may_read_is_refused(tmp_path: Path) -> None:
    certificate, key = authority().issue(tmp_path, "terminal")
    key.chmod(0o640)
    with pytest.raises(KeyUnavailable, match="chmod 600"):
        client_context(Credentials(authority().write(tmp_path / "ca.pem"), certificate, key))


def test_key_of_another_certificate_is_a_mistake_of_the_board(tmp_path: Path) -> None:
    certificate, _ = authority().issue(tmp_path, "terminal")
    _, key = authority().issue(tmp_path, "other")
    with pytest.raises(ConfigError, match="no certificate with its own unciphered key"):
        client_context(Credentials(authority().write(tmp_path / "ca.pem"), certificate, key))
