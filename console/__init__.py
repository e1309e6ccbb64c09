"""The pages hotline staff work in."""
