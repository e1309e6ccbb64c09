"""Rasa custom actions: thin, one file a topic; each calls a verb of the services and words the outcome."""
