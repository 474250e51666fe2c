"""The matrix: every operation with a key of every usage, through the functions that perform it."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable, Mapping

import pytest

from firmware.keys.ciphers import KEY_BYTES, Algorithm
from firmware.keys.errors import BadKey, KeyMissing, KeyMisused
from firmware.keys.macs import MacVariant, mac_matches, make_mac
from firmware.keys.pin_blocks import PinFormat, WorkingPinKey
from firmware.keys.tracks import encipher_track
from firmware.keys.usages import ALLOWED, Key, Operation, Usage
from firmware.keys.working_keys import unwrap_working_keys
from firmware.units import Track2
from tests.firmware.keys.samples import MASTER, SIGN_ON_003, CountedEntropy

TRACK = Track2("6224242900000113D28062013949031013")

PERFORMED: Mapping[Operation, Callable[[Key], object]] = {
    Operation.UNWRAP_WORKING: lambda key: unwrap_working_keys(key, SIGN_ON_003, "003"),
    Operation.ENCIPHER_PIN: lambda key: WorkingPinKey(key, PinFormat.ISO0, CountedEntropy()),
    Operation.ENCIPHER_TRACK: lambda key: encipher_track(key, TRACK),
    Operation.MAKE_MAC: lambda key: make_mac(MacVariant.X9_19, key, b"data"),
    Operation.CHECK_MAC: lambda key: mac_matches(MacVariant.X9_19, key, b"data", bytes(8)),
}

MAY = {
    (Usage.MASTER, Operation.UNWRAP_WORKING),
    (Usage.PROTECTION, Operation.UNWRAP_BLOCK),
    (Usage.INITIAL, Operation.DERIVE),
    (Usage.PIN, Operation.ENCIPHER_PIN),
    (Usage.TRACK, Operation.ENCIPHER_TRACK),
    (Usage.MAC, Operation.MAKE_MAC),
    (Usage.MAC, Operation.CHECK_MAC),
}
"""The matrix written down a second time: a change of it must be meant."""


def test_matrix_is_the_one_written_here() -> None:
    assert {(usage, operation) for usage, operations in ALLOWED.items() for operation in operations} == MAY
    assert set(ALLOWED) == set(Usage)


@pytest.mark.parametrize("operation", Operation)
@pytest.mark.parametrize("usage", Usage)
def test_key_is_given_out_only_for_what_its_usage_allows(usage: Usage, operation: Operation) -> None:
    key = Key(usage, Algorithm.TDES, MASTER)
    if (usage, operation) in MAY:
        assert key.clear_for(operation) == MASTER
    else:
        with pytest.raises(KeyMisused):
            key.clear_for(operation)


@pytest.mark.parametrize("operation", PERFORMED)
@pytest.mark.parametrize("usage", Usage)
def test_operation_is_performed_only_with_a_key_that_may(usage: Usage, operation: Operation) -> None:
    key = Key(usage, Algorithm.TDES, MASTER)
    if (usage, operation) in MAY:
        assert PERFORMED[operation](key) is not None
    else:
        with pytest.raises(KeyMisused):
            PERFORMED[operation](key)


@pytest.mark.parametrize("operation", PERFORMED)
def test_no_operation_is_performed_with_a_key_destroyed(operation: Operation) -> None:
    usage = next(usage for usage, allowed in MAY if allowed is operation)
    key = Key(usage, Algorithm.TDES, MASTER)
    key.destroy()
    key.destroy()
    with pytest.raises(KeyMissing):
        PERFORMED[operation](key)


def test_operations_narrow_a_key_and_never_widen_it() -> None:
    key = Key(Usage.MAC, Algorithm.TDES, MASTER, frozenset({Operation.CHECK_MAC, Operation.ENCIPHER_PIN}))
    assert key.operations == {Operation.CHECK_MAC}


@pytest.mark.parametrize("algorithm", Algorithm)
def test_key_of_another_length_than_its_algorithms_is_refused(algorithm: Algorithm) -> None:
    for length in range(40):
        if length in KEY_BYTES[algorithm]:
            assert Key(Usage.MAC, algorithm, bytes(length)).algorithm is algorithm
        else:
            with pytest.raises(BadKey):
                Key(Usage.MAC, algorithm, bytes(length))


def test_destroy_overwrites_the_bytes_that_the_key_rested_in() -> None:
    key = Key(Usage.MAC, Algorithm.TDES, MASTER)
    rested = key.clear_for(Operation.MAKE_MAC)
    key.destroy()
    assert rested == bytes(16)


def test_key_prints_masked_and_cannot_be_copied() -> None:
    key = Key(Usage.MAC, Algorithm.TDES, MASTER)
    assert f"{key} {key!r}" == "<mac key tdes ****> <mac key tdes ****>"
    for spread in (copy.copy, copy.deepcopy, pickle.dumps):
        with pytest.raises(TypeError):
            spread(key)
