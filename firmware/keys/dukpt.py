"""Derived unique key per transaction: each message has keys of its own, and those of the past cannot be found again.

Owned here: the terminal's future keys and their counter, which both standards share. Each set bit of the counter is one
derivation step from the initial key. A future key rests in the register of its lowest set bit; when its turn comes it
derives those below it, gives its working keys, and is destroyed.

Sources: ANSI X9.24-1:2009 annex A.3, X9.24-3:2017 §6.5.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from firmware.keys.errors import BadKey, KeyMissing
from firmware.keys.usages import Key


@dataclass(frozen=True, slots=True)
class MessageKeys:
    """The keys of one message and its answer, and the serial number that tells the acquirer which they are."""

    serial: bytes
    pin: Key
    mac: Key
    """Makes the code of the message."""
    answer_mac: Key
    """Checks the code of the answer."""

    def destroy(self) -> None:
        """Overwrite the keys."""
        for key in (self.pin, self.mac, self.answer_mac):
            key.destroy()


class Derivation(Protocol):
    """What the two standards do each in its own way."""

    @property
    def counter_bits(self) -> int:
        """How many bits the counter has."""
        ...

    @property
    def most_ones(self) -> int:
        """A counter with more bits set than this is passed over, so that a host never derives further."""
        ...

    def identity(self, serial: bytes) -> bytes:
        """The part of a serial number that stays, for an initial key. Raises: BadKey."""
        ...

    def serial(self, identity: bytes, counter: int) -> bytes:
        """The serial number of one message."""
        ...

    def future_key(self, key: Key, identity: bytes, counter: int) -> Key:
        """Derive the key of `counter` from that of the counter without its lowest set bit."""
        ...

    def message_keys(self, key: Key, identity: bytes, counter: int) -> MessageKeys:
        """The working keys of the message whose key is `key`."""
        ...


@dataclass(slots=True)
class FutureKeys:
    """The state of a terminal: the counter of the next message, and future keys by the bit that they stand for."""

    derivation: Derivation
    identity: bytes
    counter: int
    registers: dict[int, Key]

    @classmethod
    def begin(cls, derivation: Derivation, initial: Key, serial: bytes) -> FutureKeys:
        """Derive the first future keys; the initial key is not kept. Raises: BadKey, KeyMisused."""
        identity = derivation.identity(serial)
        registers = {bit: derivation.future_key(initial, identity, 1 << bit) for bit in range(derivation.counter_bits)}
        return cls(derivation, identity, 1, registers)

    @property
    def exhausted(self) -> bool:
        """Whether every counter was used: a new initial key is needed."""
        return self.counter >> self.derivation.counter_bits != 0

    def next_message(self) -> MessageKeys:
        """Give the keys of the next message, and forget what they came from. Raises: KeyMissing - exhausted."""
        if self.exhausted:
            raise KeyMissing("The keys of this terminal are used up: load a new initial key.")
        counter, lowest = self.counter, (self.counter & -self.counter).bit_length() - 1
        key = self.registers.pop(lowest)
        try:
            if counter.bit_count() < self.derivation.most_ones:
                for bit in range(lowest):
                    self.registers[bit] = self.derivation.future_key(key, self.identity, counter | 1 << bit)
                self.counter = counter + 1
            else:
                self.counter = counter + (1 << lowest)
            return self.derivation.message_keys(key, self.identity, counter)
        finally:
            key.destroy()

    def destroy(self) -> None:
        """Overwrite every future key."""
        for key in self.registers.values():
            key.destroy()


def restore(derivation: Derivation, state: bytes, registers: Mapping[int, Key]) -> FutureKeys:
    """Take up what `FutureKeys` was: `state` is the serial number of the next message. Raises: BadKey."""
    identity = derivation.identity(state)
    counter = int.from_bytes(state[-4:], "big") & (1 << derivation.counter_bits) - 1
    if counter and (counter & -counter).bit_length() - 1 not in registers:
        raise BadKey("The future keys do not fit their counter.")
    return FutureKeys(derivation, identity, counter or 1 << derivation.counter_bits, dict(registers))
