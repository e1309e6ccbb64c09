"""The SMS services of Aliyun and Tencent Cloud, and the phones behind them, for trials and tests without an account."""
