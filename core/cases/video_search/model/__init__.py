"""What turns texts and frames into vectors of one space."""
