"""The field tables of both dialects: what stands in each field, how long it may be, and what of it may be shown.

A form reads as in the standards: `n6` six digits, `n..19 LL` up to nineteen behind a length of two digits. The kinds:
n digits, z track digits with D between, an letters and digits, ans any text, b bytes (here always in hexadecimal
digits). Lengths count digits for n and z, and bytes else. Source: terminals' and an acquirer's tables that agree
(n packed, an odd count filled up at its right, but for 23 at its left), and ISO 8583:1987 §4.4.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, auto
from typing import Final

from firmware.host.profile import Family


class Shown(Enum):
    """What of a field a person may see."""

    ALL = auto()
    CARD_NUMBER = auto()
    """The first six and last four digits."""
    LENGTH = auto()
    """Nothing but how long it is: tracks, PIN blocks, keys."""


@dataclass(frozen=True, slots=True)
class Field:
    """One field: its number, its form, its names, and what of it is shown."""

    number: int
    form: str
    zh: str
    en: str
    shown: Shown = Shown.ALL

    @property
    def kind(self) -> str:
        """`n`, `z`, `an`, `ans` or `b`."""
        return self.form.rstrip(" L").rstrip("0123456789").rstrip(".")

    @property
    def most(self) -> int:
        """The length of a fixed field, the greatest length of another one."""
        return int(self.form.rstrip(" L").lstrip("abnsz."))

    @property
    def length_digits(self) -> int:
        """How many digits the length has: 0 for a fixed field, 2 or 3."""
        return self.form.count("L")


_CARD: Final = Shown.CARD_NUMBER
_SECRET: Final = Shown.LENGTH

CUP: Final = (
    Field(2, "n..19 LL", "主账号", "card number", _CARD),
    Field(3, "n6", "交易处理码", "processing code"),
    Field(4, "n12", "交易金额", "amount"),
    Field(11, "n6", "受卡方系统跟踪号", "trace number (STAN)"),
    Field(12, "n6", "受卡方所在地时间", "local time"),
    Field(13, "n4", "受卡方所在地日期", "local date"),
    Field(14, "n4", "卡有效期", "expiry date"),
    Field(15, "n4", "清算日期", "settlement date"),
    Field(22, "n3", "服务点输入方式码", "entry mode"),
    Field(23, "n3", "卡序列号", "card sequence number"),
    Field(25, "n2", "服务点条件码", "condition code"),
    Field(26, "n2", "服务点PIN获取码", "longest PIN"),
    Field(32, "n..11 LL", "受理方标识码", "acquiring institution"),
    Field(35, "z..37 LL", "二磁道数据", "track 2", _SECRET),
    Field(36, "z..104 LLL", "三磁道数据", "track 3", _SECRET),
    Field(37, "an12", "检索参考号", "retrieval reference number"),
    Field(38, "an6", "授权标识应答码", "authorisation code"),
    Field(39, "an2", "应答码", "response code"),
    Field(41, "ans8", "受卡机终端标识码", "terminal"),
    Field(42, "ans15", "受卡方标识码", "merchant"),
    Field(44, "ans..25 LL", "附加响应数据", "issuer and acquirer"),
    Field(46, "b..255 LLL", "附加数据", "additional text"),
    Field(48, "n..322 LLL", "附加数据 - 私有", "totals or records", _SECRET),
    Field(49, "an3", "交易货币代码", "currency"),
    Field(52, "b8", "个人标识码数据", "PIN block", _SECRET),
    Field(53, "n16", "安全控制信息", "security control"),
    Field(54, "an..20 LLL", "余额", "balance"),
    Field(55, "b..255 LLL", "IC卡数据域", "chip data"),
    Field(58, "ans..100 LLL", "PBOC电子钱包标准的交易信息", "purse data", _SECRET),
    Field(59, "ans..600 LLL", "自定义域", "terminal's own data"),
    Field(60, "n..17 LLL", "自定义域", "message code, batch, network code"),
    Field(61, "n..29 LLL", "原始信息域", "original transaction"),
    Field(62, "b..512 LLL", "自定义域", "keys, parameters or records", _SECRET),
    Field(63, "ans..163 LLL", "自定义域", "operator, organisation, remarks"),
    Field(64, "b8", "报文鉴别码", "MAC"),
)

ISO87: Final = (
    Field(2, "n..19 LL", "主账号", "card number", _CARD),
    Field(3, "n6", "交易处理码", "processing code"),
    Field(4, "n12", "交易金额", "amount"),
    Field(7, "n10", "交易传输时间", "transmission date and time"),
    Field(11, "n6", "系统跟踪号", "trace number (STAN)"),
    Field(12, "n6", "所在地时间", "local time"),
    Field(13, "n4", "所在地日期", "local date"),
    Field(14, "n4", "卡有效期", "expiry date"),
    Field(15, "n4", "清算日期", "settlement date"),
    Field(22, "n3", "服务点输入方式码", "entry mode"),
    Field(23, "n3", "卡序列号", "card sequence number"),
    Field(25, "n2", "服务点条件码", "condition code"),
    Field(26, "n2", "服务点PIN获取码", "longest PIN"),
    Field(32, "n..11 LL", "受理方标识码", "acquiring institution"),
    Field(35, "z..37 LL", "二磁道数据", "track 2", _SECRET),
    Field(37, "an12", "检索参考号", "retrieval reference number"),
    Field(38, "an6", "授权标识应答码", "authorisation code"),
    Field(39, "an2", "应答码", "response code"),
    Field(41, "ans8", "终端标识码", "terminal"),
    Field(42, "ans15", "商户标识码", "merchant"),
    Field(44, "ans..25 LL", "附加响应数据", "issuer and acquirer"),
    Field(48, "ans..999 LLL", "附加数据", "batch and records", _SECRET),
    Field(49, "n3", "交易货币代码", "currency"),
    Field(52, "b8", "个人标识码数据", "PIN block", _SECRET),
    Field(53, "n16", "安全控制信息", "security control"),
    Field(54, "an..120 LLL", "余额", "balance"),
    Field(55, "b..255 LLL", "IC卡数据域", "chip data"),
    Field(60, "ans..999 LLL", "批次号", "batch"),
    Field(62, "b..499 LLL", "自定义域", "keys, parameters or records", _SECRET),
    Field(63, "ans..163 LLL", "自定义域", "organisation and remarks"),
    Field(64, "b8", "报文鉴别码", "MAC"),
    Field(66, "n1", "结算代码", "settlement code"),
    Field(70, "n3", "网络管理信息码", "network management code"),
    Field(74, "n10", "贷记笔数", "credits, number"),
    Field(76, "n10", "借记笔数", "debits, number"),
    Field(86, "n16", "贷记金额", "credits, amount"),
    Field(88, "n16", "借记金额", "debits, amount"),
    Field(90, "n42", "原始数据元", "original data elements"),
    Field(97, "an17", "净清算金额", "net settlement amount"),
    Field(110, "b..12 LLL", "密钥序列号", "key serial number (KSN)"),
    Field(128, "b8", "报文鉴别码", "MAC"),
)

TABLES: Final[Mapping[Family, tuple[Field, ...]]] = {Family.CUP: CUP, Family.ISO87: ISO87}
