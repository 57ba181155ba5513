-- Since when somebody may come in unstaffed hours, and until when; and the cards that staff of the branch
-- block or allow themselves.
--
-- A membership from before has enrolled = 1 and no dates. None is made up for it: it admits nobody, and the
-- door says that its memberships are out of order, until they are imported again.

ALTER TABLE membership ADD COLUMN
    -- When the induction to unstaffed hours was done, local date; NULL: it was not.
    inducted_on TEXT CHECK (inducted_on GLOB '[0-9][0-9][0-9][0-9]-[0-1][0-9]-[0-3][0-9]');

ALTER TABLE membership ADD COLUMN
    -- The first day of the entitlement to unstaffed hours, local date; NULL: there is none.
    granted_from TEXT CHECK (granted_from GLOB '[0-9][0-9][0-9][0-9]-[0-1][0-9]-[0-3][0-9]');

ALTER TABLE membership ADD COLUMN
    -- The last day of the entitlement, local date; NULL: as long as the membership.
    granted_until TEXT CHECK (granted_until GLOB '[0-9][0-9][0-9][0-9]-[0-1][0-9]-[0-3][0-9]');

ALTER TABLE membership ADD COLUMN
    -- From when the minimum age is reached, local date; 0001-01-01: it was reached when this was imported;
    -- NULL: the library did not say.
    adult_on TEXT CHECK (adult_on GLOB '[0-9][0-9][0-9][0-9]-[0-1][0-9]-[0-3][0-9]');

ALTER TABLE membership ADD COLUMN
    -- 1: may bring companions who are under the minimum age.
    guardian INTEGER NOT NULL DEFAULT 0 CHECK (guardian IN (0, 1));

CREATE TABLE listed (
    -- HMAC-SHA256 of the card number under the site key.
    member_ref BLOB PRIMARY KEY CHECK (length(member_ref) = 32),
    -- blocked: refused whatever the library says. allowed: let in without a membership.
    listing TEXT NOT NULL CHECK (listing IN ('blocked', 'allowed')),
    -- When it was put there, local date.
    since TEXT NOT NULL CHECK (since GLOB '[0-9][0-9][0-9][0-9]-[0-1][0-9]-[0-3][0-9]'),
    -- The last day on which it counts, local date; NULL: until it is taken off, which only blocking does.
    until TEXT CHECK (until GLOB '[0-9][0-9][0-9][0-9]-[0-1][0-9]-[0-3][0-9]'),
    CHECK (listing = 'blocked' OR until IS NOT NULL)
) STRICT, WITHOUT ROWID;
