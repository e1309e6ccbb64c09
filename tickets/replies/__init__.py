"""What a unit writes to a citizen, or gives as its reason to hand a ticket back, is read before it leaves."""

from tickets.replies.check import check_reply
from tickets.replies.finding import Code, Finding, Severity, stops
from tickets.replies.shirking import check_return_reason

__all__ = ["Code", "Finding", "Severity", "check_reply", "check_return_reason", "stops"]
