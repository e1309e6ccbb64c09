"""The charts (看板): what came in, what was answered, what is in time, told as pictures with their tables."""
