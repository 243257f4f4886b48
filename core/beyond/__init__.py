"""What follows at another size or another load, with a receipt."""
