"""Who is linked with whom: real links, drawn ones, and those that are to be foreseen."""
