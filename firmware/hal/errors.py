"""The errors of devices, each named for the fact; drivers map every vendor error to one of these at their edge."""

from firmware.errors import TillberryError


class DeviceError(TillberryError):
    """A device did not do what its contract says; the message names the device and the fact."""

    exit_status = 69


class DeviceMissing(DeviceError):
    """The device is not there, or went away."""


class DisplayFailed(DeviceError):
    """The display cannot draw."""


class EntryCancelled(TillberryError):
    """The person pressed CANCEL while a device was taking an entry."""


class EntryTimedOut(TillberryError):
    """The person typed or placed nothing within the time given."""


class PrinterError(DeviceError):
    """Paper is not printed.

    `started` tells whether bytes of the job had been sent when it stopped: if so, the printer may still finish the job
    by itself (`Printer.finish`), and a copy printed anew is a duplicate.
    """

    def __init__(self, fact: str, *, started: bool) -> None:
        super().__init__(fact)
        self.started = started


class PaperOut(PrinterError):
    """The paper has run out."""


class CoverOpen(PrinterError):
    """The printer's cover is open."""


class PrinterOffline(PrinterError):
    """The printer does not answer, is switched off or unplugged; what it had not printed is lost."""


class PrinterSilent(PrinterError):
    """The printer reports no fault, but did not confirm the job in time."""


class NotPrintable(PrinterError):
    """The driver could not put the document into the printer's language; nothing was sent."""


class CardError(DeviceError):
    """The card or its reader failed; the message never holds card data."""


class CardRemoved(CardError):
    """The card was taken away."""


class CardMute(CardError):
    """The card did not answer in time."""


class CardGarbled(CardError):
    """The card's answer breaks the transmission protocol."""


class ReaderMissing(CardError):
    """The card reader is unplugged."""


class LinkError(DeviceError):
    """The acquirer cannot be reached."""


class LinkLost(LinkError):
    """The connection ended before the answer was complete."""


class LinkTimedOut(LinkError):
    """No connection or no answer within the time given."""


class LinkRefused(LinkError):
    """Somebody was reached who turned the terminal away, or is not who it should be."""


class StorageFailed(DeviceError):
    """Something could not be stored or read back; the message names the file."""

    exit_status = 74


class StorageFull(StorageFailed):
    """There is no room left on the storage."""


class KeyUnavailable(DeviceError):
    """A sealed key is missing, unreadable, or readable by others; the message names where it should be."""

    exit_status = 77
