-- With a month of eight cameras, 345,600 rows: whatever is asked once an hour or more must not read them all.

-- What is old, page by page. The size is there for sums over months.
DROP INDEX segment_by_end;
CREATE INDEX segment_by_end ON segment (end_us, id, size_bytes);
-- What of a camera is in a range: no segment is longer than the longest, so the range says where to begin.
DROP INDEX segment_by_time;
CREATE INDEX segment_by_start ON segment (camera, start_us, size_bytes);
CREATE INDEX segment_by_camera_end ON segment (camera, end_us);
CREATE INDEX segment_by_length ON segment (end_us - start_us);
-- What is dated wrongly: within a boot, all began equally long after it by either clock.
CREATE INDEX segment_by_boot ON segment (boot_id, start_us - start_mono_us) WHERE clock_trusted = 1;
-- The few that are undated or half destroyed.
CREATE INDEX segment_undated ON segment (start_us) WHERE clock_trusted = 0;
CREATE INDEX segment_deleting ON segment (end_us, id) WHERE state = 'deleting';
-- Whether an event has a clip.
CREATE INDEX clip_by_event ON clip (event_id);
