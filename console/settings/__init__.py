"""What administrators set: texts, thresholds, categories, ways of telling, units, times; with day and history."""
