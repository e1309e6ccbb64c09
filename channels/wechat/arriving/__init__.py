"""What followers send: where it arrives, how it is opened, who it is from and what it is answered."""
