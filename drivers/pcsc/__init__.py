"""Chip cards in a PC/SC reader of any make."""
