"""The wires of a board: what two devices claim is refused, and the rest is drawn."""
