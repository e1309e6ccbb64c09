"""A WeChat platform with one public account, for trying out and for tests."""
