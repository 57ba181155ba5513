-- What is known of a camera: how its picture usually looks, and how much it usually sends.

CREATE TABLE known_camera (
    -- The camera's id in the settings.
    camera TEXT PRIMARY KEY CHECK (length(camera) > 0),
    -- Id of the event in the console's journal that asked for all this to be learnt anew; empty: none did.
    asked TEXT NOT NULL CHECK (length(asked) IN (0, 36)),
    -- Where edges stay in its picture with colours, a bit for each of 160 x 90 pixels; NULL: not learnt yet.
    colour_view BLOB CHECK (length(colour_view) = 1800),
    -- Likewise in its picture without colours, as cameras send it by infrared light.
    grey_view BLOB CHECK (length(grey_view) = 1800),
    -- The least that it sent in each of the last hours, thousand bits a second: a list in JSON, newest last.
    usual_kbps TEXT NOT NULL CHECK (json_type(usual_kbps) = 'array')
) STRICT;
