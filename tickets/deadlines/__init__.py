"""The time of tickets: working time, promises, steps, warnings, supervision. Knows nothing of the tickets' tables."""
