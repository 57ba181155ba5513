"""A network camera: a drawn scene, encoded as H.264 or H.265 and served over RTSP."""
