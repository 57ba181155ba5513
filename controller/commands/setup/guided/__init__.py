"""``unlocked setup`` without answers: asked part by part, with the hardware tried on the way."""
