"""Persons in the conversation: what agents do in it, and what is said to citizens who wait."""
