"""Settings that staff change while everything runs: every version is kept, with the moment from which it counts."""
