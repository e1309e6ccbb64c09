"""Outside services that speak the real protocols, for trying out and for tests: nothing here serves citizens."""
