"""Magnetic stripe readers on a serial line, or typing as a keyboard does."""
