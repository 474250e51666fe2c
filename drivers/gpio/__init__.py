"""What hangs on the header's pins: the keypad's matrix, and the panel. All through the RPi.GPIO interface.

RPi.GPIO itself serves a Pi 4 and older with kernels before 6.6; rpi-lgpio offers the same interface on all others.
"""
