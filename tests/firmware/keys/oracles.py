"""Another implementation of the field's cryptography, asked what it would answer.

psec was written for an older `cryptography` and warns of places and key lengths that are going; that concerns the
tests alone, so the warnings are silenced here and nowhere else.
"""

from __future__ import annotations

import warnings

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from psec import mac, pinblock, tr31


def psec_retail_mac(key: bytes, data: bytes) -> bytes:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return bytes(mac.generate_retail_mac(key[:8], key[8:], data, 1))


def psec_pin_block_0(pin: str, pan: str) -> bytes:
    return bytes(pinblock.encode_pinblock_iso_0(pin, pan))


def psec_pin_of_block_3(block: bytes, pan: str) -> str:
    return str(pinblock.decode_pinblock_iso_3(block, pan))


def psec_pin_of_block_4(key: bytes, block: bytes, pan: str) -> str:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return str(pinblock.decipher_pinblock_iso_4(key, block, pan))


def psec_key_block(protection: bytes, header: str, key: bytes, blocks: dict[str, str] | None = None) -> str:
    """Wrap a key; the header's length is filled in, and its optional blocks padded."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        made = tr31.Header()
        made.load(header[0] + "0016" + header[5:])
        for name, content in (blocks or {}).items():
            made.blocks[name] = content
        return str(tr31.KeyBlock(protection, made).wrap(key))
