-- Holds of whatever falls due, not of footage alone.

ALTER TABLE hold_event RENAME TO old_hold_event;
ALTER TABLE hold RENAME TO old_hold;

CREATE TABLE hold (
    -- UUIDv7.
    id TEXT PRIMARY KEY CHECK (length(id) = 36),
    -- Who asked for it: an organisation.
    authority TEXT NOT NULL CHECK (length(authority) BETWEEN 1 AND 80),
    -- Their case.
    reference TEXT NOT NULL CHECK (length(reference) BETWEEN 1 AND 80),
    -- What kind of thing is held: controller.core.hold.Category.
    category TEXT NOT NULL CHECK (length(category) > 0),
    -- The branch.
    site TEXT NOT NULL CHECK (length(site) > 0),
    -- The camera or door; NULL for all.
    device TEXT CHECK (length(device) > 0),
    -- From this wall time, microseconds since 1970 UTC.
    start_us INTEGER NOT NULL CHECK (start_us >= 0),
    -- To before this wall time, likewise; the same as start_us where only events are held.
    end_us INTEGER NOT NULL CHECK (end_us >= start_us),
    -- When it was placed, likewise.
    placed_us INTEGER NOT NULL CHECK (placed_us > 0),
    -- When it is to be looked at again, likewise; within 90 days.
    review_us INTEGER NOT NULL CHECK (review_us BETWEEN placed_us AND placed_us + 7776000000000),
    -- When somebody ended it, likewise; NULL while it is in force.
    ended_us INTEGER CHECK (ended_us >= placed_us),
    -- Why.
    end_reason TEXT CHECK (length(end_reason) BETWEEN 1 AND 200),
    CHECK ((ended_us IS NULL) = (end_reason IS NULL))
) STRICT;

-- The events that a hold covers, and what is tied to them, besides its range.
CREATE TABLE hold_event (
    hold_id TEXT NOT NULL REFERENCES hold (id),
    -- The event's UUIDv7.
    event_id TEXT NOT NULL CHECK (length(event_id) = 36),
    PRIMARY KEY (hold_id, event_id)
) STRICT, WITHOUT ROWID;

INSERT INTO hold SELECT * FROM old_hold;
INSERT INTO hold_event SELECT * FROM old_hold_event;
DROP TABLE old_hold_event;
DROP TABLE old_hold;
