"""A class of one server: what is asked of it, who is in it, what they submitted, and the wall that shows it."""
