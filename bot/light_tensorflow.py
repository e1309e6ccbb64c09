"""Rasa without TensorFlow.

Rasa 3.6 imports its TensorFlow components whether a pipeline uses them or not. Where TensorFlow is
not installed, the finder here gives those imports empty stand-ins, which spares 1 GB of packages and
350 MB of memory. Where it is installed nothing happens, and DIET or TED can be used as ever.
"""

import importlib.abc
import importlib.machinery
import importlib.util
import sys
import types
from collections.abc import Sequence
from typing import Any

_ROOTS = frozenset({"tensorflow", "keras", "tensorflow_hub", "tensorflow_text"})


class _StandInMeta(type):
    """Answers every attribute, item, call and union with itself, as class bodies and decorators need."""

    def __getattr__(cls, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return cls

    def __getitem__(cls, item: object) -> Any:
        return cls

    def __call__(cls, *args: Any, **kwargs: Any) -> Any:
        if cls is not _StandIn:
            return super().__call__(*args, **kwargs)
        used_as_decorator = len(args) == 1 and callable(args[0]) and not kwargs
        return args[0] if used_as_decorator else cls

    def __or__(cls, other: object) -> Any:
        return cls

    def __ror__(cls, other: object) -> Any:
        return cls


class _StandIn(metaclass=_StandInMeta):
    """Whatever Rasa's modules look up in TensorFlow while they are being imported."""


class _EmptyModule(types.ModuleType):
    __path__: list[str] = []  # noqa: RUF012  # makes it a package

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return _StandIn


class _Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: types.ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if fullname.partition(".")[0] not in _ROOTS:
            return None
        return importlib.machinery.ModuleSpec(fullname, self, is_package=True)

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> types.ModuleType:
        return _EmptyModule(spec.name)

    def exec_module(self, module: types.ModuleType) -> None:
        """Nothing to run."""


def tensorflow_is_installed() -> bool:
    """Whether the real TensorFlow can be imported."""
    return any(importlib.machinery.PathFinder.find_spec("tensorflow", [entry]) is not None for entry in sys.path)


def install() -> bool:
    """Put the stand-ins in place where TensorFlow is not installed; whether they are in place."""
    if any(isinstance(finder, _Finder) for finder in sys.meta_path):
        return True
    if tensorflow_is_installed():
        return False
    sys.meta_path.insert(0, _Finder())
    return True
