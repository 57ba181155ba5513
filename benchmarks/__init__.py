"""What the product costs, measured on what ships: ``make bench``, or ``python -m benchmarks --help``."""
