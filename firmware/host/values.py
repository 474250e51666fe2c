"""What the terminal asks an acquirer and what it is told, as values: no field number, no byte of any dialect.

Owned here: the names of the questions and the facts of an answer. How they are written on the wire is a dialect's.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final

from firmware.units import Money, Pan, PinBlock, Stan, Track2


class Transaction(StrEnum):
    """What is asked of the acquirer; the Chinese names are those of the message table."""

    SIGN_ON = "sign_on"
    """签到"""
    SIGN_OFF = "sign_off"
    """签退"""
    ECHO = "echo"
    """回响测试"""
    BALANCE = "balance"
    """余额查询"""
    SALE = "sale"
    """消费"""
    VOID = "void"
    """消费撤销"""
    REFUND = "refund"
    """退货"""
    PREAUTH = "preauth"
    """预授权"""
    PREAUTH_VOID = "preauth_void"
    """预授权撤销"""
    COMPLETION = "completion"
    """预授权完成(请求)"""
    COMPLETION_NOTICE = "completion_notice"
    """预授权完成(通知)"""
    COMPLETION_VOID = "completion_void"
    """预授权完成撤销"""
    CASH_ADVANCE = "cash_advance"
    """取现"""
    TRANSFER = "transfer"
    """转账"""
    OFFLINE_SALE = "offline_sale"
    """脱机IC消费上送"""
    SCRIPT_NOTICE = "script_notice"
    """IC脚本结果通知"""
    REVERSAL = "reversal"
    """冲正"""
    SETTLEMENT = "settlement"
    """批结算"""
    BATCH_UPLOAD = "batch_upload"
    """批上送"""
    PARAMETERS = "parameters"
    """参数下载"""
    STATUS = "status"
    """状态上送"""
    CA_KEY_LIST = "ca_key_list"
    """公钥查询"""
    CA_KEY = "ca_key"
    """公钥下载"""
    CA_KEY_END = "ca_key_end"
    """公钥下载结束"""
    AID_LIST = "aid_list"
    """IC参数查询"""
    AID = "aid"
    """IC参数下载"""
    AID_END = "aid_end"
    """IC参数下载结束"""


REVERSIBLE: Final = frozenset(
    {
        Transaction.SALE,
        Transaction.VOID,
        Transaction.PREAUTH,
        Transaction.PREAUTH_VOID,
        Transaction.COMPLETION,
        Transaction.COMPLETION_VOID,
        Transaction.CASH_ADVANCE,
    }
)
"""What is reversed when its answer does not come; the rest is repeated, or asked of a person."""


class Entry(StrEnum):
    """How the card number came into the terminal (field 22, digits 1 and 2)."""

    NONE = "none"
    KEYED = "keyed"
    STRIPE = "stripe"
    FALLBACK = "fallback"
    """The stripe of a card whose chip could not be read."""
    CHIP = "chip"


class UploadKind(StrEnum):
    """What one message of a batch upload holds, in the order in which they are sent."""

    OFFLINE_NOTICE = "offline_notice"
    """离线结算通知"""
    OFFLINE_SALE = "offline_sale"
    """脱机IC消费"""
    STRIPE_LIST = "stripe_list"
    """磁条联机成功交易: several in one message"""
    REFUND = "refund"
    """退货"""
    COMPLETION_NOTICE = "completion_notice"
    """预授权完成(通知)"""
    CHIP_APPROVED = "chip_approved"
    """IC卡联机成功交易"""
    CHIP_DECLINED = "chip_declined"
    """IC卡失败交易"""
    END = "end"
    """批上送结束"""


@dataclass(frozen=True, slots=True)
class Upload:
    """Which message of a batch upload it is; `balanced` is how the settlement came out."""

    kind: UploadKind
    balanced: bool


class Reason(StrEnum):
    """Why a transaction is reversed (field 39 of the reversal)."""

    NO_ANSWER = "98"
    BAD_MAC = "A0"
    OTHER = "06"


@dataclass(frozen=True, slots=True)
class CardData:
    """The card of a question. `expiry` is YYMM; `sequence` is the PAN sequence number (5F34); `chip` is field 55."""

    pan: Pan
    expiry: str | None = None
    sequence: int | None = None
    track2: Track2 | None = None
    chip: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True)
class Original:
    """The earlier transaction that a question is about, as far as its answer told it.

    `batch` 0 and no `stan`: it is known by its `rrn` or `authorisation` alone, typed from a slip. `date` is MMDD,
    `institution` the acquiring institution that the answer named.
    """

    batch: int = 0
    stan: Stan | None = None
    date: str | None = None
    rrn: str | None = None
    authorisation: str | None = None
    transaction: Transaction | None = None
    institution: str | None = None


@dataclass(frozen=True, slots=True)
class Ask:
    """One question to the acquirer.

    `pin` is the enciphered PIN block. `text` is what those transactions say that have a text of their own: the serial
    number at sign-on, the target card of a transfer, totals, records, what to download. `organisation` is the card
    organisation that a refund names, `at` the shop's local time. `upload` goes with a batch upload, `key_serial` with
    keys that are derived for each message.
    """

    transaction: Transaction
    stan: Stan
    batch: int
    at: datetime
    amount: Money | None = None
    entry: Entry = Entry.NONE
    card: CardData | None = None
    pin: PinBlock | None = None
    original: Original | None = None
    organisation: str | None = None
    text: bytes = field(default=b"", repr=False)
    upload: Upload | None = None
    key_serial: bytes = field(default=b"", repr=False)


class Action(StrEnum):
    """What follows from a response code: the class of the code in the acquirer's table."""

    APPROVED = "approved"
    PARTLY_APPROVED = "partly_approved"
    RETRY = "retry"
    """Declined; the person may try again."""
    DECLINED = "declined"
    OPERATOR = "operator"
    """Declined; the merchant must do something, such as keep the card."""
    REFERRAL = "referral"
    """Declined for now; the issuer wants to be called."""
    SIGN_ON = "sign_on"
    """The working keys are no longer good: sign on, then try again."""
    SYSTEM = "system"


class Demand(StrEnum):
    """What an answer's header asks the terminal to do next (处理要求)."""

    NOTHING = "nothing"
    PARAMETERS = "parameters"
    STATUS = "status"
    SIGN_ON = "sign_on"
    CA_KEYS = "ca_keys"
    AIDS = "aids"
    PROGRAM = "program"
    BLACKLIST = "blacklist"
    CONTACTLESS = "contactless"
    OFFLINE_DATA = "offline_data"
    """Not of the header: response code 79 wants to have what waits (重传脱机数据) before the person tries again."""


@dataclass(frozen=True, slots=True)
class Balance:
    """An account's balance; `negative` for a debt."""

    amount: Money
    negative: bool


@dataclass(frozen=True, slots=True)
class Answer:
    """What the acquirer has said, believed: it belongs to the question, and where it approves its MAC is right.

    `time` is HHMMSS, `date` and `settlement_date` MMDD. `chip` holds tags 91, 71 and 72 for the card. `amount` is what
    was approved, `institution` the acquiring institution. `texts` are the issuer's and acquirer's remarks, to be shown
    first. `payload` is what field 62 or 48 carries, such as working keys or totals, `batch` the acquirer's batch.
    """

    transaction: Transaction
    stan: Stan | None
    code: str
    action: Action
    demand: Demand = Demand.NOTHING
    amount: Money | None = None
    rrn: str | None = None
    authorisation: str | None = None
    time: str | None = None
    date: str | None = None
    settlement_date: str | None = None
    batch: int | None = None
    issuer: str | None = None
    acquirer: str | None = None
    institution: str | None = None
    organisation: str | None = None
    balance: Balance | None = None
    chip: bytes = field(default=b"", repr=False)
    texts: tuple[str, ...] = ()
    payload: bytes = field(default=b"", repr=False)

    @property
    def approved(self) -> bool:
        """Whether the acquirer has counted it."""
        return self.action in (Action.APPROVED, Action.PARTLY_APPROVED)
