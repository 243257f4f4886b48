"""From detectors to blurred photos: on upload, ahead of time, and for a visitor's own photo."""
