"""The trained Rasa model: which one fits the training data as it is, and training a new one."""

import hashlib
import io
import os
import tempfile
from contextlib import redirect_stdout
from pathlib import Path

from service.settings import PROJECT

_SOURCES = ("config.yml", "domain.yml", "data/**/*.yml", "bot/nlu/*.py", "service/text.py")


def fingerprint() -> str:
    """Changes whenever something changes that a model is trained from (16 hex digits)."""
    digest = hashlib.sha256()
    for pattern in _SOURCES:
        for path in sorted(PROJECT.glob(pattern)):
            digest.update(f"{path.relative_to(PROJECT)}\0".encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def model_path(model_dir: Path) -> Path:
    """Where the model for today's training data is, or would be."""
    return model_dir / f"liaotianban-{fingerprint()}.tar.gz"


def newest_model(model_dir: Path) -> Path | None:
    """The model trained last."""
    models = sorted(model_dir.glob("*.tar.gz"), key=lambda path: path.stat().st_mtime_ns)
    return models[-1] if models else None


def train(model_dir: Path, *, force: bool = False) -> Path:
    """Train a model and put it in place whole; a half-written model is never seen.

    Raises:
        RuntimeError: Rasa could not train; the message is what it said.
    """
    import rasa  # slow to import, needed only here

    target = model_path(model_dir)
    model_dir.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=model_dir) as scratch:
        said = io.StringIO()
        with redirect_stdout(said):  # Rasa tells of success, too, and names the scratch folder
            result = rasa.train(
                domain=str(PROJECT / "domain.yml"),
                config=str(PROJECT / "config.yml"),
                training_files=[str(PROJECT / "data")],
                output=scratch,
                fixed_model_name=target.name.removesuffix(".tar.gz"),
                force_training=force,
            )
        if not result.model:
            raise RuntimeError(said.getvalue().strip() or "the model could not be trained")
        os.replace(result.model, target)  # noqa: PTH105  # Path.replace is the same call
        os.utime(target)
    return target
