"""Notices in the console: what citizens were told, what did not reach them, by which way, and what it cost."""
