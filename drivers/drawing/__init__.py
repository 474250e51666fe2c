"""Frames as pictures: what each display shows, pixel for pixel, for the bench's page and for the real displays."""
