"""The master keys of an installation: where they are kept, and how everything moves from one to the next."""
