"""What must not wait for a report: surges, people let down again, words of danger; each told once, by grade."""
