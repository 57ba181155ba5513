"""Bytes from a card reader to the text of a card. Each protocol is a file; none knows a serial port."""
