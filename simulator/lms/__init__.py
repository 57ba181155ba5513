"""A library management system at the far end of the wire: SIP2 and Koha's REST API, and what goes wrong."""
