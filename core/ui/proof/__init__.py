"""The parts of the truth page and of the glossary."""
