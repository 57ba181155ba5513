"""One page for the data protection officer: each promise, whether it is kept, and what cannot be proved."""
