"""The interview walkthrough, the mock interview and the glossary."""
