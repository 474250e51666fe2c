"""Barcode and QR scanners on a serial line, or typing as a keyboard does."""
