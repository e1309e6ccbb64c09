"""The pages of the categories: the tree, and all as a sheet."""
