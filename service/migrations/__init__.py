"""Schema history, applied by `service.migrate`."""
