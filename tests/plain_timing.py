"""A timing without rules for the tests: natural days, as simple as can be told from a test."""

from datetime import timedelta


class PlainTiming:
    """The promise is ten days, every step one, a rework five."""

    def promise(self, facts, at):
        return at + timedelta(days=10)

    def rework(self, facts, at):
        return at + timedelta(days=5)

    def step(self, step, facts, at):
        return at + timedelta(days=1)

    def return_until(self, facts, dispatched_at):
        return dispatched_at + timedelta(hours=24)

    def suspended_until(self, facts, at):
        return at + timedelta(days=15)

    def extended_until(self, facts, promised_at):
        return promised_at + timedelta(days=10)

    def extensions(self, facts):
        return 1

    def shifted(self, due, paused_at, resumed_at):
        return due + (resumed_at - paused_at)
