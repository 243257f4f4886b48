"""What a request waits for, and what is stored ahead for it."""
