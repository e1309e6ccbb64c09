"""What a citizen's own words already tell: the story, the place, a phone, a name."""
