"""CDA: the cryptogram inside the card's signature, and whether all that was said between the two is signed with it.

Source: Book 2 §6.6.2, tables 18 to 22.
"""

from __future__ import annotations

from firmware.emv.bits import Tsi, Tvr
from firmware.emv.certificates import recover_icc_key
from firmware.emv.recovery import OdaFailed, recover_dynamic_data, sha1
from firmware.emv.session import Session
from firmware.emv.tlv import Tlv


def verify_signed_cryptogram(s: Session, response: tuple[Tlv, ...], raw: bytes, *, second: bool) -> None:
    """Verify 9F4B of the answer to a GENERATE AC that asked for CDA, and take the cryptogram out of it.

    `response` are the objects inside the template of the answer and `raw` is the answer's data; `second` tells the
    second GENERATE AC. Only for a TC or an ARQC: an AAC comes unsigned. Reads 9F37 and the DOL values as they were
    sent; writes 9F26 and 9F4C, the TVR bit of a failure and the TSI bit.
    Raises: OdaFailed.
    """
    s.tsi |= Tsi.ODA_PERFORMED
    try:
        number, cryptogram = _verify(s, response, raw, second=second)
    except OdaFailed:
        s.tvr |= Tvr.CDA_FAILED
        raise
    s.store.replace_from_card(0x9F4C, number)
    s.store.replace_from_card(0x9F26, cryptogram)


def _verify(s: Session, response: tuple[Tlv, ...], raw: bytes, *, second: bool) -> tuple[bytes, bytes]:
    """The dynamic number and the cryptogram of an answer that is signed as a whole. Raises: OdaFailed."""
    if raw.lstrip(b"\x00")[:1] != b"\x77":
        raise OdaFailed("the answer is not in format 2")
    given = {each.tag: each.value for each in response}
    signature, information = given.get(0x9F4B), given.get(0x9F27)
    if signature is None or information is None:
        raise OdaFailed("the answer has no signature or no cryptogram information")
    # Steps 1 to 4 and 7 to 9: the terminal's part is the unpredictable number alone.
    dynamic = recover_dynamic_data(recover_icc_key(s), signature, s.store.get(0x9F37) or b"")
    # Step 5, table 19: cryptogram information, cryptogram, transaction data hash code; the scheme may add to it.
    if len(dynamic.rest) < 29:
        raise OdaFailed("the signature holds no cryptogram")
    if dynamic.rest[:1] != information:
        # Step 6.
        raise OdaFailed("the answer says another kind of cryptogram than its signature")
    # Steps 10 to 12: byte for byte what was sent, then the answer in its order, without the signature.
    said = s.pdol_values + s.cdol1_values + (s.cdol2_values if second else b"")
    said += b"".join(each.raw for each in response if each.tag != 0x9F4B)
    if sha1(said) != dynamic.rest[9:29]:
        raise OdaFailed("the signature is over another transaction")
    return dynamic.icc_dynamic_number, dynamic.rest[1:9]
