"""How good the verdicts are, what they bring and cost, and what the page shows of them."""
