"""How citizens reach the assistant."""
