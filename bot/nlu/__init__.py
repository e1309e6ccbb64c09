"""Rasa components of our own."""
