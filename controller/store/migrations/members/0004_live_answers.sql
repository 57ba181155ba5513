-- What the library management system said of single cards when it was asked, beside the set that was imported.
-- Whichever of the two is newer counts. Nothing is ever here about a card that was no member's.

CREATE TABLE live_answer (
    -- HMAC-SHA256 of the card number under the site key.
    member_ref BLOB PRIMARY KEY CHECK (length(member_ref) = 32),
    -- 0: it was a member's card here, and the system has no such card any more. All that follows is NULL then.
    known INTEGER NOT NULL CHECK (known IN (0, 1)),
    -- What the library says of the membership as a whole.
    status TEXT CHECK (status IN ('active', 'suspended')),
    -- When the induction to unstaffed hours was done, local date; NULL: it was not.
    inducted_on TEXT CHECK (inducted_on GLOB '[0-9][0-9][0-9][0-9]-[0-1][0-9]-[0-3][0-9]'),
    -- The first day of the entitlement to unstaffed hours, local date; NULL: there is none.
    granted_from TEXT CHECK (granted_from GLOB '[0-9][0-9][0-9][0-9]-[0-1][0-9]-[0-3][0-9]'),
    -- The last day of the entitlement, local date; NULL: as long as the membership.
    granted_until TEXT CHECK (granted_until GLOB '[0-9][0-9][0-9][0-9]-[0-1][0-9]-[0-3][0-9]'),
    -- The last valid day, local date.
    expires TEXT CHECK (expires GLOB '[0-9][0-9][0-9][0-9]-[0-1][0-9]-[0-3][0-9]'),
    -- The library's own word, such as adult or pupil; empty if it gave none.
    category TEXT CHECK (length(category) <= 40),
    -- From when the minimum age is reached, local date; 0001-01-01: it was when this was said; NULL: the
    -- library did not say.
    adult_on TEXT CHECK (adult_on GLOB '[0-9][0-9][0-9][0-9]-[0-1][0-9]-[0-3][0-9]'),
    -- 1: may bring companions who are under the minimum age.
    guardian INTEGER CHECK (guardian IN (0, 1)),
    -- When the library management system said so, microseconds since 1970 UTC.
    as_of_us INTEGER NOT NULL CHECK (as_of_us > 0),
    -- Which site key the reference was made with: the first 8 hexadecimal digits of its SHA-256.
    key_id TEXT NOT NULL CHECK (length(key_id) = 8),
    CHECK (known = 1 OR coalesce(status, inducted_on, granted_from, granted_until) IS NULL),
    CHECK (known = 1 OR coalesce(expires, category, adult_on, guardian) IS NULL),
    CHECK (known = 0 OR (status IS NOT NULL AND expires IS NOT NULL)),
    CHECK (known = 0 OR (category IS NOT NULL AND guardian IS NOT NULL))
) STRICT, WITHOUT ROWID;

-- What is too old is looked for every now and then, and is seldom much.
CREATE INDEX live_answer_by_age ON live_answer (as_of_us);

-- PINs that the library management system called right, for when it cannot be asked. Never a PIN itself.
CREATE TABLE live_pin (
    -- HMAC-SHA256 of the card number under the site key.
    member_ref BLOB PRIMARY KEY CHECK (length(member_ref) = 32),
    -- Argon2id of the PIN under the pin-key, with its salt, in PHC format.
    verifier TEXT NOT NULL CHECK (verifier GLOB '$argon2id$*' AND length(verifier) <= 200),
    -- Which pin-key it was hashed under: the first 8 hexadecimal digits of the key's SHA-256.
    pin_key_id TEXT NOT NULL CHECK (length(pin_key_id) = 8),
    -- When the library management system called it right, microseconds since 1970 UTC.
    verified_us INTEGER NOT NULL CHECK (verified_us > 0)
) STRICT, WITHOUT ROWID;

ALTER TABLE membership_set ADD COLUMN
    -- When the library said that the PINs are right which it has, microseconds since 1970 UTC, where that was
    -- before as_of_us: changes were merged into an earlier set that told of no PINs. NULL: as_of_us.
    pins_as_of_us INTEGER CHECK (pins_as_of_us > 0);
