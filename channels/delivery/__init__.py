"""Delivery of notices: what the outbox holds reaches the citizen by the first way that works, and nobody twice."""
