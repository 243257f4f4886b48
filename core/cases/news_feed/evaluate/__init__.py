"""What feeds are truly worth, what the heads know, and what the page shows."""
