"""A certification authority and a server certificate for TLS on the bench, made at the first start.

They protect nothing but the test of TLS itself. The terminal pins `ca.pem`.
"""

from __future__ import annotations

import ssl
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING, Final

from firmware.errors import ConfigError

if TYPE_CHECKING:
    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric import ec

CA: Final = "ca.pem"
CERTIFICATE: Final = "acquirer.pem"
KEY: Final = "acquirer.key"
DAYS: Final = 825
NAMES: Final = ("localhost", "127.0.0.1", "::1")


def server_context(folder: Path, host: str) -> ssl.SSLContext:
    """TLS 1.2 or newer with the certificate in `folder`, which is made where there is none. Raises: ConfigError."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        if not (folder / CERTIFICATE).is_file():
            _make(folder, dict.fromkeys((*NAMES, host)))
        context.load_cert_chain(folder / CERTIFICATE, folder / KEY)
    except OSError as error:
        raise ConfigError(f"{folder}: no certificate can be read or made there: {error.strerror}") from error
    return context


def _make(folder: Path, names: dict[str, None]) -> None:
    from cryptography import x509  # noqa: PLC0415 - needed at the first start alone
    from cryptography.hazmat.primitives.asymmetric import ec  # noqa: PLC0415 - as above
    from cryptography.hazmat.primitives.serialization import (  # noqa: PLC0415 - as above
        Encoding,
        NoEncryption,
        PrivateFormat,
    )

    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    authority_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    authority = _signed("Tillberry bench CA", "Tillberry bench CA", authority_key, authority_key, ca=True)
    alternatives = x509.SubjectAlternativeName([_alternative(name) for name in names if name])
    certificate = _signed("Tillberry test acquirer", "Tillberry bench CA", key, authority_key, alternatives)
    (folder / CA).write_bytes(authority.public_bytes(Encoding.PEM))
    (folder / KEY).touch(mode=0o600)
    (folder / KEY).write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    # Last, for it is what is looked for: a start that was cut short makes everything anew.
    (folder / CERTIFICATE).write_bytes(certificate.public_bytes(Encoding.PEM))


def _signed(
    subject: str,
    issuer: str,
    key: ec.EllipticCurvePrivateKey,
    signer: ec.EllipticCurvePrivateKey,
    *extensions: x509.ExtensionType,
    ca: bool = False,
) -> x509.Certificate:
    from cryptography import x509  # noqa: PLC0415 - as above
    from cryptography.hazmat.primitives.hashes import SHA256  # noqa: PLC0415 - as above

    now = datetime.now(UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, subject)]))
        .issuer_name(x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, issuer)]))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=DAYS))
        .add_extension(x509.BasicConstraints(ca=ca, path_length=0 if ca else None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False)
    )
    for extension in extensions:
        builder = builder.add_extension(extension, critical=False)
    return builder.sign(signer, SHA256())


def _alternative(name: str) -> x509.GeneralName:
    from cryptography import x509  # noqa: PLC0415 - as above

    try:
        return x509.IPAddress(ip_address(name))
    except ValueError:
        return x509.DNSName(name)
