"""Devices on USB that type: keypads, and readers that pass for a keyboard."""
