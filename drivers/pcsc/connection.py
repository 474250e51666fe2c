"""One power-up of one card through PC/SC: every method blocks, so a worker calls them, one after the other.

A connection has a context of its own with pcscd. So it shares no lock with the look at the slot, it can be left behind
while it hangs, and none is ever older than pcscd. It is exclusive: a payment card answers one program, and another one
that selected an application or tried a PIN in the middle would end the sale or cost a try.
"""

from __future__ import annotations

from threading import Lock
from typing import Any, Final

from smartcard import scard

from drivers.pcsc.atr import BadAtr, parse_atr
from drivers.pcsc.choice import ReaderChoice
from drivers.pcsc.returns import (
    NO_READERS_AVAILABLE,
    READER_UNAVAILABLE,
    REMOVED_CARD,
    SUCCESS,
    check,
    failure,
    unsigned,
)
from firmware.hal.errors import CardError, CardGarbled, CardMute

_PROTOCOLS: Final = scard.SCARD_PROTOCOL_T0 | scard.SCARD_PROTOCOL_T1
GONE: Final = scard.SCARD_STATE_UNKNOWN | scard.SCARD_STATE_UNAVAILABLE | scard.SCARD_STATE_IGNORE
_LEAVING: Final = Lock()
"""Held while a handle or a context goes: pcsc-lite looks through the handles of all contexts for the one to forget, and
reads freed memory where another thread releases a context meanwhile (its SCardRemoveHandle takes no lock)."""
_NOTICED_MS: Final = 600
"""How long pcscd may take to see that a card has left: it looks every 400 ms where a reader does not tell by itself."""


def open_context() -> Any:
    """A context with pcscd. Raises: ReaderMissing - pcscd does not run, or refuses this account."""
    code, context = scard.SCardEstablishContext(scard.SCARD_SCOPE_SYSTEM)
    check(code)
    return context


def release_context(context: Any) -> None:
    """Let go of a context, and of what still hangs on it; never raises."""
    with _LEAVING:
        scard.SCardReleaseContext(context)


def readers_of(context: Any) -> list[str]:
    """The names of all readers that are plugged in. Raises: ReaderMissing - pcscd has gone."""
    code, names = scard.SCardListReaders(context, [])
    if unsigned(code) == NO_READERS_AVAILABLE:
        return []
    check(code)
    return list(names)


class Connection:
    """A card from its power-up until `close`."""

    def __init__(self, choice: ReaderChoice) -> None:
        self._choice = choice
        self._reader = ""
        self._context: Any = None
        self._handle: Any = None
        self._protocol = 0

    def open(self) -> bytes:
        """Power the card up cold, and return its answer to reset.

        Raises: CardRemoved, CardMute, CardGarbled, ReaderMissing. In any case `close` must follow.
        """
        self._context = open_context()
        self._reader = self._choice.among(readers_of(self._context))
        exclusive = scard.SCARD_SHARE_EXCLUSIVE
        code, handle, _ = scard.SCardConnect(self._context, self._reader, exclusive, _PROTOCOLS)
        self._check_card(code)
        self._handle = handle
        # pcscd powers a card when it is put in, and another program may have spoken to it since.
        code, _ = scard.SCardReconnect(handle, exclusive, _PROTOCOLS, scard.SCARD_UNPOWER_CARD)
        self._check_card(code)
        code, _, _, self._protocol, atr = scard.SCardStatus(handle)
        self._check_card(code)
        try:
            parse_atr(bytes(atr))
        except BadAtr as exc:
            raise self._why(CardGarbled(str(exc))) from None
        return bytes(atr)

    def transmit(self, command: bytes) -> bytes:
        """Send one command APDU, and return the response APDU.

        Raises: CardRemoved, CardMute, CardGarbled, ReaderMissing.
        """
        if self._protocol == scard.SCARD_PROTOCOL_T0:
            code, answer = scard.SCardTransmit(self._handle, scard.SCARD_PCI_T0, list(as_t0(command)))
        else:
            code, answer = scard.SCardTransmit(self._handle, scard.SCARD_PCI_T1, list(command))
        self._check_card(code)
        if len(answer) < 2:
            raise self._why(CardGarbled("the card's answer has no status"))
        return bytes(answer)

    def close(self) -> None:
        """Take the power from the card and let go of it; never raises, and may follow a failed `open`."""
        if self._handle is not None:
            with _LEAVING:
                scard.SCardDisconnect(self._handle, scard.SCARD_UNPOWER_CARD)
        if self._context is not None:
            release_context(self._context)
        self._handle = self._context = None

    def _check_card(self, code: int) -> None:
        """Let a success pass. Raises: as `transmit`."""
        if code != SUCCESS:
            error = failure(code)
            raise self._why(error) if isinstance(error, CardMute | CardGarbled) else error

    def _why(self, otherwise: CardError) -> CardError:
        """A card that gives no answer, or a part of one, may be on its way out: pcscd sees that a moment later."""
        looking = [(self._reader, scard.SCARD_STATE_UNAWARE)]
        for patience_ms in (0, _NOTICED_MS):
            code, states = scard.SCardGetStatusChange(self._context, patience_ms, looking)
            if unsigned(code) not in (SUCCESS, unsigned(scard.SCARD_E_TIMEOUT)) or not states:
                return failure(READER_UNAVAILABLE)
            state = states[0][1]
            if state & GONE:
                return failure(READER_UNAVAILABLE)
            if state & scard.SCARD_STATE_EMPTY:
                return failure(REMOVED_CARD)
            looking = [(self._reader, state)]
        return otherwise


def as_t0(command: bytes) -> bytes:
    """A command APDU as T=0 carries it: always five bytes of header, and no Le behind data (ISO/IEC 7816-3 §12.2)."""
    if len(command) == 4:
        return command + b"\x00"
    length_of_data = command[4]
    has_data_and_le = length_of_data > 0 and len(command) == 4 + 1 + length_of_data + 1
    return command[:-1] if has_data_and_le else command
