"""The refusal of a move."""

from collections.abc import Sequence

from tickets.replies.finding import Finding


class MoveNotAllowed(Exception):
    """It cannot be done; the message tells the one who tried why, and what to do instead."""


class WordsRefused(MoveNotAllowed):
    """What was written must not go out like this.

    Attributes:
        findings: what is wrong with it; the doubtful ones among them may be confirmed by their codes.
    """

    def __init__(self, findings: Sequence[Finding]) -> None:
        self.findings = tuple(findings)
        super().__init__("\n".join(finding.suggestion for finding in self.findings))
