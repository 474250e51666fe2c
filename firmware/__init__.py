"""Everything the terminal decides; no device library, no thread and no wall clock is imported here."""
