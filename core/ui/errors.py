"""Errors that a page tells its reader."""

# Those with a message for the reader; any other is a bug and goes to the log with its traceback.
READER_ERRORS = (ValueError, OSError, RuntimeError, ImportError)
