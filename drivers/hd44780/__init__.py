"""Displays of characters, 20x4 or 16x2, with a Hitachi HD44780: RPLCD knows the controller, the wires are ours.

RPLCD's own wires send ten messages on I2C for one character and cannot be asked to wait without sleeping.
"""
