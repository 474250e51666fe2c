"""The acquirer: its dialect of ISO 8583, the frames on the wire, the questions asked and the answers believed."""
