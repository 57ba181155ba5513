"""A camera's thread: from packets to segments, whatever happens to camera and disk."""
