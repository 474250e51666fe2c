"""One file for each thing that a merchant can do, each a straight line; `steps` and `dialogue` hold what they share."""
