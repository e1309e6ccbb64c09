"""All that staff may change while the installation runs: a store for each kind of settings."""

from collections.abc import Mapping
from dataclasses import dataclass

from service.clock import Clock, now
from service.kept.following import Following, Use
from service.kept.store import KeptSettings
from service.running_settings import RunningSettings
from service.settings import Settings
from service.storage import Database
from tickets.deadlines.kind import DEADLINES


@dataclass(frozen=True, slots=True)
class Changeable:
    """What can be changed, and how this process follows it.

    Attributes:
        stores: by the name of the kind.
    """

    running: RunningSettings
    stores: Mapping[str, KeptSettings]
    following: Following

    def follow(self, kind: str, use: Use) -> None:
        """Give what is set of a kind to somebody: at the next look, and whenever it has changed."""
        self.following.add(self.stores[kind], use)


def open_changeable(settings: Settings, database: Database, clock: Clock = now) -> Changeable:
    """Over a database; the settings given change with what is set."""
    running = RunningSettings(settings)
    kinds = (running.kind, DEADLINES)
    stores = {kind.name: KeptSettings(database, kind, clock) for kind in kinds}
    following = Following(database, clock)
    following.add(stores[running.kind.name], running.use)
    return Changeable(running, stores, following)
