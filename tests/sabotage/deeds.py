"""Deliberate bugs, each a small edit of one file, and the tests that must turn red by it.

`before` stands exactly once in the file, so that a deed which the code has outgrown is noticed.
"""

from __future__ import annotations

from typing import Final

from tests.sabotage.acquirer_deeds import ACQUIRER_DEEDS
from tests.sabotage.card_deeds import CARD_DEEDS
from tests.sabotage.deed import Deed
from tests.sabotage.device_deeds import DEVICE_DEEDS
from tests.sabotage.download_deeds import DOWNLOAD_DEEDS
from tests.sabotage.flow_deeds import FLOW_DEEDS
from tests.sabotage.host_deeds import HOST_DEEDS
from tests.sabotage.key_deeds import KEY_DEEDS
from tests.sabotage.link_deeds import LINK_DEEDS
from tests.sabotage.power_deeds import POWER_DEEDS
from tests.sabotage.settlement_deeds import SETTLEMENT_DEEDS

_POWER: Final = "tests/power/test_counter_power.py"
_SALE: Final = "tests/scenario/test_cash_sale.py"
_MENU: Final = "tests/scenario/test_menu.py"
_BOOT: Final = "tests/scenario/test_boot.py"
_PAPER: Final = "tests/scenario/test_printer_trouble.py"
_SLIPS: Final = "tests/golden/test_receipts.py"
_JOURNAL: Final = "tests/firmware/journal"

DEEDS: Final = (
    Deed(
        "do not sync the journal",
        "firmware/journal/database.py",
        '"synchronous": "extra"',
        '"synchronous": "off"',
        "tests/power/test_journal_power.py",
    ),
    Deed(
        "tell the merchant before the sale is on disk",
        "firmware/flows/cash_sale.py",
        "    record = t.journal.open_record(Kind.CASH_SALE, amount, tendered=tendered)\n",
        '    Told("approved", {"change": "0.00", "kind": "-", "amount": amount.decimal()}).show(t, "")\n'
        "    record = t.journal.open_record(Kind.CASH_SALE, amount, tendered=tendered)\n",
        _POWER,
    ),
    Deed(
        "leave a record unfinished after its receipt",
        "firmware/flows/paper.py",
        "        if record.phase is Phase.COMPLETED:\n            record = t.journal.advance(record, Phase.DONE)\n",
        "",
        _SALE,
    ),
    Deed(
        "leave open records alone at boot",
        "firmware/flows/duties.py",
        "        for record in t.journal.unfinished():\n",
        "        for record in t.journal.unfinished()[:0]:\n",
        "tests/scenario/test_left_open.py",
    ),
    Deed(
        "abandon what the merchant was told",
        "firmware/journal/phases.py",
        "    Phase.COMPLETED: Duty.OFFER_RECEIPT,\n",
        "    Phase.COMPLETED: Duty.ABANDON,\n",
        _BOOT,
    ),
    Deed(
        "drop a duty",
        "firmware/journal/phases.py",
        "    Phase.OPENED: Duty.ABANDON,\n",
        "",
        _JOURNAL,
    ),
    Deed(
        "give a trace number out twice",
        "firmware/journal/store.py",
        "SET stans_used = stans_used + 1",
        "SET stans_used = max(stans_used, 1)",
        _SALE,
    ),
    Deed(
        "do not reserve trace numbers outside the journal",
        "firmware/journal/store.py",
        "        if used >= self._marks.stans_reserved:\n",
        "        if used < 0:\n",
        _JOURNAL,
    ),
    Deed(
        "seal a new key over a journal that is there",
        "firmware/journal/opening.py",
        "may_create and not holds_anything(path, vfs)",
        "may_create",
        _JOURNAL,
    ),
    Deed(
        "do not wait for a listing to let go of the journal",
        "firmware/journal/database.py",
        "set_busy_timeout(self._lock_wait_ms)",
        "set_busy_timeout(0)",
        _JOURNAL,
    ),
    Deed(
        "forget the duty of a completed record",
        "firmware/journal/queries.py",
        "    if phase in FINAL:\n",
        "    if phase in EFFECTIVE:\n",
        _JOURNAL,
    ),
    Deed(
        "void a sale twice",
        "firmware/journal/originals.py",
        "        if about.once or text(other_kind) != kind:\n",
        "        if text(other_kind) != kind:\n",
        _JOURNAL,
    ),
    Deed(
        "void a void",
        "firmware/journal/originals.py",
        "    if kept.kind is not about.kind or ",
        "    if ",
        _JOURNAL,
    ),
    Deed(
        "do not chain the audit rows",
        "firmware/journal/audit.py",
        "[previous.hex(), seq, at, event, facts]",
        "[seq, at, event, facts]",
        _JOURNAL,
    ),
    Deed(
        "swap the sign of a refund",
        "firmware/receipts/slips.py",
        'Text(f"-{_amount(record)}"',
        'Text(f"{_amount(record)}"',
        _SLIPS,
    ),
    Deed(
        "forget the duplicate mark",
        "firmware/receipts/slips.py",
        "    if duplicate:\n",
        "    if duplicate and copy:\n",
        _SLIPS,
    ),
    Deed(
        "print a lost copy again as an original",
        "firmware/journal/print_jobs.py",
        "state IN ('sent', 'acked', 'failed')",
        "state IN ('sent', 'acked')",
        _PAPER,
    ),
    Deed(
        "send a started copy again when paper is back",
        "firmware/flows/paper.py",
        "            started = (started or error.started) and not lost\n",
        "            started = False\n",
        _PAPER,
    ),
    Deed(
        "give up the sale with the paper",
        "firmware/flows/paper.py",
        '    told.show(t, note if copies else "")\n',
        "    assert printed\n",
        _PAPER,
    ),
    Deed(
        "accept less than the amount",
        "firmware/flows/cash_sale.py",
        "typed.empty or amount <= typed.value",
        "typed.empty or typed.value <= amount",
        _SALE,
    ),
    Deed(
        "take an amount of zero",
        "firmware/home.py",
        'return None if typed.complete else "amount_zero"',
        "return None",
        _SALE,
    ),
    Deed(
        "let an amount pass the limit",
        "firmware/screens/entry.py",
        "        if minor == self.minor or minor > self._largest:\n",
        "        if minor == self.minor:\n",
        "tests/property/test_entry.py",
    ),
    Deed(
        "void without being asked twice",
        "firmware/flows/void.py",
        "(Key.ENTER, Key.CANCEL)) is Key.CANCEL",
        "(Key.ENTER, Key.CANCEL)) is Key.F4",
        _MENU,
    ),
    Deed(
        "wait for ever for a person",
        "firmware/flows/dialogue.py",
        "            event = await t.events.take(timeout_ms)\n",
        "            event = await t.events.take(Millis(timeout_ms * 100))\n",
        _SALE,
    ),
    Deed(
        "queue without a bound",
        "firmware/events.py",
        "        elif len(self._events) >= EVENTS_MAX:\n",
        "        elif len(self._events) >= EVENTS_MAX * 100:\n",
        "tests/firmware/test_events.py",
    ),
    Deed(
        "log a card number",
        "firmware/log.py",
        "        if any(luhn_valid(",
        "        if not any(luhn_valid(",
        "tests/firmware/test_log.py",
    ),
    Deed(
        "put the error light out with the terminal",
        "drivers/bench/devices.py",
        '        """Stop watching; the lights stay as they are."""\n',
        "        self.light(Lights())\n",
        _BOOT,
    ),
    Deed(
        "let a log that cannot be written end the terminal",
        "firmware/log.py",
        "        except OSError:\n            self.lost += 1\n",
        "        except EOFError:\n            self.lost += 1\n",
        "tests/firmware/test_log.py",
    ),
    Deed(
        "stop listening to the terminal when stderr fails",
        "drivers/bench/supervisor.py",
        "    with contextlib.suppress(OSError):\n        os.write(",
        "    with contextlib.suppress(EOFError):\n        os.write(",
        "tests/drivers/bench/test_supervisor.py",
    ),
    Deed(
        "let a secret be copied",
        "firmware/units.py",
        '        raise TypeError(f"a {self._name} cannot be pickled or copied")\n',
        "        return (type(self), (self._clear,))\n",
        "tests/firmware/test_units.py",
    ),
    Deed(
        "seal the key for everyone to read",
        "drivers/file_sealer.py",
        "os.O_CLOEXEC, 0o600)",
        "os.O_CLOEXEC, 0o644)",
        "tests/drivers/test_file_sealer.py",
    ),
    Deed(
        "forget to switch the printer to Chinese",
        "drivers/escpos/encoder.py",
        'CHINESE_MODE_ON: Final = b"\\x1c&"',
        'CHINESE_MODE_ON: Final = b""',
        "tests/drivers/escpos",
    ),
    Deed(
        "let a failure of the printer's library end the terminal",
        "drivers/escpos/printer.py",
        "        except Exception as exc:  # a sale",
        "        except PortClosed as exc:  # a sale",
        "tests/drivers/escpos/test_printer.py",
    ),
    Deed(
        "take the answer for a job that was given up for the next one's",
        "drivers/escpos/printer.py",
        "        await self._await_strays()\n",
        "",
        "tests/contract/test_printer.py",
    ),
    Deed(
        "need a file for the printer's library",
        "drivers/escpos/library.py",
        'os.devnull if "w" in mode else path',
        "path",
        "tests/drivers/escpos/test_library.py",
    ),
    Deed(
        "let a pattern match for ever",
        "drivers/bench/pattern.py",
        "signal.setitimer(signal.ITIMER_VIRTUAL, MATCHING_S)",
        "signal.setitimer(signal.ITIMER_VIRTUAL, 60 * MATCHING_S)",
        "tests/drivers/bench/test_pattern.py",
    ),
    Deed(
        "let any web page press the keys",
        "drivers/bench/gate.py",
        "        if origin is not None and origin.lower()",
        "        if origin == 'null' and origin.lower()",
        "tests/drivers/bench/test_gate.py",
    ),
    Deed(
        "forget the language over a restart",
        "firmware/terminal.py",
        '        self._nvram.write("language", language.encode())\n',
        "",
        _MENU,
    ),
    Deed(
        "say of an unreadable failure that nothing was sold",
        "firmware/flows/steps.py",
        "        if kept.phase is Phase.COMPLETED:\n            return kept\n",
        "",
        "tests/scenario/test_storage_trouble.py",
    ),
    Deed(
        "let the storage of a print job fail the sale",
        "firmware/flows/paper.py",
        "    except StorageFailed as error:\n",
        "    except ZeroDivisionError as error:\n",
        "tests/scenario/test_storage_trouble.py",
    ),
    Deed(
        "confirm a void that nobody has seen",
        "firmware/flows/void.py",
        "    t.events.discard_keys()\n    kind = kind_name",
        "    kind = kind_name",
        "tests/scenario/test_hurry.py",
    ),
    Deed(
        "lose the tamper switch in a full queue",
        "firmware/events.py",
        "        if isinstance(event, TamperDetected):\n            self._opened.set()\n        elif ",
        "        if ",
        "tests/scenario/test_hurry.py",
    ),
    Deed(
        "keep no approval before telling of it",
        "firmware/flows/by_chip.py",
        "_complete_offline(t, _open(t, session, errand))",
        "_open(t, session, errand)",
        "tests/scenario/test_chip_sale.py",
    ),
    Deed(
        "let the stripe speak for a card that was refused",
        "firmware/flows/by_chip.py",
        "    if outcome.stripe_allowed:\n",
        "    if outcome.verdict is not Verdict.CARD_REMOVED:\n",
        "tests/scenario/test_chip_fallback.py",
    ),
    Deed(
        "take a chip card by its stripe",
        "firmware/stripe.py",
        "if self.has_chip and reads_chips and not fallback:",
        "if self.has_chip and reads_chips and fallback:",
        "tests/scenario/test_stripe.py",
    ),
    Deed(
        "print the card number of a swipe",
        "firmware/flows/by_stripe.py",
        "        pan_masked=stripe.pan.masked(), entry=entry,",
        "        pan_masked=stripe.pan.reveal(), entry=entry,",
        "tests/scenario/test_stripe.py",
    ),
    *ACQUIRER_DEEDS,
    *CARD_DEEDS,
    *DEVICE_DEEDS,
    *DOWNLOAD_DEEDS,
    *FLOW_DEEDS,
    *HOST_DEEDS,
    *KEY_DEEDS,
    *LINK_DEEDS,
    *SETTLEMENT_DEEDS,
    *POWER_DEEDS,
)
