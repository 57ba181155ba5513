"""Simulated GPIO: a gpiozero pin factory at one end of a Unix socket, a panel of pins at the other."""
