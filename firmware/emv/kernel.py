"""The order of the steps: one chip transaction, from the card in the slot to its outcome.

Owned here: Book 3 §8 and nothing else. What a step means stands in its own file; what an error means in `endings`.
`process` goes as far as the first cryptogram. Where that is an ARQC the caller asks the issuer, and `complete` goes on.
"""

from __future__ import annotations

from dataclasses import replace

from firmware.emv.action_analysis import analyse, analyse_unable_to_go_online
from firmware.emv.bits import Tvr
from firmware.emv.cryptogram import CdaFailed, Cryptogram, first_generate_ac, second_generate_ac
from firmware.emv.data_authentication import authenticate_offline
from firmware.emv.endings import ENDING_ERRORS, ending
from firmware.emv.initiate import initiate
from firmware.emv.issuer import REFERRALS, IssuerAnswer, OwnResponse, authenticate_issuer, respond
from firmware.emv.outcome import Outcome, StandardMessage, Verdict
from firmware.emv.records import read_records
from firmware.emv.restrictions import check_restrictions
from firmware.emv.risk import manage_risk
from firmware.emv.scripts import Stage, run_scripts
from firmware.emv.selection import build_candidates, choose
from firmware.emv.session import Session, TransactionType
from firmware.emv.verification import verify_cardholder
from firmware.hal.errors import CardError

_APPROVED = Outcome(Verdict.APPROVED, StandardMessage.APPROVED)
_DECLINED = Outcome(Verdict.DECLINED, StandardMessage.DECLINED)
_READ = Outcome(Verdict.READ, StandardMessage.PLEASE_WAIT)
_GO_ONLINE = Outcome(Verdict.GO_ONLINE, StandardMessage.PLEASE_WAIT)


async def process(s: Session) -> Outcome:
    """Do all that comes before the issuer, and return what it came to: `GO_ONLINE`, for a refund `READ`, or the end.

    Card and person end in an outcome, whatever they do. With `GO_ONLINE` the PIN for the issuer stays in
    `s.online_pin`; it is forgotten by `complete`, and here where the transaction ends here. Source: Book 3 §8.
    """
    outcome = None
    try:
        outcome = await _until_first_cryptogram(s)
    finally:
        if outcome is None or outcome.verdict is not Verdict.GO_ONLINE:
            s.forget_pin()
        s.publish_registers()
    return outcome


async def complete(s: Session, answer: IssuerAnswer | None) -> Outcome:
    """Finish a transaction that `process` sent online; None: the issuer could not be reached.

    Where the issuer has approved and the transaction does not end so, the outcome asks for a reversal (rule 27).
    Source: Book 3 §10.9 to §10.11; Book 4 §12.1, §12.2.
    """
    try:
        if answer is None:
            return await _decide_without_issuer(s)
        return await _decide_with_issuer(s, answer)
    finally:
        s.forget_pin()
        s.publish_registers()


async def _until_first_cryptogram(s: Session) -> Outcome:
    unread = True
    try:
        await _open_application(s)  # Book 1 §12; Book 3 §10.1
        await read_records(s)  # Book 3 §10.2
        unread = False
        if s.request.kind is TransactionType.REFUND:
            return await _let_go(s)
        await authenticate_offline(s)  # Book 3 §10.3
        check_restrictions(s)  # Book 3 §10.4
        await verify_cardholder(s)  # Book 3 §10.5
        await manage_risk(s)  # Book 3 §10.6
        return await _first_cryptogram(s, analyse(s))  # Book 3 §10.7, §10.8
    except ENDING_ERRORS as error:
        return ending(error, unread=unread)


async def _let_go(s: Session) -> Outcome:
    """End a refund's part of the card: it was read, and its AAC says that no money has left it.

    The books know no refund; by the schemes' practice a card authorises none. It is not authenticated, no PIN is taken
    and no action code asked, and the AAC closes what GET PROCESSING OPTIONS has opened. It is no decline: there is no
    response code (8A) of the terminal's.
    """
    s.commands.pass_last_cancel()
    s.tvr |= Tvr.ODA_NOT_PERFORMED
    await first_generate_ac(s, Cryptogram.AAC)
    return _READ


async def _open_application(s: Session) -> None:
    """Let an application be chosen until one accepts the transaction; `choose` ends it when none is left (rule 4)."""
    candidates = await build_candidates(s)
    await choose(s, candidates)
    while not await initiate(s):
        await choose(s, candidates)


async def _first_cryptogram(s: Session, ask: Cryptogram) -> Outcome:
    # A card that has decided has counted the transaction: from here on it is brought to its end.
    s.commands.pass_last_cancel()
    if ask is not Cryptogram.ARQC:
        # Rule 23; Book 4 §6.3.6: the terminal's own decision has its response code before the card is asked.
        respond(s, OwnResponse.OFFLINE_APPROVED if ask is Cryptogram.TC else OwnResponse.OFFLINE_DECLINED)
    try:
        kind = await first_generate_ac(s, ask)
    except CdaFailed as failed:
        return await _decline_unsigned(s, failed)
    if kind is Cryptogram.ARQC and s.parameters.terminal.offline_only:
        return await _decide_without_issuer(s)
    if kind is Cryptogram.ARQC:
        return _GO_ONLINE
    approved = kind is Cryptogram.TC
    respond(s, OwnResponse.OFFLINE_APPROVED if approved else OwnResponse.OFFLINE_DECLINED)
    return _APPROVED if approved else _DECLINED


async def _decline_unsigned(s: Session, failed: CdaFailed) -> Outcome:
    """Decline after a cryptogram whose signature is bad: an ARQC is never sent, the card is told no at once.

    Source: Book 4 §6.3.2.1 (rule 12).
    """
    respond(s, OwnResponse.OFFLINE_DECLINED)
    if failed.claimed is Cryptogram.ARQC:
        await second_generate_ac(s, Cryptogram.AAC)
    return replace(_DECLINED, why=str(failed))


async def _decide_without_issuer(s: Session) -> Outcome:
    """Let terminal and card decide for an issuer that cannot be reached. Source: Book 3 §10.7, Book 4 §12.2.1."""
    try:
        ask = analyse_unable_to_go_online(s)
        declined = OwnResponse.UNABLE_TO_GO_ONLINE_DECLINED
        respond(s, OwnResponse.UNABLE_TO_GO_ONLINE_APPROVED if ask is Cryptogram.TC else declined)
        kind, why = await _final_cryptogram(s, ask)
        if kind is Cryptogram.TC:
            return _APPROVED
        respond(s, declined)
    except ENDING_ERRORS as error:
        return ending(error, unread=False)
    return replace(_DECLINED, why=why)


async def _decide_with_issuer(s: Session, answer: IssuerAnswer) -> Outcome:
    try:
        await authenticate_issuer(s, answer)  # Book 3 §10.9
        await run_scripts(s, answer.scripts, Stage.BEFORE_FINAL_AC)  # Book 3 §10.10
        # Rule 25: also where the card has not believed the issuer; what that means the card decides.
        kind, why = await _final_cryptogram(s, Cryptogram.TC if answer.approved else Cryptogram.AAC)  # Book 3 §10.11
    except ENDING_ERRORS as error:
        return replace(ending(error, unread=False), online=True, reversal=answer.approved)
    await _run_last_scripts(s, answer)
    if kind is Cryptogram.TC:
        return replace(_APPROVED, online=True)
    if answer.response_code in REFERRALS:
        return replace(_DECLINED, message=StandardMessage.CALL_YOUR_BANK, online=True)
    # Rule 27; Book 4 §12.2: the issuer has counted money that will not move.
    return replace(_DECLINED, online=True, reversal=answer.approved, why=why)


async def _final_cryptogram(s: Session, ask: Cryptogram) -> tuple[Cryptogram, str]:
    """The kind that decides, and why it is not what the card said."""
    try:
        return await second_generate_ac(s, ask), ""
    except CdaFailed as failed:
        return Cryptogram.AAC, str(failed)  # Book 4 §6.3.2.1: a TC with a bad signature approves nothing.


async def _run_last_scripts(s: Session, answer: IssuerAnswer) -> None:
    try:
        await run_scripts(s, answer.scripts, Stage.AFTER_FINAL_AC)
    except CardError:
        # The final cryptogram stands, with or without these commands; their failure is in the script results.
        return
