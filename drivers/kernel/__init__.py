"""Gauges that the kernel reads: industrial I/O, power supplies, hardware monitors and thermal zones, below /sys."""
