"""What finds faces and plates, what is fitted to it, and the second look."""
