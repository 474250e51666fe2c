"""The message tables of both dialects: what each transaction is called in each field, and which fields it sends.

A row reads as in the acquirer's book: message type, field 3, field 25, then of field 60 the message code (60.1) and the
network management code (60.3), and what field 61 tells of the original transaction. `0200` is answered by `0210`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from firmware.host.profile import Family


@dataclass(frozen=True, slots=True)
class Row:
    """One transaction as a message. Its name is that of a `Transaction`, where the terminal can ask for it.

    `code` is 60.1 and `network` 60.3 (field 70 in ISO 8583:1987); of two, the first is for a balanced settlement.
    `original` names the parts of field 61 in their order: b batch, s trace number, d date, m mode and institution, z
    sixteen zeros. `fields` are sent where the question has something for them, `text` is the one that
    carries its text. Question and answer carry a MAC where `mac` says so.
    """

    name: str
    zh: str
    en: str
    mti: str
    processing: str
    condition: str
    code: str
    network: str
    original: str
    fields: tuple[int, ...]
    text: int = 0
    mac: bool = False


_CARD: Final = (2, 14, 22, 23, 35, 55)
"""Keyed: 2 and 14. Stripe: 35. Chip: 2, 14, 23, 35 and 55."""
_PIN: Final = (26, 52, 53)
_CASHLESS: Final = (3, 11, 25, 41, 42, 49, 60, *_CARD, *_PIN)
_FINANCE: Final = (*_CASHLESS, 4)
_NOTICE: Final = (3, 4, 11, 25, 41, 42, 49, 53, 60, *_CARD)
_MANAGED: Final = (11, 41, 42, 60)
_LOADED: Final = (41, 42, 60, 62)
_RECORD: Final = (2, 4, 11, 22, 23, 41, 42, 49, 55, 60)

CUP: Final = (
    #    name, 交易, transaction, MTI, 3, 25, 60.1, 60.3, 61
    Row("sign_on", "签到", "sign-on", "0800", "", "", "00", "", "", (*_MANAGED, 62, 63), text=62),
    Row("sign_off", "签退", "sign-off", "0820", "", "", "00", "002", "", _MANAGED),
    Row("echo", "回响测试", "echo test", "0820", "", "", "00", "301", "", (41, 42, 60)),
    Row("balance", "余额查询", "balance", "0200", "310000", "00", "01", "000", "", _CASHLESS, mac=True),
    Row("sale", "消费", "sale", "0200", "000000", "00", "22", "000", "", _FINANCE, mac=True),
    Row("void", "消费撤销", "void", "0200", "200000", "00", "23", "000", "bs", (*_FINANCE, 37, 38, 61), mac=True),
    Row("refund", "退货", "refund", "0220", "200000", "00", "25", "000", "bsd", (*_FINANCE, 37, 61, 63), mac=True),
    Row("preauth", "预授权", "pre-authorisation", "0100", "030000", "06", "10", "000", "", _FINANCE, mac=True),
    Row(
        "preauth_increase", "追加预授权", "pre-authorisation increase",
        "0100", "030000", "60", "10", "000", "z", (*_FINANCE, 38, 61), mac=True,
    ),
    Row(
        "preauth_void", "预授权撤销", "pre-authorisation void",
        "0100", "200000", "06", "11", "000", "bsd", (*_FINANCE, 38, 61), mac=True,
    ),
    Row(
        "completion", "预授权完成(请求)", "pre-authorisation completion",
        "0200", "000000", "06", "20", "000", "bsd", (*_FINANCE, 38, 61), mac=True,
    ),
    Row(
        "completion_notice", "预授权完成(通知)", "completion notice",
        "0220", "000000", "06", "24", "000", "bsd", (*_NOTICE, 38, 61), mac=True,
    ),
    Row(
        "completion_void", "预授权完成撤销", "completion void",
        "0200", "200000", "06", "21", "000", "bsd", (*_FINANCE, 37, 38, 61), mac=True,
    ),
    Row(
        "offline_settlement", "离线结算", "offline settlement",
        "0220", "000000", "00", "30", "000", "bsdm", (*_NOTICE, 38, 61), mac=True,
    ),
    Row(
        "adjustment", "结算调整", "settlement adjustment",
        "0220", "000000", "00", "32", "000", "bsdm", (*_NOTICE, 38, 61), mac=True,
    ),
    Row(
        "tip", "小费", "tip",
        "0220", "000000", "00", "34", "000", "bsdm", (*_NOTICE, 38, 48, 61), text=48, mac=True,
    ),
    Row(
        "offline_sale", "脱机IC消费上送", "offline chip sale",
        "0200", "000000", "00", "36", "000", "", (*_NOTICE, 63), mac=True,
    ),
    Row(
        "instalment", "分期消费", "instalment sale",
        "0200", "000000", "64", "22", "000", "", (*_FINANCE, 62), text=62, mac=True,
    ),
    Row(
        "instalment_void", "分期消费撤销", "instalment void",
        "0200", "200000", "64", "23", "000", "bs", (*_FINANCE, 37, 38, 61, 62), text=62, mac=True,
    ),
    Row(
        "load", "指定账户圈存", "load from the card's account",
        "0200", "600000", "91", "45", "000", "", _FINANCE, mac=True,
    ),
    Row(
        "load_other", "非指定账户圈存", "load from another account",
        "0200", "620000", "91", "47", "000", "", (*_FINANCE, 62), text=62, mac=True,
    ),
    Row(
        "load_cash", "现金充值圈存", "load with cash",
        "0200", "630000", "91", "46", "000", "", _FINANCE, mac=True,
    ),
    Row(
        "load_cash_void", "现金充值圈存撤销", "void of a load with cash",
        "0200", "170000", "91", "51", "000", "bs", (*_FINANCE, 37, 38, 61), mac=True,
    ),
    # The codes of the next two stand in the profile: no public source agrees on them.
    Row("transfer", "转账", "transfer", "0200", "", "", "", "", "", (*_FINANCE, 62), text=62, mac=True),
    Row("cash_advance", "取现", "cash advance", "0200", "", "", "", "000", "", _FINANCE, mac=True),
    Row(
        "top_up", "磁条卡现金充值", "top-up with cash",
        "0200", "630000", "00", "48", "000", "", _FINANCE, mac=True,
    ),
    Row(
        "top_up_notice", "磁条卡现金充值确认", "top-up confirmation",
        "0220", "630000", "00", "48", "000", "", (2, 3, 4, 11, 14, 22, 25, 37, 38, 41, 42, 49, 60), mac=True,
    ),
    Row("cashier_sign_on", "收银员积分签到", "cashier sign-on", "0820", "", "", "00", "401", "", (*_MANAGED, 63)),
    Row("settlement", "批结算", "settlement", "0500", "", "", "00", "201", "", (*_MANAGED, 48, 49, 63), text=48),
    Row(
        "upload_offline_notice", "批上送:离线结算", "upload: offline settlement",
        "0320", "000000", "00", "30", "000", "bsdm", (*_NOTICE, 38, 61),
    ),
    Row(
        "upload_offline_sale", "批上送:脱机IC消费", "upload: offline chip sale",
        "0320", "000000", "00", "36", "000", "", (3, 25, *_RECORD),
    ),
    Row(
        "upload_stripe_list", "批上送:磁条联机交易", "upload: online stripe transactions",
        "0320", "", "", "00", "201", "", (*_MANAGED, 48), text=48,
    ),
    Row(
        "upload_refund", "批上送:退货", "upload: refund",
        "0320", "200000", "00", "25", "000", "bsd", (*_NOTICE, 37, 38, 61, 63),
    ),
    Row(
        "upload_completion_notice", "批上送:预授权完成(通知)", "upload: completion notice",
        "0320", "000000", "06", "24", "000", "bsd", (*_NOTICE, 38, 61),
    ),
    Row(
        "upload_chip_approved", "批上送:IC卡联机成功交易", "upload: approved chip transaction",
        "0320", "", "", "00", "203 205", "", (*_RECORD, 62), text=62,
    ),
    Row(
        "upload_chip_declined", "批上送:IC卡失败交易", "upload: failed chip transaction",
        "0320", "", "", "00", "204 206", "", (*_RECORD, 62), text=62,
    ),
    Row(
        "upload_end", "批上送结束", "end of the upload",
        "0320", "", "", "00", "207 202", "", (*_MANAGED, 48), text=48,
    ),
    Row(
        "script_notice", "IC脚本结果通知", "script result",
        "0620", "", "", "00", "951", "bsd", (2, 3, 4, 11, 22, 23, 32, 37, 38, 41, 42, 49, 55, 60, 61), mac=True,
    ),
    Row("parameters", "参数下载", "parameter download", "0800", "", "", "00", "360", "", _LOADED, text=62),
    Row("status", "状态上送", "status", "0820", "", "", "00", "362", "", _LOADED, text=62),
    Row("ca_key_list", "公钥查询", "list of CA keys", "0820", "", "", "00", "372", "", _LOADED, text=62),
    Row("ca_key", "公钥下载", "CA key", "0800", "", "", "00", "370", "", _LOADED, text=62),
    Row("ca_key_sm2", "国密公钥下载", "SM2 CA key", "0800", "", "", "00", "373", "", _LOADED, text=62),
    Row("ca_key_end", "公钥下载结束", "end of CA keys", "0800", "", "", "00", "371", "", _LOADED, text=62),
    Row("aid_list", "IC参数查询", "list of AIDs", "0820", "", "", "00", "382", "", _LOADED, text=62),
    Row("aid", "IC参数下载", "AID parameters", "0800", "", "", "00", "380", "", _LOADED, text=62),
    Row("aid_end", "IC参数下载结束", "end of AIDs", "0800", "", "", "00", "381", "", _LOADED, text=62),
    Row("contactless", "非接参数下载", "contactless parameters", "0800", "", "", "00", "394", "", _LOADED, text=62),
    Row(
        "contactless_end", "非接参数下载结束", "end of contactless parameters",
        "0800", "", "", "00", "395", "", _LOADED, text=62,
    ),
    Row("blacklist", "黑名单下载", "blacklist", "0800", "", "", "00", "390", "", _LOADED, text=62),
    Row("blacklist_end", "黑名单下载结束", "end of the blacklist", "0800", "", "", "00", "391", "", _LOADED, text=62),
)  # fmt: skip
"""Terminals of UnionPay's acquirers. Source: two terminals' tables, checked against an acquirer's."""

_BASE87: Final = (7, 11, 12, 13, 41, 42, 60)
_CARD87: Final = (2, 14, 22, 23, 25, 35, 55)
_MONEY87: Final = (*_BASE87, *_CARD87, *_PIN, 3, 4, 49, 110)
_UPLOAD87: Final = (*_BASE87, 48, 110)

ISO87: Final = (
    #    name, 交易, transaction, MTI, 3, 25, -, 70, 90
    Row("sign_on", "签到", "sign-on", "0800", "", "", "", "001", "", (7, 11, 41, 42, 62, 70), text=62),
    Row("sign_off", "签退", "sign-off", "0800", "", "", "", "002", "", (7, 11, 41, 42, 70)),
    Row("echo", "回响测试", "echo test", "0800", "", "", "", "301", "", (7, 11, 41, 42, 70)),
    Row("balance", "余额查询", "balance", "0200", "310000", "00", "", "", "", _MONEY87, mac=True),
    Row("sale", "消费", "sale", "0200", "000000", "00", "", "", "", _MONEY87, mac=True),
    Row("void", "消费撤销", "void", "0200", "020000", "00", "", "", "o", (*_MONEY87, 37, 38, 90), mac=True),
    Row("refund", "退货", "refund", "0200", "200000", "00", "", "", "o", (*_MONEY87, 37, 90), mac=True),
    Row("preauth", "预授权", "pre-authorisation", "0100", "000000", "06", "", "", "", _MONEY87, mac=True),
    Row(
        "preauth_void", "预授权撤销", "pre-authorisation void",
        "0100", "020000", "06", "", "", "o", (*_MONEY87, 38, 90), mac=True,
    ),
    Row(
        "completion", "预授权完成(请求)", "pre-authorisation completion",
        "0200", "000000", "06", "", "", "o", (*_MONEY87, 38, 90), mac=True,
    ),
    Row(
        "completion_notice", "预授权完成(通知)", "completion notice",
        "0220", "000000", "06", "", "", "o", (*_MONEY87, 38, 90), mac=True,
    ),
    Row(
        "completion_void", "预授权完成撤销", "completion void",
        "0200", "020000", "06", "", "", "o", (*_MONEY87, 37, 38, 90), mac=True,
    ),
    Row("cash_advance", "取现", "cash advance", "0200", "", "", "", "", "", _MONEY87, mac=True),
    Row("offline_sale", "脱机IC消费上送", "offline chip sale", "0220", "000000", "00", "", "", "", _MONEY87, mac=True),
    Row(
        "script_notice", "IC脚本结果通知", "script result",
        "0620", "", "", "", "", "o", (*_BASE87, 2, 3, 4, 22, 23, 32, 37, 38, 49, 55, 90, 110), mac=True,
    ),
    Row(
        "settlement", "批结算", "settlement",
        "0500", "", "", "", "", "", (*_BASE87, 49, 74, 76, 86, 88, 97, 110), mac=True,
    ),
    Row(
        "upload_offline_notice", "批上送", "upload",
        "0320", "000000", "00", "", "", "o", (*_MONEY87, 38, 90), mac=True,
    ),
    Row("upload_offline_sale", "批上送", "upload", "0320", "000000", "00", "", "", "", _MONEY87, mac=True),
    Row("upload_stripe_list", "批上送", "upload", "0320", "", "", "", "", "", _UPLOAD87, text=48, mac=True),
    Row(
        "upload_refund", "批上送", "upload",
        "0320", "200000", "00", "", "", "o", (*_MONEY87, 37, 90), mac=True,
    ),
    Row(
        "upload_completion_notice", "批上送", "upload",
        "0320", "000000", "06", "", "", "o", (*_MONEY87, 38, 90), mac=True,
    ),
    Row(
        "upload_chip_approved", "批上送", "upload",
        "0320", "000000", "00", "", "", "", (*_MONEY87, 48), text=48, mac=True,
    ),
    Row(
        "upload_chip_declined", "批上送", "upload",
        "0320", "000000", "00", "", "", "", (*_MONEY87, 48), text=48, mac=True,
    ),
    Row("upload_end", "批上送结束", "end of the upload", "0320", "", "", "", "", "", _UPLOAD87, text=48, mac=True),
)  # fmt: skip
"""A plain acquirer after ISO 8583:1987: field 60 is the batch, 70 the network code, 90 the original transaction."""

TABLES: Final[Mapping[Family, Mapping[str, Row]]] = {
    Family.CUP: {row.name: row for row in CUP},
    Family.ISO87: {row.name: row for row in ISO87},
}
