"""The bench: a whole simulated world behind the contracts of `firmware.hal`, with a web page and a control API."""
