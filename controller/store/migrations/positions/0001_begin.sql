-- How far each journal has left the branch. The uplink writes here, and the command line when it rewinds.

CREATE TABLE position (
    -- Which journal: its UUIDv7. A journal that began anew, after damage, has a row of its own.
    journal_id TEXT PRIMARY KEY CHECK (length(journal_id) = 36),
    -- The broker has accepted every event up to this seq; 0 for none.
    sent INTEGER NOT NULL CHECK (sent >= 0),
    -- A receiver has acknowledged every event up to this seq; 0 for none.
    received INTEGER NOT NULL CHECK (received >= 0),
    -- How often it was rewound. Who moves a position on names the count it knows, and so undoes no rewind.
    rewinds INTEGER NOT NULL CHECK (rewinds >= 0)
) STRICT;
