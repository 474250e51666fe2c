-- The acquirer's own books. Amounts are minor units. Every movement of money is two postings that sum to zero;
-- the balance of an account is the sum of its postings.
PRAGMA foreign_keys = ON;
PRAGMA user_version = 1;
CREATE TABLE IF NOT EXISTS account (
    number TEXT PRIMARY KEY,        -- a card number, 'merchant:...', 'hold:...' or 'bank'
    name TEXT NOT NULL,
    kind TEXT NOT NULL,             -- debit, credit, merchant, hold or bank
    organisation TEXT NOT NULL,
    pin TEXT NOT NULL,
    expiry TEXT NOT NULL,           -- YYMM
    overdraft INTEGER NOT NULL,
    balance INTEGER NOT NULL,
    wrong_pins INTEGER NOT NULL,    -- in a row, on the day beside it, YYYYMMDD
    wrong_on TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS terminal (
    merchant TEXT NOT NULL,
    terminal TEXT NOT NULL,
    batch INTEGER NOT NULL,
    state TEXT NOT NULL,            -- open or settling
    pin_key BLOB NOT NULL,          -- empty: signed off
    mac_key BLOB NOT NULL,
    track_key BLOB NOT NULL,
    sm4 INTEGER NOT NULL,
    last_stan INTEGER NOT NULL,
    serial TEXT NOT NULL,
    PRIMARY KEY (merchant, terminal)
);
CREATE TABLE IF NOT EXISTS serial ( -- key serial numbers that were used, of terminals with DUKPT
    identity TEXT NOT NULL,         -- 20 hexadecimal digits, the counter in them zero
    counter INTEGER NOT NULL,
    PRIMARY KEY (identity, counter)
);
CREATE TABLE IF NOT EXISTS booking (
    id INTEGER PRIMARY KEY,
    merchant TEXT NOT NULL,
    terminal TEXT NOT NULL,
    batch INTEGER NOT NULL,
    stan INTEGER NOT NULL,
    kind TEXT NOT NULL,             -- the row of the message table
    pan TEXT NOT NULL,
    asked INTEGER NOT NULL,
    amount INTEGER NOT NULL,        -- what was approved
    code TEXT NOT NULL,             -- field 39
    state TEXT NOT NULL,            -- approved, declined, reversed, voided or completed
    rrn TEXT NOT NULL,
    authorisation TEXT NOT NULL,
    date TEXT NOT NULL,             -- YYYYMMDD
    entry TEXT NOT NULL,            -- field 22
    original INTEGER REFERENCES booking (id),
    uploaded TEXT NOT NULL,         -- '', ok or differs
    UNIQUE (merchant, terminal, batch, stan)
);
CREATE TABLE IF NOT EXISTS posting (
    id INTEGER PRIMARY KEY,
    booking INTEGER REFERENCES booking (id),
    account TEXT NOT NULL REFERENCES account (number),
    amount INTEGER NOT NULL
);
CREATE TABLE IF NOT EXISTS reversal (
    id INTEGER PRIMARY KEY,
    merchant TEXT NOT NULL,
    terminal TEXT NOT NULL,
    batch INTEGER NOT NULL,
    stan INTEGER NOT NULL,
    reason TEXT NOT NULL,
    code TEXT NOT NULL,
    booking INTEGER REFERENCES booking (id)
);
CREATE TABLE IF NOT EXISTS settlement (
    merchant TEXT NOT NULL,
    terminal TEXT NOT NULL,
    batch INTEGER NOT NULL,
    told TEXT NOT NULL,             -- the terminal's 62 digits
    answer TEXT NOT NULL,           -- those it was answered, with flags
    ended TEXT NOT NULL,            -- '' or the code of the end message
    PRIMARY KEY (merchant, terminal, batch)
);
CREATE TABLE IF NOT EXISTS uploaded (
    merchant TEXT NOT NULL,
    terminal TEXT NOT NULL,
    batch INTEGER NOT NULL,
    stan INTEGER NOT NULL,
    PRIMARY KEY (merchant, terminal, batch, stan)
);
CREATE TABLE IF NOT EXISTS finding (
    id INTEGER PRIMARY KEY,
    terminal TEXT NOT NULL,
    kind TEXT NOT NULL,
    fact TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS posting_by_booking ON posting (booking);
CREATE INDEX IF NOT EXISTS booking_by_original ON booking (original);
CREATE INDEX IF NOT EXISTS booking_by_authorisation ON booking (authorisation);
CREATE INDEX IF NOT EXISTS reversal_by_key ON reversal (merchant, terminal, batch, stan);
