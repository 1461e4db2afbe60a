# SPDX-License-Identifier: Apache-2.0
"""Child processes that end with this one, and that can be stopped while another one is measured."""

import contextlib
import os
import select
import signal
import subprocess
import time
from pathlib import Path

from results import Failure

FORWARDER_CPU = 1
OTHER_CPU = 0  # for the peer, and for threads that are not workers
START_TIMEOUT_S = 30
STOP_TIMEOUT_S = 10
ANSWER_TIMEOUT_S = 60


@contextlib.contextmanager
def bound_to(cpu):
    """Binds this thread for the time of the block, and children that start meanwhile."""
    usual = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {cpu})
    try:
        yield
    finally:
        os.sched_setaffinity(0, usual)


class Process:
    """A child that runs in `directory`, where its log is too. Its standard input stays open. With
    `answers`, ask() reads its standard output; else that goes to the log."""

    def __init__(self, name, command, directory, answers=False):
        self.name = name
        self.log = directory / f"{name}.log"
        with open(self.log, "wb") as log:
            try:
                self.child = subprocess.Popen([str(word) for word in command], cwd=directory,
                                              stdin=subprocess.PIPE, stderr=log,
                                              stdout=subprocess.PIPE if answers else log,
                                              start_new_session=True)
            except OSError as error:
                raise Failure(f"{command[0]}: {error.strerror}") from None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        with contextlib.suppress(BrokenPipeError):
            self.child.stdin.close()  # some programs wait for that
        self.child.terminate()
        self.resume()
        try:
            self.child.wait(STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            self.child.kill()
            self.child.wait()
        if self.child.stdout:
            self.child.stdout.close()

    def pause(self):
        self.child.send_signal(signal.SIGSTOP)

    def resume(self):
        self.child.send_signal(signal.SIGCONT)

    def worker_s(self):
        """CPU seconds of the thread that has used most."""
        return self.busiest_thread_ns()[0] / 1e9

    def waited_s(self):
        """Seconds for which that thread could have run, but its CPU ran something else."""
        return self.busiest_thread_ns()[1] / 1e9

    def busiest_thread_ns(self):
        """What it has used, and what it has waited."""
        threads = []
        for task in Path(f"/proc/{self.child.pid}/task").glob("*/schedstat"):
            with contextlib.suppress(OSError):  # the thread has just ended
                threads.append([int(word) for word in task.read_text().split()[:2]])
        return max(threads)

    def ask(self, question, timeout_s=ANSWER_TIMEOUT_S):
        """Writes a line to the child, and returns the line that it answers."""
        try:
            self.child.stdin.write(f"{question}\n".encode())
            self.child.stdin.flush()
        except BrokenPipeError:
            raise self.failure(f"does not take '{question}'") from None
        ready, _, _ = select.select([self.child.stdout], [], [], timeout_s)
        answer = self.child.stdout.readline() if ready else b""
        if not answer:
            raise self.failure(f"does not answer '{question}'")
        return answer.decode()

    def wait_until(self, condition, what):
        """Returns the first true answer of condition(); fails if the child ends before."""
        deadline = time.monotonic() + START_TIMEOUT_S
        while not (answer := condition()):
            if self.child.poll() is not None:
                raise self.failure(f"ended with {self.child.returncode}")
            if time.monotonic() > deadline:
                raise self.failure(f"not within {START_TIMEOUT_S} s: {what}")
            time.sleep(0.02)
        return answer

    def failure(self, what):
        words = self.log.read_text(errors="replace").strip().splitlines()[-10:]
        return Failure("\n".join([f"{self.name}: {what}", *words]))
