"""A measurement under load and prices: queueing, caches, replicas, cost and the SLO verdict."""
