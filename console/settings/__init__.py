"""Pages on which a hotline is set up while it runs."""
