"""Homes that are for rent, and guests who look at some and book one."""
