"""Conversations with citizens who want a person (人工会话): the queue, live talks, what stands beside them."""
