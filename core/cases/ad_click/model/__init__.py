"""What predicts a click: models by name, and what turns their log-odds into chances."""
