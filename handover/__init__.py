"""Handing a conversation over to a person (转人工): the queue, who is there to take it, and what became of it."""
