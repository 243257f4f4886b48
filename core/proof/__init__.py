"""What checks said on this server, what words mean, and what a frontier says in one sentence."""
