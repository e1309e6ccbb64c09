"""Finding entries: words and vectors, fused."""
