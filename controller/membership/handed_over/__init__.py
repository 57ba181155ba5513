"""Files of memberships that staff hand over through the console, and what they are told of them."""
