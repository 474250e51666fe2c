"""Deliberate bugs in keys: in what they may do, how they are proved, kept and forgotten."""

from __future__ import annotations

from typing import Final

from tests.sabotage.deed import Deed

_USAGES: Final = "tests/firmware/keys/test_usages.py"
_WORKING: Final = "tests/firmware/keys/test_working_keys.py"
_RING: Final = "tests/firmware/keys/test_ring.py"
_VAULT: Final = "tests/firmware/keys/test_vault.py"
_POWER: Final = "tests/firmware/keys/test_power.py"
_DUKPT: Final = "tests/firmware/keys/test_dukpt.py"
_BLOCKS: Final = "tests/firmware/keys/test_key_blocks.py"
_PINS: Final = "tests/firmware/keys/test_pin_blocks.py"
_PROMPTS: Final = "tests/scenario/test_pin_prompts.py"
_DUKPT_RING: Final = "tests/firmware/keys/test_dukpt_ring.py"
_DERIVED: Final = "tests/scenario/test_derived_keys.py"

KEY_DEEDS: Final = (
    Deed(
        "load an initial key again that another one has followed",
        "firmware/keys/dukpt_ring.py",
        "        self._former = worked_with[-FORMER_MAX:]\n",
        "",
        "tests/firmware/keys/test_dukpt_ring.py",
    ),
    Deed(
        "let a terminal in service work with the bench's keys",
        "firmware/boot.py",
        "    if known:\n",
        "    if False:\n",
        "tests/scenario/test_service_mode.py",
    ),
    Deed(
        "believe the tests' authority for prompts in service",
        "firmware/boot.py",
        "    if authority is None and testing:\n",
        "    if authority is None:\n",
        "tests/scenario/test_service_mode.py",
    ),
    Deed(
        "forget that an initial key is the bench's",
        "firmware/keys/dukpt_ring.py",
        "        if self._of_bench:\n",
        "        if False:\n",
        "tests/firmware/keys/test_dukpt_ring.py",
    ),
    Deed(
        "use a derived key before its counter is on disk",
        "firmware/keys/dukpt_ring.py",
        "        try:\n            self._store(future)\n        except BaseException:\n            message.destroy()\n",
        "        try:\n            bool(future)\n        except BaseException:\n            message.destroy()\n",
        _DUKPT_RING,
    ),
    Deed(
        "leave the key that has made a message",
        "firmware/keys/dukpt_ring.py",
        "        message.mac.destroy()\n",
        "",
        _DUKPT_RING,
    ),
    Deed(
        "send a reversal under the serial number of its question",
        "firmware/flows/clear_the_way.py",
        "        keys.next_message()\n",
        "        _ = keys.serial\n",
        _DERIVED,
    ),
    Deed(
        "begin again with an initial key that is in use",
        "firmware/keys/dukpt_ring.py",
        "        if derivation.identity(serial) in worked_with:\n",
        "        if not serial:\n",
        _DUKPT_RING,
    ),
    Deed(
        "let a PIN key make codes",
        "firmware/keys/usages.py",
        "    Usage.PIN: frozenset({Operation.ENCIPHER_PIN}),\n",
        "    Usage.PIN: frozenset({Operation.ENCIPHER_PIN, Operation.MAKE_MAC}),\n",
        _USAGES,
    ),
    Deed(
        "never ask a key whether it may",
        "firmware/keys/usages.py",
        "        if operation not in self.operations:\n",
        "        if operation is None:\n",
        _USAGES,
    ),
    Deed(
        "let the bits of a key block widen a key",
        "firmware/keys/usages.py",
        "else operations & ALLOWED[usage]",
        "else operations",
        _USAGES,
    ),
    Deed(
        "keep a key that was destroyed",
        "firmware/keys/usages.py",
        "        wipe(self._clear)\n",
        "",
        _USAGES,
    ),
    Deed(
        "believe working keys without their check values",
        "firmware/keys/working_keys.py",
        "        if not hmac.compare_digest(check_value(algorithm, clear, CHECK_BYTES), check):\n",
        "        if not check:\n",
        _WORKING,
    ),
    Deed(
        "keep the old working keys when the new ones are wrong",
        "firmware/keys/ring.py",
        "            self._vault.store(StoredKeys({MASTER: master}))\n            working",
        "            working",
        _RING,
    ),
    Deed(
        "store the keys in the clear",
        "firmware/keys/vault.py",
        "_HEADER + nonce + enciphered)",
        "_HEADER + nonce + enciphered + bytes(pack(stored)))",
        _VAULT,
    ),
    Deed(
        "forget the vault first and its key after",
        "firmware/keys/vault.py",
        "            self._sealer.destroy(SEALED_NAME)\n        finally:\n            self._nvram.erase(VAULT_NAME)\n",
        "            self._nvram.erase(VAULT_NAME)\n        finally:\n            self._sealer.destroy(SEALED_NAME)\n",
        _POWER,
    ),
    Deed(
        "leave the key that opens the vault",
        "firmware/keys/vault.py",
        "            self._sealer.destroy(SEALED_NAME)\n",
        "            pass\n",
        _VAULT,
    ),
    Deed(
        "use a derived key before its counter is on disk",
        "firmware/keys/dukpt_ring.py",
        "        self._forget_message()\n        try:\n            self._store(future)\n",
        "        self._forget_message()\n        try:\n            pass\n",
        "tests/firmware/keys/test_dukpt_ring.py",
    ),
    Deed(
        "keep the key of a message that is over",
        "firmware/keys/dukpt.py",
        "        key = self.registers.pop(lowest)\n",
        "        key = self.registers[lowest]\n",
        _DUKPT,
    ),
    Deed(
        "take a key block whose code is wrong",
        "firmware/keys/key_blocks.py",
        "    if not hmac.compare_digest(code, mac):\n",
        "    if not code:\n",
        _BLOCKS,
    ),
    Deed(
        "leave the card number out of a PIN block",
        "firmware/keys/pin_blocks.py",
        "exclusive_or(field, card_number_field(pan, size))",
        "exclusive_or(field, bytes(size))",
        _PINS,
    ),
    Deed(
        "let one person enter both components",
        "firmware/keys/components.py",
        "            if person in self._had:\n",
        "            if not person:\n",
        "tests/firmware/keys/test_components.py",
    ),
    Deed(
        "ask for a PIN under any words",
        "firmware/keys/prompts.py",
        "        if not self._listed().allowed(prompt, language, words):\n",
        "        if not self._listed():\n",
        _PROMPTS,
    ),
    Deed(
        "believe a list of prompts that nobody signed",
        "firmware/keys/prompts.py",
        "    _verify(path, signature, signed_content(hashes), authority)\n",
        "",
        "tests/firmware/keys/test_prompts.py",
    ),
    Deed(
        "leave the bytes of a destroyed key in its file",
        "drivers/file_sealer.py",
        "        file.write(bytes(os.fstat(descriptor).st_size))\n",
        "",
        _VAULT,
    ),
    Deed(
        "show a PIN to whoever holds it twice",
        "drivers/keypad_pin/typed_pin.py",
        "            return key.encipher(self._digits, pan)\n        finally:\n            self.forget()\n",
        "            return key.encipher(self._digits, pan)\n        finally:\n            pass\n",
        "tests/contract/test_pin_pad.py",
    ),
)
