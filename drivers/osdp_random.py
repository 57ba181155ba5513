"""Random numbers for libosdp, which takes its own from the C library's unseeded ``rand``.

Out of the box it challenges a reader with the same numbers after every start (libosdp 3.2.9). The session's
keys are made of them, so somebody who had recorded a line from a start of the door up to a granted card
could play it back after the next start. Here the state behind ``rand`` is filled from the system's random
numbers instead, all 63 words of it: 64 unknown bits a challenge.
"""

from __future__ import annotations

import ctypes
import os
import threading

from controller.devices import DeviceError

STATE = 256
KIND = 4
"""The first word of the state says which generator it is for; glibc's largest fills 256 bytes."""

_state = ctypes.create_string_buffer(STATE)
"""The C library keeps a pointer to it, so it is never given back."""
_libc = ctypes.CDLL(None)
_initstate = _libc.initstate
_initstate.argtypes = (ctypes.c_uint, ctypes.c_void_p, ctypes.c_size_t)
_initstate.restype = ctypes.c_void_p


_taking_over = threading.Lock()
_is_ours = threading.Event()


def take_over() -> None:
    """Put ``rand`` on our state. Raises DeviceError where the C library is not one that this works with.

    Tried once: for the trial ``rand`` is predictable, which no other line may meet.
    """
    with _taking_over:
        if not _is_ours.is_set():
            _initstate(1, _state, STATE)
            ctypes.memset(ctypes.addressof(_state) + KIND, 0, STATE - KIND)
            if _libc.rand() != 0:
                raise DeviceError("this system's C library gives libosdp no unpredictable numbers; use glibc")
            _is_ours.set()
        _fill()


def refill() -> None:
    """Have everything that ``rand`` says next be unpredictable."""
    with _taking_over:
        _fill()


def _fill() -> None:
    ctypes.memmove(ctypes.addressof(_state) + KIND, os.urandom(STATE - KIND), STATE - KIND)
