# SPDX-License-Identifier: Apache-2.0
"""How much of a thread's CPU time the kernel spends on softirqs: packets of anybody that it handles
while the thread happens to run. With both ends of a connection on one machine, a system call that
sends a packet also does the other end's work so. Linux accounts that to the thread; here samples
of perf tell it apart."""

import subprocess
from pathlib import Path

from results import Failure

SAMPLES_PER_S = 999
# What runs softirqs: up to Linux 6.8, and since then.
ENTRIES = {"__do_softirq", "handle_softirqs"}
LEAST_SAMPLES = 100


def share_of_softirqs(tid, seconds, directory):
    """The share (0 to 1) of the time that the thread is on a CPU, measured for so long."""
    profile = Path(directory) / "perf.data"
    run("perf", "record", "-F", str(SAMPLES_PER_S), "-e", "cpu-clock", "-g", "-t", str(tid),
        "-o", profile, "--", "sleep", str(seconds))
    stacks = [set(stack.split()) for stack in
              run("perf", "script", "-i", profile, "-F", "ip,sym").split("\n\n") if stack.strip()]
    if len(stacks) < LEAST_SAMPLES:
        raise Failure(f"perf has {len(stacks)} samples of thread {tid} after {seconds} s")
    return sum(not stack.isdisjoint(ENTRIES) for stack in stacks) / len(stacks)


def run(*command):
    try:
        return subprocess.run([str(word) for word in command], stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, text=True, check=True).stdout
    except OSError as error:
        raise Failure(f"{command[0]}: {error.strerror}") from None
    except subprocess.CalledProcessError as error:
        raise Failure(f"{' '.join(command[:2])}: {error.stderr.strip()}") from None
