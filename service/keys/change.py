"""One change of the master key, from its beginning to the end of the old one."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from redis.asyncio import Redis

from service.encryption import SIGNING_PURPOSES, UNMARKED, FileKeyring, Keyring, head_of
from service.keys.file import KeyFile
from service.keys.master import MasterKey, MasterKeys, TokenKey
from service.keys.rotation import Mover, Pass, Place

SETTLING = timedelta(seconds=60)
"""After so long nobody writes what he encrypted, or copied, before the last change that could concern him: a turn
takes seconds, a batch of grouped questions some more, a database statement at most half a minute."""

ROUNDS = 10
"""So often all is looked through; when fields of another key still come after, somebody does not know the new one."""


class StillWriting(Exception):
    """A server goes on writing under another key, so the change cannot end."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How many fields stand under which key.

    Attributes:
        fields: by known key, the current one first.
        unmarked: written before fields told their key.
        unknown: by the id of a key that is not there.
    """

    fields: dict[MasterKey, int]
    unmarked: int
    unknown: dict[str, int]

    @property
    def to_move(self) -> int:
        """Fields that the current key did not write and that may be moved to it."""
        return sum(list(self.fields.values())[1:]) + self.unmarked


async def standing(mover: Mover, keys: MasterKeys) -> Standing:
    """Count every encrypted field."""
    counted = await mover.count()
    fields = {key: counted.pop(head_of(key), 0) for key in keys.readable}
    unmarked = counted.pop(UNMARKED, 0)
    return Standing(fields, unmarked, {head[1:].hex(): count for head, count in counted.items()})


def begin(file: KeyFile) -> MasterKey:
    """Make a new key current, or go on with a change that was interrupted; the current key.

    The new key is first made known and only then used: whoever meets a field of the new key finds it
    in the file, and a power cut cannot leave fields whose key was never durably kept.
    """
    keys = file.keys()
    if keys.previous:
        return keys.current
    coming = keys.coming or MasterKey.new()
    file.write(replace(keys, coming=coming))
    file.write(replace(keys, current=coming, previous=(keys.current,), coming=None))
    return coming


async def move_all(
    mover: Mover, redis: Redis | None, tell: Callable[[int], None], settling: timedelta = SETTLING
) -> list[Place]:
    """Move everything to the current key, and look again until nothing comes after; the fields that cannot be moved.

    Args:
        tell: given the number of fields moved so far.

    Raises:
        StillWriting: see there.
    """
    moved = 0
    for number in range(ROUNDS):
        so_far = moved
        fields = await mover.move_fields(lambda done, so_far=so_far: tell(so_far + done))  # type: ignore[misc]
        hashes = await mover.move_hashes()
        snapshots = await mover.move_snapshots(redis) if redis else 0
        moved += fields.moved
        if number and not (fields.moved or hashes.moved or snapshots or await _left(mover, fields)):
            return fields.stuck + hashes.stuck
        await asyncio.sleep(settling.total_seconds())
    raise StillWriting


async def _left(mover: Mover, fields: Pass) -> bool:
    """Whether there are fields to move beside those that cannot be moved: others held their rows."""
    counted = await mover.count()
    del counted[mover.current]
    return counted.total() > len(fields.stuck)


def forget_previous(keyring: FileKeyring, tokens_until: datetime | None) -> None:
    """Drop the previous keys. Only when nothing is left under them.

    Args:
        tokens_until: when the last token signed under them expires; None lets all older tokens lapse now.
    """
    keys = keyring.keys()
    tokens: tuple[TokenKey, ...] = ()
    if tokens_until is not None:
        at = keyring.clock()
        tokens = tuple(key for key in keys.tokens if key.until > at)
        tokens += tuple(
            TokenKey(purpose, keyring.cipher(purpose).token_key_of(key), tokens_until)
            for purpose in sorted(SIGNING_PURPOSES)
            for key in keys.previous
        )
    keyring.file.write(MasterKeys(keys.current, tokens=tokens))


def role_of(key: MasterKey, keys: MasterKeys) -> str:
    """What a key is for at the moment: current, previous or coming."""
    if key == keys.current:
        return "current"
    return "coming" if key == keys.coming else "previous"


def is_changing(keyring: Keyring) -> bool:
    """Whether a change was begun and not brought to its end."""
    keys = keyring.keys()
    return bool(keys.previous or keys.coming)
