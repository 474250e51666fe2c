"""Chip cards in a PC/SC reader: so far the reading of a contact card's answer to reset."""
