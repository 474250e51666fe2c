"""The EMV contact kernel: one file for each step of the books, `kernel` the order of the steps.

Sources are cited as Book and section of EMV 4.3 (Books 1 to 4); the numbers are the same in 4.4 unless noted. Outcomes
are values (`outcome`), errors are exceptions that name tag and place (`errors`). Nothing here knows a device but the
`Card` contract, or a person but the `Cardholder` protocol (`cardholder`).
"""
