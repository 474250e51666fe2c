"""The twenty-eight rules of the EMV kernel that are easiest to get wrong: what each says, its source, and its place.

Tests are marked with the numbers of the rules they show; `coverage_table` puts all of it into docs/emv-coverage.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Rule:
    """One rule. `code` names where it is kept, as `module.name` within firmware.emv."""

    number: int
    says: str
    source: str
    code: tuple[str, ...]


RULES: Final = (
    Rule(
        1,
        "PSE first; without a usable one, or with nothing of ours in it, the list of AIDs",
        "B1 §12.3.2",
        ("candidates.build_candidates", "candidates._from_environment"),
    ),
    Rule(
        2,
        "List of AIDs: partial matches, further occurrences, blocked applications; 87 decides the order",
        "B1 §12.3.1, §12.3.3",
        ("candidates._by_aids", "candidates._best_match", "candidates.Candidates"),
    ),
    Rule(
        3,
        "An application that asks for confirmation is never taken unasked",
        "B1 §12.4",
        ("selection._pick", "endings.ending"),
    ),
    Rule(
        4,
        "What fails at final selection or at GPO is removed, and the others are offered again",
        "B1 §12.4; B3 §10.1",
        ("selection.choose", "candidates.Candidates", "kernel._open_application"),
    ),
    Rule(
        5,
        "Preferred name only in a code table that can be shown; language by preference",
        "B1 §12.4; B4 §11.1, Annex A3",
        ("application_names.application_name", "application_names.preferred_language"),
    ),
    Rule(6, "Object lists: zeros for what is unknown; padding and cutting by format", "B3 §5.4", ("dol.fill_dol",)),
    Rule(
        7,
        "AFL and records: bounds, templates, duplicates, mandatory data",
        "B3 §7.2, §7.5, §10.2",
        ("records.read_records", "initiate.initiate"),
    ),
    Rule(
        8,
        "What static data is signed: by SFI, in AFL order, and the AIP by 9F4A alone",
        "B3 §10.3; B2 §5.4",
        ("records.read_records", "certificates.static_data_to_authenticate"),
    ),
    Rule(
        9,
        "CDA before DDA before SDA among what both know; which bits tell a failure",
        "B3 §10.3; B4 §6.3.2",
        ("data_authentication.authenticate_offline",),
    ),
    Rule(
        10,
        "Certificates: formats, lengths, identity, expiry, revocation",
        "B2 §5.3, §6.4",
        ("certificates.recover_issuer_key", "certificates.recover_icc_key"),
    ),
    Rule(
        11,
        "DDA: the DDOL must ask for the whole unpredictable number; both forms of answer",
        "B2 §6.5",
        ("data_authentication.authenticate_offline", "recovery.recover_dynamic_data"),
    ),
    Rule(
        12,
        "CDA: asked for with TC and ARQC only; hash over all as sent; a bad signature declines",
        "B2 §6.6; B4 §6.3.2.1",
        (
            "cryptogram.first_generate_ac",
            "signed_cryptogram.verify_signed_cryptogram",
            "cryptogram.CdaFailed",
            "kernel._decline_unsigned",
            "kernel._final_cryptogram",
        ),
    ),
    Rule(
        13,
        "Versions and usage control, by country and by service",
        "B3 §10.4.1, §10.4.2",
        ("restrictions._usage_allowed",),
    ),
    Rule(14, "Dates: both ends count, and the century turns at 50", "B3 §10.4.3; B4 §6.7.3", ("restrictions._day",)),
    Rule(
        15,
        "No verification where AIP or CVM list give none: 3F0000 and no TSI bit",
        "B3 §10.5",
        ("verification.verify_cardholder",),
    ),
    Rule(
        16,
        "A condition that is false passes over its rule; an unsupported method fails",
        "B3 §10.5, Annex C3",
        ("cvm_list.condition_holds", "verification._performable"),
    ),
    Rule(
        17,
        "Conditions of cash, cashback and amount; the method Fail ends at once",
        "B3 §10.5, Annex C3",
        ("cvm_list.condition_holds", "cvm_list.CvmRule"),
    ),
    Rule(
        18,
        "CVM results: the rule as the card wrote it, and how it went",
        "B4 §6.3.4.5, Annex A4",
        ("verification._walk",),
    ),
    Rule(
        19,
        "Offline PIN: try counter, warnings, bypass, a broken pad",
        "B3 §10.5.1; B4 §6.3.4.1",
        ("offline_pin.OfflinePin", "pin_entry.PinEntry"),
    ),
    Rule(
        20,
        "Enciphered PIN: a fresh challenge for each try, the PIN key or else the card's",
        "B2 §7; B3 §6.5.12",
        ("offline_pin.OfflinePin", "certificates.recover_pin_key"),
    ),
    Rule(
        21,
        "Risk: floor limit with the same card's sales, random selection, velocity",
        "B3 §10.6",
        ("risk.manage_risk",),
    ),
    Rule(
        22,
        "Action codes: denial, online, default; what is missing counts as the books say",
        "B3 §10.7",
        ("action_analysis.analyse", "action_analysis.analyse_unable_to_go_online"),
    ),
    Rule(
        23,
        "Response code: Y1, Z1, Y3, Z3 or the issuer's, there before CDOL2 is filled",
        "B4 §6.3.6, Annex A6",
        (
            "issuer.OwnResponse",
            "issuer.authenticate_issuer",
            "cryptogram.second_generate_ac",
            "kernel._first_cryptogram",
        ),
    ),
    Rule(
        24,
        "A card gives what was asked for or less; both forms of answer; final registers in CDOL1",
        "B3 §6.5.5, §9.3, §10.8",
        ("cryptogram.first_generate_ac", "cryptogram._kind", "cryptogram.ServiceNotAllowed"),
    ),
    Rule(
        25,
        "Issuer authentication once, and only where card and issuer can; the card decides what a failure means",
        "B3 §6.5.4, §10.9",
        ("issuer.authenticate_issuer", "kernel._decide_with_issuer"),
    ),
    Rule(
        26,
        "Scripts: verbatim, stopped by an error, told in five bytes, run after a decline too",
        "B3 §10.10, Annex E; B4 Annex A5",
        ("scripts.run_scripts", "kernel._run_last_scripts"),
    ),
    Rule(
        27,
        "What the issuer approved and the card declined is reversed",
        "B3 §10.11; B4 §12.2",
        ("kernel._decide_with_issuer",),
    ),
    Rule(
        28,
        "61xx, 6Cxx and warnings without their data at any command; the card taken or too slow at any command",
        "B1 §9.3.1; B3 §6.3.5",
        ("commands.Commands", "endings.ending"),
    ),
)
