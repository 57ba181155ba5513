-- PINs, for branches that verify them themselves. Never a PIN itself.

ALTER TABLE membership_set ADD COLUMN
    -- Which pin-key its PINs were hashed under: the first 8 hexadecimal digits of the key's SHA-256. NULL: it
    -- has no PINs.
    pin_key_id TEXT CHECK (length(pin_key_id) = 8);

CREATE TABLE pin_verifier (
    -- The set of the membership that it goes with.
    set_id INTEGER NOT NULL,
    -- HMAC-SHA256 of the card number under the site key.
    member_ref BLOB NOT NULL CHECK (length(member_ref) = 32),
    -- Argon2id of the PIN under the pin-key, with its salt, in PHC format.
    verifier TEXT NOT NULL CHECK (verifier GLOB '$argon2id$*' AND length(verifier) <= 200),
    PRIMARY KEY (set_id, member_ref),
    FOREIGN KEY (set_id, member_ref) REFERENCES membership (set_id, member_ref) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
