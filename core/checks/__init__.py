"""Sentences a reader is told, the checks that every case shares, and what checks said on this server."""
