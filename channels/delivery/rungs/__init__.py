"""The ways to a citizen, one a file; each asks whether a message arrived before anybody sends it a second time."""
