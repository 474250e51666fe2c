"""What a transaction came to, for a program (JSON) and for a person (a table); sensitive values are masked."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from firmware.commands.emv.masking import open_text, open_value
from firmware.commands.emv.transaction import Played
from firmware.commands.emv.words import cvm_words, tsi_words, tvr_words
from firmware.emv.cryptogram import claimed_kind
from firmware.emv.purposes import masked_tags, receipt_facts
from firmware.emv.tags import name_of
from firmware.emv.tlv import parse


def results(played: Played) -> dict[str, str]:
    """What a replay must come to, by the names of a trace's header."""
    s, outcome = played.session, played.outcome
    return {
        "outcome": outcome.verdict.value,
        "message": outcome.message.name.lower(),
        "reversal": "yes" if outcome.reversal else "no",
        "tvr": s.tvr.to_data().hex().upper(),
        "tsi": s.tsi.to_data().hex().upper(),
        "cvm_results": s.cvm_results.hex().upper(),
    }


def as_json(played: Played) -> str:
    """One JSON object; values of tags and registers in capital hex digits, null where the card gave none."""
    return json.dumps(_report(played), indent=2) + "\n"


def _report(played: Played) -> dict[str, Any]:
    s, outcome = played.session, played.outcome
    tags = _tags(played)
    facts = receipt_facts(s)
    return {
        **results(played),
        "reversal": outcome.reversal,
        "online": outcome.online,
        "stripe_allowed": outcome.stripe_allowed,
        "why": outcome.why,
        "told": [message.name.lower() for message in played.cardholder.told],
        "cid": facts.cid or None,
        "aid": facts.aid or None,
        "label": open_text(facts.label, testing=played.testing) if facts.aid else None,
        "atr": played.atr.hex().upper() or None,
        "test_card": played.testing,
        "field_55": played.question.hex().upper() or None,
        "tags": tags,
        "apdus": s.commands.count,
        "card_ms": round(played.card_ms, 3),
        "kernel_ms": round(played.kernel_ms, 3),
    }


def _tags(played: Played) -> dict[str, str]:
    shown = masked_tags(played.session, testing=played.testing)
    return {tag: open_value(int(tag, 16), value, testing=played.testing) for tag, value in shown.items()}


def as_table(played: Played) -> str:
    """A table for a person: what it came to, registers in words, and every data object."""
    rows = [*_rows(played)]
    width = max(len(name) for name, _ in rows)
    lines = [f"{name:{width}}  {value}".rstrip() for name, value in rows]
    tags = _tags(played)
    lines += ["", *(f"{tag:6}{name_of(int(tag, 16)):53}{value}" for tag, value in tags.items())]
    return "\n".join(lines).rstrip() + "\n"


def _rows(played: Played) -> Iterator[tuple[str, str]]:
    s, outcome = played.session, played.outcome
    facts, said = receipt_facts(s), results(played)
    yield "outcome", said["outcome"].replace("_", " ")
    yield "message", outcome.message.name.replace("_", " ")
    for name, flag in (
        ("issuer asked", outcome.online),
        ("reversal", outcome.reversal),
        ("stripe allowed", outcome.stripe_allowed),
    ):
        if flag:
            yield name, "yes"
    if outcome.why:
        yield "why", outcome.why
    for message in played.cardholder.told:
        yield "told", message.name.replace("_", " ")
    yield "amount", str(s.request.amount)
    if facts.aid:
        yield "application", f"{open_text(facts.label, testing=played.testing)} ({facts.aid})"
        yield "card", f"{facts.pan} {facts.sequence_number}".strip()
    yield "test card", "yes" if played.testing else "no: what belongs to its holder shows as ****"
    kind = claimed_kind(s)
    if kind is not None:
        yield "cryptogram", f"{kind.name} {facts.cryptogram}  CID {facts.cid}  ATC {facts.atc}"
    if played.question:
        yield (
            "ARQC",
            next(each.value for each in parse(played.question, "field 55") if each.tag == 0x9F26).hex().upper(),
        )
    if facts.response_code:
        yield "response", facts.response_code
    yield from _register("TVR", said["tvr"], tvr_words(s.tvr))
    yield from _register("TSI", said["tsi"], tsi_words(s.tsi))
    yield from _register("CVM results", said["cvm_results"], cvm_words(s.cvm_results))
    yield "APDUs", f"{s.commands.count}, card {played.card_ms:.1f} ms, kernel {played.kernel_ms:.1f} ms"


def _register(name: str, value: str, words: list[str]) -> Iterator[tuple[str, str]]:
    yield name, value
    for each in words:
        yield "", each
