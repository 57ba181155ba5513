"""A network camera: a drawn scene, encoded as H.264 and served over RTSP."""
