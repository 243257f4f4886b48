"""Production monitoring: drift, alarms with their false-alarm rates, and data validation."""
