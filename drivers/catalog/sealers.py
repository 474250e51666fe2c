"""Where keys are kept, as a board says: files of the state directory, those enciphered, or a token."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from drivers.credentials import secret_file, systemd_credential
from drivers.place import Options, Place
from firmware.errors import ConfigError
from firmware.hal import Sealer
from firmware.hal.errors import DeviceMissing
from firmware.units import KeyBytes

CREDENTIAL_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
"""What systemd's credentials may be called."""


def file(options: Options, place: Place) -> Sealer:
    """Files of the state directory; enciphered where a secret is named. Raises: ConfigError, KeyUnavailable."""
    from drivers.file_sealer import FileSealer  # noqa: PLC0415 - loaded where a board asks for it

    secret, rest = _secret(options, place)
    place.take_nothing("sealer", rest)
    if secret is None:
        return FileSealer(place.site.state)
    from drivers.credential_sealer import SEALED_MORE, CredentialSealer  # noqa: PLC0415 - as above

    return CredentialSealer(FileSealer(place.site.state, longest=64 + SEALED_MORE), secret)


def token(options: Options, place: Place) -> Sealer:
    """A PKCS#11 token. Raises: ConfigError, KeyUnavailable, DeviceMissing - python-pkcs11 is not installed."""
    pin, rest = _secret(options, place)
    module, label = rest.pop("module", None), rest.pop("token", None)
    if pin is None or not isinstance(module, str) or not isinstance(label, str):
        raise ConfigError(
            f"{place.site.board}: [sealer] needs module (the token's library), token (its label), and for its PIN "
            "credential or passphrase_file"
        )
    place.take_nothing("sealer", rest)
    try:
        from drivers.pkcs11.sealer import Pkcs11Sealer  # noqa: PLC0415 - as above
    except ModuleNotFoundError as exc:
        raise DeviceMissing("a token needs the library python-pkcs11: install tillberry[pkcs11]") from exc
    return Pkcs11Sealer(Path(module), label, pin)


def _secret(options: Options, place: Place) -> tuple[KeyBytes | None, dict[str, object]]:
    """Read the secret that the options name, if they do; return it with the other options."""
    rest = dict(options)
    match rest.pop("credential", None), rest.pop("passphrase_file", None):
        case None, None:
            return None, rest
        case str(name), None if CREDENTIAL_NAME.fullmatch(name):
            return systemd_credential(name), rest
        case None, str(path) if path:
            return secret_file(Path(path)), rest
    raise ConfigError(
        f"{place.site.board}: [sealer] takes either credential, the name of one of systemd's, or passphrase_file"
    )
