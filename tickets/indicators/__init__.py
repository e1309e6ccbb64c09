"""Rates by which the work on tickets is judged, defined as data and computed by the database."""
