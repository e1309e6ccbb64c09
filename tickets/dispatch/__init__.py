"""Dispatch: which unit should get a ticket, by the city's own list first, else by what was decided before."""
