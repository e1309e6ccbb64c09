"""Who works here: signing in and out, one's own account, everybody's accounts."""
