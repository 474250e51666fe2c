"""The commands of `tillberry`, each with its arguments and its exit status."""
