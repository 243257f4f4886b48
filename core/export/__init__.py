"""What a visitor takes along: a design document, tables, figures and a script, all made here and without a network."""
