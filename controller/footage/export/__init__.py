"""Footage on its way out: films, their manifests and signatures, and whether they are as exported."""
