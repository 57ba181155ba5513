-- What happened, as one service tells it. Only that service writes here (the console's also the command line).

CREATE TABLE journal (
    -- There is one row.
    one INTEGER PRIMARY KEY CHECK (one = 1),
    -- UUIDv7. A journal that begins anew, after damage, gets a new one.
    id TEXT NOT NULL CHECK (length(id) = 36),
    -- Which service writes it: door, recorder, membership, uplink, console.
    service TEXT NOT NULL CHECK (length(service) > 0)
) STRICT;

-- Never deleted from: it proves the order of what was there, and gives the next number.
CREATE TABLE chain (
    -- 1, 2, 3 ... without gaps.
    seq INTEGER PRIMARY KEY CHECK (seq > 0),
    -- SHA-256 of the event's canonical JSON, in which the SHA-256 of each sealed box stands for the box.
    leaf BLOB NOT NULL CHECK (length(leaf) = 32),
    -- SHA-256 of the head before and the leaf; before the first stands SHA-256 of the journal's id.
    head BLOB NOT NULL CHECK (length(head) = 32)
) STRICT;

CREATE TRIGGER chain_is_never_changed BEFORE UPDATE ON chain
BEGIN
    SELECT RAISE(ABORT, 'the chain is never changed');
END;

CREATE TRIGGER chain_is_never_deleted BEFORE DELETE ON chain
BEGIN
    SELECT RAISE(ABORT, 'the chain is never deleted');
END;

-- A row that is gone must be covered by a later event disposal.certificate, see controller/store/verify.py.
CREATE TABLE event (
    -- Its number in this journal.
    seq INTEGER PRIMARY KEY REFERENCES chain (seq),
    -- UUIDv7. What receivers de-duplicate by.
    id TEXT NOT NULL UNIQUE CHECK (length(id) = 36),
    -- controller.core.event.EventType.
    type TEXT NOT NULL CHECK (type GLOB '*?.?*'),
    -- Wall time, microseconds since 1970 UTC. May step: see clock_trusted.
    wall_us INTEGER NOT NULL CHECK (wall_us > 0),
    -- Microseconds since boot, suspended time included. Never steps, and means nothing in another boot.
    mono_us INTEGER NOT NULL CHECK (mono_us >= 0),
    -- The kernel's random id of the boot that mono_us counts from.
    boot_id TEXT NOT NULL CHECK (length(boot_id) > 0),
    -- 1 if the wall clock could be believed; rows with 0 prove order, not time.
    clock_trusted INTEGER NOT NULL CHECK (clock_trusted IN (0, 1)),
    -- The device it happened to. Never a person.
    subject TEXT NOT NULL CHECK (length(subject) > 0),
    -- Canonical JSON object (RFC 8785): enumerations, numbers and device names. No personal data.
    data TEXT NOT NULL CHECK (json_valid(data) AND json_type(data) = 'object')
) STRICT;

CREATE TRIGGER event_is_never_changed BEFORE UPDATE ON event
BEGIN
    SELECT RAISE(ABORT, 'an event is never changed');
END;

CREATE INDEX event_by_time ON event (wall_us);
CREATE INDEX event_by_trusted_time ON event (wall_us) WHERE clock_trusted = 1;
CREATE INDEX event_by_type ON event (type);

-- What only the holder of the authority's private key can read.
CREATE TABLE sealed (
    -- The event it belongs to.
    seq INTEGER NOT NULL REFERENCES chain (seq),
    -- What is in the box, such as card.
    field TEXT NOT NULL CHECK (length(field) > 0),
    -- Which public key it was sealed to: the first 8 hexadecimal digits of that key's SHA-256.
    key_id TEXT NOT NULL CHECK (length(key_id) = 8),
    -- HPKE (RFC 9180) ciphertext with its encapsulated key. NULL once destroyed.
    box BLOB CHECK (box IS NULL OR length(box) > 0),
    PRIMARY KEY (seq, field)
) STRICT;
