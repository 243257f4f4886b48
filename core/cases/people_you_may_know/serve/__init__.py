"""From a person to ten suggestions: candidates, ranking, one request at a time, and the batch store."""
