"""The knowledge base in the console: entries, their life, what they leave unanswered, and files. A file a concept."""
