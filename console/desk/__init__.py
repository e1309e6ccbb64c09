"""The phone desk (接听台): a caller's words, the entries that answer them, and a ticket, on one screen."""
