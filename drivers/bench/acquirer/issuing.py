"""The issuer behind the acquirer: which accounts the test cards have, and what an amount makes it answer.

Owned here: the table of `scenarios.toml`, and the answers that go to a chip.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib import resources
from typing import Any, Final

from drivers.bench.acquirer.books import Account
from drivers.bench.cards import issuer, load_cards
from firmware.host import tlv

APPROVING: Final = frozenset({"00", "10", "11", "16", "A2", "A4", "A5", "A6"})
"""The codes of an approval."""
SCRIPT_PIN: Final = "4321"
_ARQC: Final = 0x80
_ISSUER_DATA: Final = 0x91
_BLOCK_APPLICATION: Final = bytes.fromhex("841E0000")
_ORGANISATIONS: Final = {"unionpay": "CUP", "visa": "VIS", "mastercard": "MCC"}


@dataclass(frozen=True, slots=True)
class Rule:
    """What an amount makes the issuer and the acquirer do; `part` is in percent."""

    code: str = "00"
    part: int = 100
    demand: str = "0"
    script: str = ""
    arpc: str = ""
    fault: str = ""


class Issuing:
    """The table of amounts, and the cards."""

    def __init__(self) -> None:
        text = resources.files(__package__).joinpath("scenarios.toml").read_text("utf-8")
        content: Mapping[str, Any] = tomllib.loads(text)
        self._asks = frozenset(content["asks"])
        self.cents: Mapping[int, Rule] = {int(cents): Rule(**rule) for cents, rule in content["cents"].items()}
        self._accounts: Mapping[str, int] = content["accounts"]
        cards = load_cards()
        self._scripted = frozenset({cards["script"].pan()})

    def rule(self, row: str, amount: int, pan: str = "") -> Rule:
        """What an amount in minor units is answered."""
        rule = self.cents.get(amount % 100, Rule()) if row in self._asks else Rule()
        if rule == Rule() and pan in self._scripted and row in self._asks:
            return Rule(script="pin")
        return rule

    def accounts(self) -> Iterator[Account]:
        """An account for every application of every test card."""
        for card in load_cards().values():
            for place in range(max(1, len(card.applications))):
                label = card.applications[place].label if card.applications else ""
                credit = "Credit" in label or card.scheme.name != "unionpay"
                yield Account(
                    number=card.pan(place),
                    name=card.name,
                    kind="credit" if credit else "debit",
                    organisation=_ORGANISATIONS.get(card.scheme.name, "CUP"),
                    pin=card.pin,
                    expiry=f"{card.expires:%y%m}",
                    overdraft=self._accounts["credit_minor"] if credit else 0,
                    balance=0 if credit else self._accounts["debit_minor"],
                )


@dataclass(frozen=True, slots=True)
class Chip:
    """A chip whose cryptogram was genuine: whom to answer."""

    pan: str
    sequence: int
    tags: Mapping[int, bytes]

    @property
    def genuine(self) -> bool:
        """Whether the card made the cryptogram over this transaction."""
        return issuer.genuine(self.pan, self.sequence, self.tags)

    @property
    def asks(self) -> bool:
        """Whether it asks the issuer (ARQC), and so wants to be answered."""
        return self.tags.get(0x9F27, b"\0")[0:1] == bytes([_ARQC])

    def answer(self, code: str, rule: Rule) -> bytes:
        """Field 55 of the answer: the issuer's proof, and its script."""
        proof = issuer.answer(self.pan, self.sequence, self.tags, "00" if code in APPROVING else code)
        if rule.arpc:
            proof = bytes([proof[0] ^ 0xFF]) + proof[1:]
        return tlv.write(_ISSUER_DATA, proof) + self._script(rule)

    def _script(self, rule: Rule) -> bytes:
        if rule.script == "pin":
            return issuer.script(
                issuer.pin_change(self.pan, self.sequence, self.tags, SCRIPT_PIN), identifier=b"\0\0\0\1"
            )
        if rule.script == "block":
            command = issuer.script_command(self.pan, self.sequence, self.tags, _BLOCK_APPLICATION)
            return issuer.script(command, identifier=b"\0\0\0\2", template=0x71)
        return b""
