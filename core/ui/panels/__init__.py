"""What is special to one case, drawn from facts that its run has computed."""
