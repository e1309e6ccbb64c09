"""The pages of the units: the tree, one of them, and all as a sheet."""
