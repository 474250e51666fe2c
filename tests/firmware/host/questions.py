"""A question for every row of both message tables, as a flow would ask it, and an acquirer that answers each."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from firmware.host.codec import Codec, Fields
from firmware.host.dialect import Dialect
from firmware.host.downloads import KeyName, aid_question, key_question, list_question
from firmware.host.frame import answered_tpdu, unwrap
from firmware.host.profile import AcquirerProfile, Family, load_profile
from firmware.host.settlement import Side, StripeRecord, Totals, chip_approved, chip_declined, stripe_list, totals_text
from firmware.host.settlement import upload_end as upload_end_text
from firmware.host.values import Ask, CardData, Entry, Original, Transaction, Upload, UploadKind
from firmware.units import Currency, Money, Pan, PinBlock, Stan, Track2

PARAMS: Final = Path(__file__).parents[3] / "board" / "params"
PROFILES: Final = {name: load_profile(PARAMS / "acquirers" / f"{name}.toml") for name in ("cup", "plain87")}
TERMINAL: Final = "10000001"
MERCHANT: Final = "898110000000001"
DIALECTS: Final = {name: Dialect(profile, TERMINAL, MERCHANT) for name, profile in PROFILES.items()}
T: Final = Transaction
CNY: Final = Currency("CNY", 156, 2)
AT: Final = datetime(2026, 11, 23, 15, 4, 5, tzinfo=ZoneInfo("Asia/Shanghai"))
AMOUNT: Final = Money(12_345, CNY)
PAN: Final = "6224242900000113"
TRACK: Final = f"{PAN}D28062013949031013"
PIN_BLOCK: Final = PinBlock(bytes.fromhex("D1EEF419D0AE2609"))
CHIP: Final = bytes.fromhex(
    "9F260895BBE372271DDA7C9F2701809F101307010103A00000010A010000000000ED538FE49F37047F9F349E9F36020157"
    "950500000000009A032611239C01009F02060000000123455F2A02015682027C009F1A0201569F03060000000000009F3303E0E9C8"
    "9F1E083130303030303031"
)
SCRIPT_CHIP: Final = CHIP + bytes.fromhex("DF31052000000000")
SERIAL: Final = bytes.fromhex("FFFF9876543210E00001")
BATCH: Final = 24
RRN: Final = "260101000042"

KEYED: Final = CardData(Pan(PAN), expiry="2806")
SWIPED: Final = CardData(Pan(PAN), track2=Track2(TRACK))
INSERTED: Final = CardData(Pan(PAN), "2806", 1, Track2(TRACK), CHIP)
FROM_RECORD: Final = CardData(Pan(PAN), "2806", 1, None, CHIP)
ORIGINAL: Final = Original(
    BATCH, Stan(42), date="1122", rrn=RRN, authorisation="A1B2C3", transaction=T.SALE, institution="01020304"
)
TOTALS: Final = Totals(Side(1_234_500, 12, 45_600, 3))


def ask(transaction: Transaction, **more: object) -> Ask:
    """A question with a trace and batch number, and whatever else."""
    return replace(Ask(transaction, Stan(403), BATCH, AT, key_serial=SERIAL), **more)  # type: ignore[arg-type]


def paid(transaction: Transaction, **more: object) -> Ask:
    """A question with amount, chip card and PIN."""
    parts: dict[str, object] = {"amount": AMOUNT, "entry": Entry.CHIP, "card": INSERTED, "pin": PIN_BLOCK, **more}
    return ask(transaction, **parts)


def uploaded(kind: UploadKind, text: bytes = b"", organisation: str | None = None) -> Ask:
    """A message of the batch upload; a record of one transaction has its card and amount."""
    question = ask(T.BATCH_UPLOAD, upload=Upload(kind, balanced=False), text=text, organisation=organisation)
    if kind in (UploadKind.STRIPE_LIST, UploadKind.END):
        return question
    return replace(question, amount=AMOUNT, card=FROM_RECORD, entry=Entry.CHIP, original=ORIGINAL)


_KEY: Final = KeyName(bytes.fromhex("A000000333"), 0x0B)
_AID: Final = bytes.fromhex("A000000333010102")
_TO_CARD: Final = b"6224243000000118"

QUESTIONS: Final[dict[str, Ask]] = {
    "sign_on": ask(T.SIGN_ON, text=b"123456789012"),
    "sign_off": ask(T.SIGN_OFF),
    "echo": ask(T.ECHO),
    "balance": paid(T.BALANCE, amount=None),
    "sale": paid(T.SALE),
    "sale_keyed": paid(T.SALE, card=KEYED, entry=Entry.KEYED),
    "sale_stripe": paid(T.SALE, card=SWIPED, entry=Entry.STRIPE),
    "sale_fallback": paid(T.SALE, card=SWIPED, entry=Entry.FALLBACK, pin=None),
    "void": paid(T.VOID, original=ORIGINAL),
    "refund": paid(T.REFUND, original=ORIGINAL, organisation="CUP"),
    "preauth": paid(T.PREAUTH),
    "preauth_void": paid(T.PREAUTH_VOID, original=replace(ORIGINAL, transaction=T.PREAUTH)),
    "completion": paid(T.COMPLETION, original=replace(ORIGINAL, transaction=T.PREAUTH)),
    "completion_notice": paid(T.COMPLETION_NOTICE, pin=None, original=replace(ORIGINAL, transaction=T.PREAUTH)),
    "completion_void": paid(T.COMPLETION_VOID, original=replace(ORIGINAL, transaction=T.COMPLETION)),
    "cash_advance": paid(T.CASH_ADVANCE),
    "transfer": paid(T.TRANSFER, text=_TO_CARD),
    "offline_sale": paid(T.OFFLINE_SALE, pin=None, card=replace(FROM_RECORD, chip=CHIP + bytes.fromhex("8A025931"))),
    "script_notice": ask(
        T.SCRIPT_NOTICE,
        amount=AMOUNT,
        entry=Entry.CHIP,
        card=CardData(Pan(PAN), None, 1, None, SCRIPT_CHIP),
        original=ORIGINAL,
    ),
    "settlement": ask(T.SETTLEMENT, text=totals_text(TOTALS)),
    "upload_offline_notice": uploaded(UploadKind.OFFLINE_NOTICE),
    "upload_offline_sale": uploaded(UploadKind.OFFLINE_SALE),
    "upload_stripe_list": uploaded(
        UploadKind.STRIPE_LIST,
        stripe_list([StripeRecord(Stan(7), Pan(PAN), AMOUNT), StripeRecord(Stan(8), Pan(PAN), AMOUNT, foreign=True)]),
    ),
    "upload_refund": uploaded(UploadKind.REFUND, organisation="CUP"),
    "upload_completion_notice": uploaded(UploadKind.COMPLETION_NOTICE),
    "upload_chip_approved": uploaded(UploadKind.CHIP_APPROVED, chip_approved(AMOUNT)),
    "upload_chip_declined": uploaded(UploadKind.CHIP_DECLINED, chip_declined(AMOUNT)),
    "upload_end": uploaded(UploadKind.END, upload_end_text(17)),
    "parameters": ask(T.PARAMETERS, text=b"1"),
    "status": ask(T.STATUS, text=b"1260200210232" + b"26FF000000"),
    "ca_key_list": ask(T.CA_KEY_LIST, text=list_question(0)),
    "ca_key": ask(T.CA_KEY, text=key_question(_KEY)),
    "ca_key_end": ask(T.CA_KEY_END),
    "aid_list": ask(T.AID_LIST, text=list_question(12)),
    "aid": ask(T.AID, text=aid_question(_AID)),
    "aid_end": ask(T.AID_END),
}
"""By the name of their row, a kind of card behind it where there are several."""


def offered(profile: AcquirerProfile) -> Iterator[tuple[str, Ask]]:
    """The questions that an acquirer offers."""
    return ((name, question) for name, question in QUESTIONS.items() if question.transaction in profile.offered)


def mac(data: bytes) -> bytes:
    """A code that depends on every byte; the real ones are tested with the keys."""
    return hashlib.sha256(data).digest()[:8]


def check_mac(data: bytes, code: bytes) -> bool:
    """Whether it is the code of `mac`."""
    return mac(data) == code


_ECHOED: Final = ("2", "3", "4", "11", "25", "41", "42", "49", "60", "70")
_ADDED: Final = {"12": "150406", "13": "1123", "32": "01020304", "37": RRN, "39": "00", "44": "01020000   01030000   "}
_APPROVED_FINANCE: Final = {"15": "1124", "38": "A1B2C3", "63": "CUP" + "APPROVED".ljust(20)}
_KEY_TEXT: Final = "9F0605A0000003339F22010BDF050420301231"
_AID_TEXT: Final = "9F0608A000000333010102"
_PAYLOADS: Final = {
    "004": "5A" * 60,
    "001": "5A" * 24,
    "360": "313131",
    "372": f"33{_KEY_TEXT}",
    "370": f"31{_KEY_TEXT}DF060101DF070101DF020CB1B2B3B4B5B6B7B8B9BABBBDDF040103DF0314{'AB' * 20}",
    "382": f"33{_AID_TEXT}",
    "380": f"31{_AID_TEXT}DF0101009F08020030DF1105D84000A800DF1205D84004F800DF130500100000009F1B0400001388",
}
"""What downloads bring, by their network management code."""


class Acquirer:
    """Answers a question as the message table says; `changes` are put into the answer, None takes a field out."""

    def __init__(self, profile: AcquirerProfile) -> None:
        self.profile = profile
        self.codec = Codec(profile)

    def answer(self, frame: bytes, changes: dict[str, str | None] | None = None, *, seal: bool = True) -> bytes:
        """Return the frame that answers `frame`; with a MAC where the question has one and `seal` says so."""
        outer = unwrap(frame, self.profile)
        asked = self.codec.decode(outer.message)
        fields = {"t": f"{int(asked['t']) + 10:04}"} | _ADDED
        fields |= {key: asked[key] for key in _ECHOED if key in asked}
        if asked["t"][:2] in ("01", "02"):
            fields |= _APPROVED_FINANCE
        fields |= self._special(asked)
        for key, value in (changes or {}).items():
            fields.pop(key, None)
            if value is not None:
                fields[key] = value
        head = bytes.fromhex(answered_tpdu(outer.tpdu) + outer.header)
        return head + self.sealed(fields, sealed=seal and bool({"64", "128"} & asked.keys()))

    def _special(self, asked: Fields) -> Fields:
        if asked["t"] == "0500":
            if self.profile.family is Family.CUP:
                return {"39": "", "48": asked["48"][:30] + "1" + asked["48"][31:61] + "1"}
            return {key: asked[key] for key in ("74", "76", "86", "88")} | {"66": "1"}
        if asked.get("3") == "310000":
            return {"54": "1002156C000000123456", "4": asked.get("4", "")}
        network = asked["60"][8:11] if self.profile.family is Family.CUP else asked.get("70", "")
        payload = _PAYLOADS.get(network)
        return {} if payload is None else {"62": payload}

    def sealed(self, fields: Fields, *, sealed: bool = True) -> bytes:
        """A message of fields, with its MAC."""
        fields = {key: value for key, value in fields.items() if value}
        if not sealed:
            return self.codec.encode(fields)
        high = any(int(key) > 64 for key in fields if key != "t")
        message = self.codec.encode({**fields, "128" if high else "64": "0" * 16})
        if self.profile.family is Family.CUP:
            return message[:-8] + mac(message[:-8])
        return message[:-16] + mac(message[:-16]).hex().upper().encode()


ACQUIRERS: Final = {name: Acquirer(profile) for name, profile in PROFILES.items()}
