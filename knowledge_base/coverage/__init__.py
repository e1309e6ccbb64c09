"""What citizens asked and got no answer to, grouped by meaning, and what becomes of it."""
