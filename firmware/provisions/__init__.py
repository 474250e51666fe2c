"""What the terminal works by: the files of its board, overlaid with what its acquirer has let it download."""

from firmware.provisions.in_force import InForce, Provisions

__all__ = ["InForce", "Provisions"]
