"""What pictures show: motion, and whether the camera sees what it should. Never who."""
