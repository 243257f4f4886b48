"""From a person to a list: which events come into question, and the ways to rank them ahead or at the request."""
