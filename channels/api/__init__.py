"""The JSON API for other systems: tickets under `/api/v1/tickets`."""
