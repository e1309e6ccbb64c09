"""The tickets' pages: lists, one ticket with its moves, the dispatcher's screen, alarms, messages."""
