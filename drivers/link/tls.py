"""TLS 1.2 or newer to one acquirer: a pinned CA, the name checked, a certificate of our own, sessions resumed.

Only the CA of the board file is trusted; the system's own list is not read. A resumed session does not show the
certificate again: the far end proves by the session's secret that it is the one that was checked, within the two hours
that a session lasts here.
"""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from pathlib import Path
from stat import S_IMODE
from typing import Final

from firmware.errors import ConfigError
from firmware.hal.errors import KeyUnavailable

_OTHERS: Final = 0o077


@dataclass(frozen=True, slots=True)
class Credentials:
    """The files of one acquirer: its CA, and the terminal's certificate chain and private key where it asks for one."""

    ca: Path
    certificate: Path | None = None
    key: Path | None = None


class ResumingContext(ssl.SSLContext):
    """A client's context for one address, which offers the last session at the next connection."""

    _last: ssl.SSLObject | None = None

    def wrap_bio(
        self,
        incoming: ssl.MemoryBIO,
        outgoing: ssl.MemoryBIO,
        server_side: bool = False,  # noqa: FBT002 - the signature is the library's
        server_hostname: str | bytes | None = None,
        session: ssl.SSLSession | None = None,
    ) -> ssl.SSLObject:
        """Begin one connection; asyncio calls this, without a session of its own."""
        if session is None and self._last is not None and self._last.version() is not None:
            session = self._last.session
        self._last = super().wrap_bio(incoming, outgoing, server_side, server_hostname, session)
        return self._last


def client_context(credentials: Credentials) -> ResumingContext:
    """Make the context of one address.

    Raises: ConfigError - a file is missing or is not what it should be; KeyUnavailable - others may read the key.
    """
    context = ResumingContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    # What the board pins is trusted by itself, also where it is an intermediate CA or the very certificate.
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    try:
        context.load_verify_locations(cafile=credentials.ca)
    except (OSError, ssl.SSLError) as exc:
        raise ConfigError(f"{credentials.ca}: no CA certificates in PEM can be read there ({exc.strerror})") from exc
    if credentials.certificate is not None:
        _load_own(context, credentials.certificate, credentials.key or credentials.certificate)
    return context


def _load_own(context: ssl.SSLContext, certificate: Path, key: Path) -> None:
    try:
        if S_IMODE(key.stat().st_mode) & _OTHERS:
            raise KeyUnavailable(f"{key}: others may read this key; chmod 600")
        # An empty passphrase, or OpenSSL would ask for one on the terminal's console.
        context.load_cert_chain(certificate, key, password="")
    except (OSError, ValueError) as exc:  # The sentence names the files alone: OpenSSL's could hold more.
        raise ConfigError(
            f"{certificate}, {key}: no certificate with its own unciphered key can be read there"
        ) from exc
