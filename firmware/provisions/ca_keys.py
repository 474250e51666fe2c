"""Downloaded CA keys, checked before one of them is trusted.

Owned here: a key counts only with the checksum that is published with it, in the bounds of the books, with an expiry
date; and a terminal in service takes no key of a test authority, whatever its index. Source: Book 2 §11.2.2.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Final

from firmware.emv.authorities import is_test_authority
from firmware.emv.parameter_files import ca_key_checksum
from firmware.emv.parameters import CaKey
from firmware.emv.recovery import EXPONENTS, MODULUS_BYTES_MAX, MODULUS_BYTES_MIN, RSA, SHA_1
from firmware.host import downloads
from firmware.host.downloads import DownloadedKey
from firmware.host.errors import BadAnswer
from firmware.provisions.errors import BadDownload

_RID_BYTES: Final = 5
_EXPONENT_BYTES_MAX: Final = 3
_PACKED_DATE_BYTES: Final = 4
"""YYYYMMDD in packed digits; else it comes in characters."""

Keys = Mapping[tuple[bytes, int], CaKey]


def key_name(key: DownloadedKey) -> str:
    """The key as people name it: RID and index."""
    return f"{key.rid.hex().upper()}.{key.index:02X}"


def checked_keys(entries: Iterable[bytes], *, service: bool) -> Keys:
    """The keys of a downloaded set; those of another algorithm than RSA are not for this kernel and left out.

    Raises: BadDownload.
    """
    keys: dict[tuple[bytes, int], CaKey] = {}
    for entry in entries:
        try:
            came = downloads.ca_key(downloads.WITH_DATA + entry)
        except BadAnswer as error:
            raise BadDownload(f"a CA key cannot be read: {error}") from None
        if came is None or (came.rid, came.index) in keys:
            raise BadDownload("a CA key is empty, or comes twice")
        if came.key_algorithm == RSA:
            keys[came.rid, came.index] = _checked(came, service=service)
    return keys


def overlaid(files: Keys, downloaded: Keys) -> Keys:
    """The keys in force: a downloaded key takes the place of the file's with the same RID and index."""
    return {**files, **downloaded}


def _checked(came: DownloadedKey, *, service: bool) -> CaKey:
    name = f"CA key {key_name(came)}"
    exponent = int.from_bytes(came.exponent, "big")
    if len(came.rid) != _RID_BYTES:
        raise BadDownload(f"{name}: 9F06 is not {_RID_BYTES} bytes")
    if came.hash_algorithm != SHA_1:
        raise BadDownload(f"{name}: DF06 is no hash that is known here")
    if not MODULUS_BYTES_MIN <= len(came.modulus) <= MODULUS_BYTES_MAX:
        raise BadDownload(f"{name}: DF02 is not {MODULUS_BYTES_MIN} to {MODULUS_BYTES_MAX} bytes")
    if came.modulus[0] == 0 or came.modulus[-1] % 2 == 0:
        raise BadDownload(f"{name}: DF02 begins with a zero, or is even")
    if len(came.exponent) > _EXPONENT_BYTES_MAX or exponent not in EXPONENTS:
        raise BadDownload(f"{name}: DF04 is neither 3 nor 65537")
    if ca_key_checksum(came.rid, came.index, came.modulus, exponent) != came.checksum:
        raise BadDownload(f"{name}: DF03 is not the checksum of this key")
    testing = is_test_authority(came.modulus)
    if testing and service:
        raise BadDownload(f"{name}: DF02 is the key of a test authority, which a terminal in service does not trust")
    return CaKey(came.rid, came.index, came.modulus, exponent, came.checksum, _expiry(name, came.expiry), testing)


def _expiry(name: str, came: bytes) -> date:
    digits = came.hex() if len(came) == _PACKED_DATE_BYTES else came.decode("latin-1")
    try:
        return datetime.strptime(digits, "%Y%m%d").date()  # noqa: DTZ007 - a date has no zone
    except ValueError:
        raise BadDownload(f"{name}: DF05 is no date") from None
