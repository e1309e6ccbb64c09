"""The pages of the dispatch list: its rules, one of them as a form, and all as a file."""
