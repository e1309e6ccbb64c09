"""Prepare this process for Rasa: to be called before anything of Rasa is imported."""

import os
import warnings
from pathlib import Path
from typing import TextIO

from bot import light_tensorflow


def prepare(data_dir: Path) -> None:
    """Switch off what phones home, keep caches private, and stand in for TensorFlow where it is missing."""
    os.environ.setdefault("RASA_TELEMETRY_ENABLED", "false")
    os.environ.setdefault("LOG_LEVEL", "WARNING")  # else Rasa draws dozens of progress bars that flash by
    os.environ.setdefault("SQLALCHEMY_SILENCE_UBER_WARNING", "1")
    os.environ.setdefault("MPLCONFIGDIR", str(data_dir / "cache" / "matplotlib"))
    _quiet_dependencies()
    light_tensorflow.install()
    _keep_jieba_cache_private(data_dir / "cache" / "jieba")


def _keep_jieba_cache_private(folder: Path) -> None:
    # jieba unmarshals its cache from a shared /tmp, where any user of the machine may have put it.
    import jieba  # slow to import, needed only here

    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    jieba.dt.tmp_dir = str(folder)


def _quiet_dependencies() -> None:
    # Rasa's dependencies warn of their age in dozens of lines an operator can do nothing about, and Rasa
    # resets warning filters while it is imported; what our own code gives cause for is still shown.
    show = warnings.showwarning

    def show_ours(
        message: Warning | str,
        category: type[Warning],
        filename: str,
        lineno: int,
        file: TextIO | None = None,
        line: str | None = None,
    ) -> None:
        if "site-packages" not in filename and "importlib" not in filename:
            show(message, category, filename, lineno, file, line)

    warnings.showwarning = show_ours
