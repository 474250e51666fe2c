"""Devices on pseudo terminals, true to the byte: what hangs on a serial line, where there is no lab."""
