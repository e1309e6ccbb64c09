"""What must be answered for (审计记录), as auditors read it."""
