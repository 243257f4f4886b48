"""The street photos: what they are made of, drawn plates, and the photos themselves with every box known."""
