"""The contracts asked of a real board, device by device, with a person as its hands and eyes."""
