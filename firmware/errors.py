"""The errors of our own that any layer may raise; errors of devices stand in `firmware.hal.errors`.

Three channels: an outcome is a value, an operating error is one of these and is handled where the merchant can be
told, a programmer's error is an assert.
"""


class TillberryError(Exception):
    """An operating error with a sentence that a person can act on; it never holds card data or a key."""

    exit_status = 70
    """The status that the process ends with when nothing handles this error (sysexits.h)."""


class ConfigError(TillberryError):
    """A board, parameter or wording file is missing, unreadable or wrong; the message names file and key."""

    exit_status = 78
