"""What everything stands on: settings, storage, identity, time, and what else knows no part above it."""
