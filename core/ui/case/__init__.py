"""The parts that every case page is made of."""
