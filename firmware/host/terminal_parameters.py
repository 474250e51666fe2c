"""Field 62 of a parameter download (60.3 = 360) and of a status upload (362): names of two digits, each with its value.

The name alone says how long its value is, so a name that is not known here ends the reading: nothing of such a download
is taken. Source: an acquirer's administration page that shows the same text; what is a guess in it is listed in
docs/acquirers.md. Whether a value is sane is decided where it is put in force.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from firmware.config import CARD_AGAIN, PIN_AGAIN
from firmware.host.errors import BadAnswer
from firmware.host.values import Transaction

_LENGTHS: Final[Mapping[bytes, int]] = {
    b"11": 2,  # POS终端应用类型: kind of application
    b"12": 2,  # 超时时间: seconds to wait for an answer
    b"13": 1,  # 重试次数: how often to dial
    b"14": 14,  # 交易电话: telephone numbers
    b"15": 14,
    b"16": 14,
    b"17": 14,  # 管理电话
    b"18": 1,  # 是否支持小费: tips
    b"19": 2,  # 小费百分比
    b"20": 1,  # 是否支持手工输入卡号: card numbers may be typed
    b"21": 1,  # 是否自动签退: sign off after a settlement
    b"22": 40,  # 商户名称: name of the merchant
    b"23": 1,  # 冲正重发次数: how often a reversal is sent again
    b"24": 1,  # 主密钥索引: which master key
    b"25": 2,  # what voids and completions want of the card
    b"26": 8,  # 支持的交易类型: a bit for each transaction
    b"27": 1,  # 打印联数: copies of a slip
    b"28": 1,  # 屏蔽卡号: mask card numbers on slips
    b"29": 1,  # 显示LOGO
    b"30": 2,  # 快捷交易类型: the transaction that an amount begins
}
_BITS: Final = (
    Transaction.BALANCE,
    Transaction.PREAUTH,
    Transaction.PREAUTH_VOID,
    Transaction.COMPLETION,
    Transaction.COMPLETION_VOID,
    Transaction.SALE,
    Transaction.VOID,
    Transaction.REFUND,
)
"""What the first bits of parameter 26 allow, the highest first; the others stand for what is not known here."""
_AGAIN: Final = ("void", "completion_void", "preauth_void", "completion")
"""What parameter 25 speaks of, two bits each, the highest first: the card is wanted again, and its PIN."""
SWITCHED: Final = frozenset(_BITS)
"""The transactions that parameter 26 speaks of."""


@dataclass(frozen=True, slots=True)
class TerminalParameters:
    """What was downloaded, as far as this terminal obeys it; None for what did not come.

    `wait_s` is how long to wait for an answer, `resends` how often a reversal is sent again after the first time,
    `transactions` those of `SWITCHED` that are allowed, `shown_again` what the customer shows again, as in `config`.
    """

    wait_s: int | None = None
    resends: int | None = None
    keyed_cards: bool | None = None
    sign_off: bool | None = None
    merchant_name: str | None = None
    transactions: frozenset[Transaction] | None = None
    shown_again: Mapping[str, frozenset[str]] | None = None


def read_parameters(payload: bytes, charset: str) -> TerminalParameters:
    """Read what an acquirer wants of the terminal; `charset` is that of its texts. Raises: BadAnswer."""
    values = _values(payload)
    name = values.get(b"22")
    return TerminalParameters(
        wait_s=_number(values, b"12"),
        resends=_number(values, b"23"),
        keyed_cards=_switch(values, b"20"),
        sign_off=_switch(values, b"21"),
        merchant_name=None if name is None else _text(name, charset),
        transactions=_transactions(values),
        shown_again=_shown_again(values),
    )


def values_by_name(payload: bytes) -> dict[str, bytes]:
    """What came, obeyed or not, by the two digits of its name. Raises: BadAnswer."""
    return {name.decode(): value for name, value in _values(payload).items()}


def status_text(parameters: TerminalParameters) -> bytes:
    """The text of a status upload: the values by which the terminal works, in the coding of the download."""
    told = [(b"12", f"{parameters.wait_s:02}"), (b"23", f"{parameters.resends}")]
    told += [(b"20", str(int(bool(parameters.keyed_cards)))), (b"21", str(int(bool(parameters.sign_off))))]
    if parameters.transactions is not None:
        bits = sum(1 << (31 - place) for place, each in enumerate(_BITS) if each in parameters.transactions)
        told.append((b"26", f"{bits:08X}"))
    return b"".join(name + value.encode() for name, value in sorted(told))


def _values(payload: bytes) -> dict[bytes, bytes]:
    """The values by their names. Raises: BadAnswer."""
    values: dict[bytes, bytes] = {}
    at = 0
    while at < len(payload):
        name = payload[at : at + 2]
        if name not in _LENGTHS or name in values:
            raise BadAnswer(f"parameter {_shown(name)} is not known here, or stands there twice")
        at += 2 + _LENGTHS[name]
        if at > len(payload):
            raise BadAnswer(f"parameter {_shown(name)} is cut off")
        values[name] = payload[at - _LENGTHS[name] : at]
    return values


def _shown(name: bytes) -> str:
    return name.decode() if name.isdigit() else f"0x{name.hex()}"


def _number(values: Mapping[bytes, bytes], name: bytes) -> int | None:
    value = values.get(name)
    if value is None:
        return None
    if not value.isdigit():
        raise BadAnswer(f"parameter {name.decode()} is not a number")
    return int(value)


def _switch(values: Mapping[bytes, bytes], name: bytes) -> bool | None:
    value = values.get(name)
    if value not in (None, b"0", b"1"):
        raise BadAnswer(f"parameter {name.decode()} is neither 0 nor 1")
    return None if value is None else value == b"1"


def _text(value: bytes, charset: str) -> str:
    try:
        return value.rstrip(b"\0 ").decode(charset).strip()
    except UnicodeDecodeError:
        raise BadAnswer(f"parameter 22 is not a text in {charset}") from None


def _transactions(values: Mapping[bytes, bytes]) -> frozenset[Transaction] | None:
    bits = _bits(values, b"26")
    if bits is None:
        return None
    return frozenset(each for place, each in enumerate(_BITS) if bits >> (31 - place) & 1)


def _shown_again(values: Mapping[bytes, bytes]) -> Mapping[str, frozenset[str]] | None:
    bits = _bits(values, b"25")
    if bits is None:
        return None
    pairs = ((errand, bits >> (6 - 2 * place)) for place, errand in enumerate(_AGAIN))
    wanted = ((errand, {CARD_AGAIN: pair & 2, PIN_AGAIN: pair & 1}) for errand, pair in pairs)
    return {errand: frozenset(each for each, is_set in pair.items() if is_set) for errand, pair in wanted}


def _bits(values: Mapping[bytes, bytes], name: bytes) -> int | None:
    value = values.get(name)
    if value is None:
        return None
    try:
        return int.from_bytes(bytes.fromhex(value.decode("ascii")), "big")
    except ValueError:
        raise BadAnswer(f"parameter {name.decode()} is not hexadecimal digits") from None
