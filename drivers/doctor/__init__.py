"""Looks whether a machine has what a board's devices need, and says what mends each fault."""
