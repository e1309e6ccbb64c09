"""Tickets as files: taken over from another platform, given out one row a ticket."""
