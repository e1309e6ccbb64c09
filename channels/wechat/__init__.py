"""The WeChat public account: citizens write to it, and what concerns them reaches them there."""
