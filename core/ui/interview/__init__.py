"""The seven steps, the mock interview and the glossary."""
