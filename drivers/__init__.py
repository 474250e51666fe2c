"""How the outside world is touched; each driver honours a contract of `firmware.hal` and knows nothing above it."""
