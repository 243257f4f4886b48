"""From posts that wait to ten of them: fan-out, funnel, store, and what a request waits for."""
