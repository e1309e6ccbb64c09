"""What the commands import, imported once: `forked` has its processes begin from here."""

from pathlib import Path

from bot import runtime

runtime.prepare(Path(__file__).resolve().parent.parent / "var" / "test")  # before anything of Rasa is imported

import service.cli  # noqa: E402
import service.identity.staff  # noqa: E402
import service.rasa_commands  # noqa: E402
import service.server  # noqa: E402
import service.terminal  # noqa: F401, E402
