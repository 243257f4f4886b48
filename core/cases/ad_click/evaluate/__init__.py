"""What the chances are worth: metrics, the auction, and what the page shows."""
