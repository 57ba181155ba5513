"""Work on pictures in a process of its own, for services that load nothing that decodes them."""
