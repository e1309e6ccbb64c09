"""Files an installation may have of its own in place of those the product brings."""

from pathlib import Path
from typing import Any

import yaml


def read_own(own: Path | None, shipped: Path, refused: type[Exception]) -> Any:
    """What the installation's own YAML file says if it is there, else the one that comes with the product.

    Args:
        refused: raised with a message in Chinese where the file is no YAML in UTF-8.
    """
    path = own if own is not None and own.exists() else shipped
    try:
        return yaml.safe_load(path.read_text(encoding="utf-8"))
    except (UnicodeDecodeError, yaml.YAMLError) as error:
        message = f"{path} 不是有效的 YAML（UTF-8）文件：{error}"
        raise refused(message) from error
