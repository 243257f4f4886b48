"""The command line, one file per command: its words, what it takes, and what runs."""
