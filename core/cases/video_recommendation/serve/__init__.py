"""From likes to ten films: the funnel of one request, of all of them, and what is stored ahead."""
