"""One ticket: its page, the moves that are made there, and help with their words."""
