"""Settings as lines for a shell: pasted anywhere, in any order and again; they are gone with the terminal."""

import json
import shlex
from collections.abc import Mapping

from service.settings import Settings

Values = Mapping[str, str | Mapping[str, str] | list[str]]


def exported(values: Values) -> str:
    """One `export LTB_…` a line; what is more than a text is JSON, as settings read it."""
    prefix = Settings.model_config["env_prefix"]
    return "\n".join(f"export {prefix}{name.upper()}={shlex.quote(_plain(value))}" for name, value in values.items())


def _plain(value: str | Mapping[str, str] | list[str]) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
