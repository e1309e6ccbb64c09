"""The hotline's own desk: what a speech system may say to a question, and guides sent to a caller by SMS."""
