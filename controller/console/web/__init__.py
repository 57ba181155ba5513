"""How pages are served: Django set up from the branch's settings. No page of its own."""
