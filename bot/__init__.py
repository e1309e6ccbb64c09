"""The assistant: Rasa's agent embedded in our process, behind one door, `bot.assistant.Assistant`."""
