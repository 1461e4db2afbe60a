#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Stops one thread, and no other thread of its process, with ptrace(2), until its input ends.
Prints "ready" once the thread is stopped.

  stall.py TID
"""

import ctypes
import os
import sys

PTRACE_SEIZE, PTRACE_INTERRUPT = 0x4206, 0x4207
WALL = 0x40000000

libc = ctypes.CDLL(None, use_errno=True)
libc.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]
libc.ptrace.restype = ctypes.c_long


def ptrace(request, tid):
    if libc.ptrace(request, tid, None, None) != 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


def main():
    tid = int(sys.argv[1])
    ptrace(PTRACE_SEIZE, tid)
    ptrace(PTRACE_INTERRUPT, tid)
    os.waitpid(tid, WALL)
    print("ready", flush=True)
    sys.stdin.read()  # the thread continues when its tracer ends


if __name__ == "__main__":
    main()
