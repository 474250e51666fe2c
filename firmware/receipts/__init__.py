"""From a record to what goes on paper: the layout of every slip, without a byte of any printer's language."""
