-- What footage there is. The files are the truth: these rows can be rebuilt from their names and content.

-- A finished file of video.
CREATE TABLE segment (
    -- UUID, made from the name.
    id TEXT PRIMARY KEY CHECK (length(id) = 36),
    -- The camera's id in the settings.
    camera TEXT NOT NULL CHECK (length(camera) > 0),
    -- The file, relative to the footage folder.
    name TEXT NOT NULL UNIQUE CHECK (length(name) > 0 AND name NOT LIKE '/%' AND name NOT LIKE '%..%'),
    -- Wall time of the first picture, microseconds since 1970 UTC.
    start_us INTEGER NOT NULL CHECK (start_us > 0),
    -- Wall time at which the last picture ended, likewise.
    end_us INTEGER NOT NULL CHECK (end_us >= start_us),
    -- Microseconds since boot at the first picture.
    start_mono_us INTEGER NOT NULL CHECK (start_mono_us >= 0),
    -- The kernel's random id of the boot that start_mono_us counts from.
    boot_id TEXT NOT NULL CHECK (length(boot_id) > 0),
    -- 1 if the wall clock could be believed when it began.
    clock_trusted INTEGER NOT NULL CHECK (clock_trusted IN (0, 1)),
    -- Length of the file.
    size_bytes INTEGER NOT NULL CHECK (size_bytes > 0),
    -- SHA-256 of the file.
    sha256 BLOB NOT NULL CHECK (length(sha256) = 32),
    -- deleting: in the batch that is being destroyed, and not yet gone.
    state TEXT NOT NULL DEFAULT 'kept' CHECK (state IN ('kept', 'deleting')),
    -- 1 if the file was found and completed after a crash.
    recovered INTEGER NOT NULL DEFAULT 0 CHECK (recovered IN (0, 1))
) STRICT;

CREATE INDEX segment_by_time ON segment (camera, end_us);
CREATE INDEX segment_by_end ON segment (end_us);

-- A range of footage that belongs to an event. It copies nothing.
CREATE TABLE clip (
    -- UUID, made from event and camera.
    id TEXT PRIMARY KEY CHECK (length(id) = 36),
    -- The camera's id in the settings.
    camera TEXT NOT NULL CHECK (length(camera) > 0),
    -- Whose journal the event is in: a service's name or the journal's id.
    event_journal TEXT NOT NULL CHECK (length(event_journal) > 0),
    -- Its number there.
    event_seq INTEGER NOT NULL CHECK (event_seq > 0),
    -- Its id.
    event_id TEXT NOT NULL CHECK (length(event_id) = 36),
    -- Wall time from which on, microseconds since 1970 UTC.
    start_us INTEGER NOT NULL CHECK (start_us > 0),
    -- Wall time before which, likewise.
    end_us INTEGER NOT NULL CHECK (end_us > start_us)
) STRICT;

CREATE INDEX clip_by_time ON clip (camera, start_us);
