"""A PIN pad made of a keypad that other entries use too: its presses are diverted while a PIN is typed."""
