"""What went wrong with a connection, as a sentence that the person who installs a terminal can act on.

Every OSError and every error of TLS becomes one of three errors of the contract. The sentences name the address and the
fact; never a key, a certificate's content or a byte that was sent.
"""

from __future__ import annotations

import errno
import socket
import ssl
from typing import Final

from firmware.hal.errors import LinkError, LinkLost, LinkRefused, LinkTimedOut

_CERTIFICATE: Final = {
    # The numbers are those of OpenSSL, X509_V_ERR_...
    9: "its certificate is not valid yet; is the terminal's clock right?",
    10: "its certificate has expired, or the terminal's clock is wrong",
    18: "its certificate is signed by itself, not by the agreed CA",
    19: "its certificate comes from a CA that is not the agreed one (ca)",
    20: "its certificate comes from a CA that is not the agreed one (ca)",
    21: "its certificate comes from a CA that is not the agreed one (ca)",
    23: "its certificate has been revoked",
    26: "its certificate is not meant for a server",
    62: "its certificate is for another name (server_name)",
    64: "its certificate is for another address (server_name)",
}

_TLS: Final = {
    # Names of OpenSSL's reasons; ALERT is what the far end told us.
    "WRONG_VERSION_NUMBER": "what answers does not speak TLS",
    "HTTP_REQUEST": "what answers does not speak TLS",
    "RECORD_LAYER_FAILURE": "what answers does not speak TLS",
    "UNSUPPORTED_PROTOCOL": "it speaks no TLS as new as 1.2",
    "TLSV1_ALERT_PROTOCOL_VERSION": "it speaks no TLS as new as 1.2",
    "NO_PROTOCOLS_AVAILABLE": "it speaks no TLS as new as 1.2",
    "TLSV13_ALERT_CERTIFICATE_REQUIRED": "it wants a certificate of the terminal (certificate, key)",
    "SSLV3_ALERT_BAD_CERTIFICATE": "it does not accept the terminal's certificate",
    "SSLV3_ALERT_CERTIFICATE_UNKNOWN": "it does not accept the terminal's certificate",
    "SSLV3_ALERT_CERTIFICATE_EXPIRED": "it says that the terminal's certificate has expired",
    "SSLV3_ALERT_CERTIFICATE_REVOKED": "it says that the terminal's certificate has been revoked",
    "TLSV1_ALERT_UNKNOWN_CA": "it does not know the CA of the terminal's certificate",
    "TLSV1_ALERT_DECRYPT_ERROR": "it does not accept the terminal's certificate",
    "SSLV3_ALERT_HANDSHAKE_FAILURE": "it refuses the terms of TLS; does it want a certificate of the terminal?",
    "TLSV1_ALERT_ACCESS_DENIED": "it refuses the terminal",
}

_SYSTEM: Final = {
    errno.EHOSTUNREACH: "no route leads there",
    errno.ENETUNREACH: "this terminal has no network",
    errno.ENETDOWN: "this terminal has no network",
    errno.ETIMEDOUT: "it acknowledges nothing any more",
    errno.ENOENT: "there is no such device",
    errno.ENODEV: "the device is gone",
    errno.ENXIO: "the device is gone",
    errno.EIO: "the device is gone, or the line hung up",
    errno.EACCES: "this account may not use it",
    errno.EPERM: "this account may not use it",
    errno.EBUSY: "another program is using it",
    errno.EAGAIN: "another program is using it",
}


def failure(where: str, error: Exception) -> LinkError:
    """The error of ours for `error`, which happened with the far end at `where`."""
    match error:
        case ssl.SSLError():
            return _tls_failure(where, error)
        case ConnectionRefusedError():
            return LinkRefused(f"{where}: nothing listens there")
        case ConnectionError():
            return LinkLost(f"{where}: it broke the connection")
        case socket.gaierror():
            return LinkLost(f"{where}: this name cannot be looked up")
        case TimeoutError() if error.errno is None:
            return LinkTimedOut(f"{where}: no answer in time")
        case OSError():
            return LinkLost(f"{where}: {_SYSTEM.get(error.errno or 0, f'the connection failed ({error.strerror})')}")
        case _:
            return LinkLost(f"{where}: the connection failed ({type(error).__name__})")


def _tls_failure(where: str, error: ssl.SSLError) -> LinkError:
    match error:
        case ssl.SSLCertVerificationError():
            fact = _CERTIFICATE.get(error.verify_code, f"its certificate is not accepted (OpenSSL {error.verify_code})")
            return LinkRefused(f"{where}: {fact}")
        case ssl.SSLEOFError() | ssl.SSLZeroReturnError():
            return LinkLost(f"{where}: it ended the connection")
        case _:
            reason = getattr(error, "reason", None) or "for no reason that OpenSSL gives"
            return LinkRefused(f"{where}: {_TLS.get(reason, f'TLS failed ({reason})')}")
