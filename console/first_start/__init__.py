"""The first start: what an administrator sets up before citizens come, a step at a time."""
