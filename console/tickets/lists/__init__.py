"""The lists of tickets: what they show, filters that are kept, what is done with several, exports."""
