"""Where events take place, who may go, and who did: real cities and friendships, simulated registrations."""
