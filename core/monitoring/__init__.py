"""What to watch in production: drift, alarms with their false-alarm rates, and rules for data."""
