"""The pytest fixtures that a simulated branch gives to its own tests and to other people's."""
