"""工单: a citizen's request, from the moment it is registered."""
