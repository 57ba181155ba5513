-- Holds of whatever falls due and who did what about them, restrictions, and what needs a second person.

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
    -- By which account; NULL where it was placed before this was kept.
    placed_by TEXT CHECK (length(placed_by) BETWEEN 1 AND 80),
    -- When it is to be looked at again, likewise; within 90 days of its placing or its last review.
    review_us INTEGER NOT NULL
        CHECK (review_us BETWEEN coalesce(reviewed_us, placed_us)
            AND coalesce(reviewed_us, placed_us) + 7776000000000),
    -- When it was looked at last, likewise; NULL before the first time.
    reviewed_us INTEGER CHECK (reviewed_us >= placed_us),
    -- By which account.
    reviewed_by TEXT CHECK (length(reviewed_by) BETWEEN 1 AND 80),
    -- When somebody ended it, likewise; NULL while it is in force.
    ended_us INTEGER CHECK (ended_us >= placed_us),
    -- By which account; NULL while in force, or where it was ended before this was kept.
    ended_by TEXT CHECK (length(ended_by) BETWEEN 1 AND 80),
    -- Why.
    end_reason TEXT CHECK (length(end_reason) BETWEEN 1 AND 200),
    -- For how many days after its end it still protects.
    cooling_off_days INTEGER NOT NULL DEFAULT 7 CHECK (cooling_off_days BETWEEN 1 AND 365),
    CHECK ((ended_us IS NULL) = (end_reason IS NULL)),
    CHECK ((reviewed_us IS NULL) = (reviewed_by IS NULL)),
    CHECK (ended_us IS NOT NULL OR ended_by IS NULL)
) STRICT;

-- The events that a hold covers, and what is tied to them, besides its range.
CREATE TABLE hold_event (
    hold_id TEXT NOT NULL REFERENCES hold (id),
    -- The event's UUIDv7.
    event_id TEXT NOT NULL CHECK (length(event_id) = 36),
    PRIMARY KEY (hold_id, event_id)
) STRICT, WITHOUT ROWID;

INSERT INTO hold (id, authority, reference, category, site, device, start_us, end_us, placed_us, review_us,
        ended_us, end_reason)
    SELECT id, authority, reference, category, site, camera, start_us, end_us, placed_us, review_us,
        ended_us, end_reason FROM old_hold;
INSERT INTO hold_event SELECT * FROM old_hold_event;
DROP TABLE old_hold_event;
DROP TABLE old_hold;

-- Events that are only stored, because the person they are about has asked for that.
CREATE TABLE restriction (
    -- UUIDv7.
    id TEXT PRIMARY KEY CHECK (length(id) = 36),
    -- Of the request.
    reference TEXT NOT NULL CHECK (length(reference) BETWEEN 1 AND 80),
    -- Why it is owed: controller.core.restriction.Ground.
    ground TEXT NOT NULL CHECK (ground IN ('accuracy', 'unlawful', 'claim', 'objection')),
    -- When it began, microseconds since 1970 UTC.
    placed_us INTEGER NOT NULL CHECK (placed_us > 0),
    -- By which account.
    placed_by TEXT NOT NULL CHECK (length(placed_by) BETWEEN 1 AND 80),
    -- When the subject was told that it will be lifted, likewise; NULL while nobody has told them.
    informed_us INTEGER CHECK (informed_us >= placed_us),
    -- Which account says so.
    informed_by TEXT CHECK (length(informed_by) BETWEEN 1 AND 80),
    -- How: controller.core.restriction.Means.
    informed_how TEXT CHECK (informed_how IN ('letter', 'email', 'telephone', 'in_person')),
    -- When it was lifted, likewise; NULL while it is in force.
    lifted_us INTEGER CHECK (lifted_us >= informed_us),
    -- By which account.
    lifted_by TEXT CHECK (length(lifted_by) BETWEEN 1 AND 80),
    -- Why.
    lift_reason TEXT CHECK (length(lift_reason) BETWEEN 1 AND 200),
    CHECK ((informed_us IS NULL) = (informed_by IS NULL) AND (informed_us IS NULL) = (informed_how IS NULL)),
    CHECK ((lifted_us IS NULL) = (lifted_by IS NULL) AND (lifted_us IS NULL) = (lift_reason IS NULL)),
    -- Not before the subject was told.
    CHECK (lifted_us IS NULL OR informed_us IS NOT NULL)
) STRICT;

-- The events of a restriction; what is tied to them, such as clips, goes with them.
CREATE TABLE restriction_event (
    restriction_id TEXT NOT NULL REFERENCES restriction (id),
    -- The event's UUIDv7.
    event_id TEXT NOT NULL CHECK (length(event_id) = 36),
    PRIMARY KEY (restriction_id, event_id)
) STRICT, WITHOUT ROWID;

-- What one person proposes and another confirms, where the policy profile asks for two.
CREATE TABLE proposal (
    -- UUIDv7.
    id TEXT PRIMARY KEY CHECK (length(id) = 36),
    -- What is proposed: controller.core.proposal.Kind.
    kind TEXT NOT NULL CHECK (length(kind) > 0),
    -- What it concerns: the id of the hold.
    about TEXT NOT NULL CHECK (length(about) BETWEEN 1 AND 80),
    -- Why.
    reason TEXT NOT NULL CHECK (length(reason) BETWEEN 1 AND 200),
    -- When, microseconds since 1970 UTC.
    proposed_us INTEGER NOT NULL CHECK (proposed_us > 0),
    -- By which account.
    proposed_by TEXT NOT NULL CHECK (length(proposed_by) BETWEEN 1 AND 80),
    -- When it was confirmed or withdrawn, likewise; NULL while it is open.
    decided_us INTEGER CHECK (decided_us >= proposed_us),
    -- By which account.
    decided_by TEXT CHECK (length(decided_by) BETWEEN 1 AND 80),
    -- How.
    outcome TEXT CHECK (outcome IN ('confirmed', 'withdrawn')),
    CHECK ((decided_us IS NULL) = (decided_by IS NULL) AND (decided_us IS NULL) = (outcome IS NULL)),
    -- Nobody confirms a proposal of their own.
    CHECK (outcome IS NOT 'confirmed' OR decided_by <> proposed_by)
) STRICT;

-- Of each kind, one open proposal a thing.
CREATE UNIQUE INDEX open_proposal ON proposal (kind, about) WHERE outcome IS NULL;
