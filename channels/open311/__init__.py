"""Open311 GeoReport v2 for portals, under `/open311/v2/`."""
