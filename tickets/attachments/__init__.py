"""Files that citizens and units add to a ticket: taken in with care, kept encrypted, handed out as downloads only."""
