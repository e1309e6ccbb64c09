"""`python -m benchmarks [answers|turns|…]`: run all or the named benchmarks."""

import sys
from collections.abc import Callable

from benchmarks import (
    answers,
    audit,
    console_pages,
    deadlines,
    delivery,
    dispatch,
    freshness,
    intents,
    scale,
    similar,
    tickets,
    time_change,
    turn_cost,
    turns,
    wechat,
)

_ALL: dict[str, Callable[[], None]] = {
    "intents": intents.main,
    "answers": answers.main,
    "turns": turns.main,
    "turn_cost": turn_cost.main,
    "freshness": freshness.main,
    "scale": scale.main,
    "deadlines": deadlines.main,
    "similar": similar.main,
    "dispatch": dispatch.main,
    "engines": lambda: scale.main(["--entries", "20000"]),
    "tickets": tickets.main,
    "time_change": time_change.main,
    "console_pages": console_pages.main,
    "delivery": delivery.main,
    "wechat": wechat.main,
    "audit": audit.main,
}


def main(names: list[str]) -> int:
    """Run benchmarks by name, all of them without a name."""
    unknown = [name for name in names if name not in _ALL]
    if unknown:
        print(f"unknown: {', '.join(unknown)}; there are: {', '.join(_ALL)}")
        return 2
    for name in names or list(_ALL):
        print(f"== {name}", flush=True)
        _ALL[name]()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
