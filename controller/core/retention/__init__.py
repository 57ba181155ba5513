"""When things fall due, and when they must be gone: the rules and conventions of privacy notices."""
