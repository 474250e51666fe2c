"""Whole transactions as scripts, and the issuer's answers that go with them."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any, Final

from firmware.emv.issuer import IssuerAnswer
from firmware.emv.kernel import complete, process
from firmware.emv.outcome import Outcome, Verdict
from firmware.emv.session import Session
from firmware.emv.tlv import encode
from tests.firmware.emv.scripted import ScriptedCard, session

SCRIPTS: Final = Path(__file__).parent / "scripts" / "kernel"
EVERY: Final = tuple(sorted(path.stem for path in SCRIPTS.glob("*.txt")))
ARPC: Final = bytes.fromhex("1111111111111111")


def _issuer_script(template: int, header: str) -> bytes:
    command = bytes.fromhex(header) + b"\x08" + bytes.fromhex("0102030405060708")
    return encode(template, encode(0x9F18, bytes.fromhex("0000000A")) + encode(0x86, command))


APPROVAL: Final = IssuerAnswer("00", ARPC, _issuer_script(0x71, "84240000") + _issuer_script(0x72, "84180000"))
REFUSAL: Final = IssuerAnswer("51", b"", _issuer_script(0x72, "841E0000"))
BARE_APPROVAL: Final = IssuerAnswer("00", ARPC)
ANSWERS: Final = {
    "online_approved": APPROVAL,
    "online_declined": REFUSAL,
    "card_declines_after_approval": BARE_APPROVAL,
}
"""What the issuer says in each script where he is asked."""


def script(name: str) -> str:
    """The script of a whole transaction."""
    return (SCRIPTS / f"{name}.txt").read_text("utf-8")


def played(text: str, **options: Any) -> tuple[Session, ScriptedCard]:
    """A session that has not begun, with a card that plays `text`."""
    return session(text, selected=False, **options)


def run(s: Session, answer: IssuerAnswer | None = None) -> Outcome:
    """The whole transaction; `answer` is what the issuer says where he is asked, None where he cannot be."""

    async def whole() -> Outcome:
        outcome = await process(s)
        return outcome if outcome.verdict is not Verdict.GO_ONLINE else await complete(s, answer)

    return asyncio.run(whole())


def tags(s: Session, *wanted: int) -> list[str]:
    """The values of the tags in hex, empty where there is none."""
    return [(s.store.get(tag) or b"").hex().upper() for tag in wanted]
