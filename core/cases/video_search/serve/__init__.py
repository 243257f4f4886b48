"""From a query to ten videos: two channels, their fusion, a re-rank, and the store."""
