"""SMS: notices and codes to mobile numbers of the mainland, their reports, and what people answer (docs/sms.md)."""
