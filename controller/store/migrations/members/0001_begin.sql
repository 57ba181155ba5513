-- A copy of the memberships, kept for the door. It never holds a name, an address, a birth date or a card
-- number; the library management system is where memberships live.

CREATE TABLE membership_set (
    -- Never used twice, so that a reader cannot take a new set for one it knew.
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    -- When the library management system said so, microseconds since 1970 UTC.
    as_of_us INTEGER NOT NULL CHECK (as_of_us > 0),
    -- Which site key the references were made with: the first 8 hexadecimal digits of its SHA-256.
    key_id TEXT NOT NULL CHECK (length(key_id) = 8),
    -- How many memberships it has; NULL until it is filled.
    members INTEGER CHECK (members >= 0)
) STRICT;

-- The set that counts. Changing this one row switches all memberships at once.
CREATE TABLE current_set (
    -- There is one row, or none before the first import.
    one INTEGER PRIMARY KEY CHECK (one = 1),
    set_id INTEGER NOT NULL REFERENCES membership_set (id)
) STRICT;

CREATE TABLE membership (
    set_id INTEGER NOT NULL REFERENCES membership_set (id),
    -- HMAC-SHA256 of the card number under the site key.
    member_ref BLOB NOT NULL CHECK (length(member_ref) = 32),
    -- What the library says of the membership as a whole.
    status TEXT NOT NULL CHECK (status IN ('active', 'suspended')),
    -- 1 if entitled to unstaffed access, induction done.
    enrolled INTEGER NOT NULL CHECK (enrolled IN (0, 1)),
    -- The last valid day, local date, YYYY-MM-DD.
    expires TEXT NOT NULL CHECK (expires GLOB '[0-9][0-9][0-9][0-9]-[0-1][0-9]-[0-3][0-9]'),
    -- The library's own word, such as adult or pupil; empty if it gave none.
    category TEXT NOT NULL CHECK (length(category) <= 40),
    PRIMARY KEY (set_id, member_ref)
) STRICT, WITHOUT ROWID;
