"""Memory that is free again goes back to the system."""

import ctypes
import gc


def give_back() -> None:
    """Give back what building has freed: the C library would keep half a gigabyte of it in pieces.

    Where the C library is not glibc, nothing is done.
    """
    gc.collect()
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)
