"""What lists are worth: against the evening's truth, against the log, and to a reader."""
