"""The commands of `tillberry`, one file each: what they take, and what they write."""
