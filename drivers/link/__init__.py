"""Channels to an acquirer: TCP, TLS over TCP, and serial lines to old concentrators."""
