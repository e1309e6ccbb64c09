"""What the commands import, imported once: `forked` has its processes begin from here."""

from pathlib import Path

from bot import runtime

runtime.prepare(Path(__file__).resolve().parent.parent / "var" / "test")  # before anything of Rasa is imported

import program.cli  # noqa: E402
import program.rasa_commands  # noqa: E402
import program.server  # noqa: E402
import program.terminal  # noqa: F401, E402
