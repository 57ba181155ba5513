-- Heads of the chain that the journal's owner has signed: what a head that is kept elsewhere is compared with.
-- All of the last hours, and of the days before the last of each: see controller/store/signed_heads.py.
CREATE TABLE signed_head (
    -- The last event that it speaks for.
    seq INTEGER PRIMARY KEY REFERENCES chain (seq),
    -- When it was signed: wall time, microseconds since 1970 UTC. The note says whether it could be believed.
    wall_us INTEGER NOT NULL CHECK (wall_us > 0),
    -- The signed note (https://c2sp.org/signed-note) as others get it: controller.core.journal_head is its text.
    note TEXT NOT NULL CHECK (length(note) > 0)
) STRICT;

CREATE TRIGGER signed_head_is_never_changed BEFORE UPDATE ON signed_head
BEGIN
    SELECT RAISE(ABORT, 'a signed head is never changed');
END;
