# SPDX-License-Identifier: Apache-2.0
"""Children that never outlive us, and that stand still while another is measured."""

import signal
import subprocess
import time

from results import Failure

START_TIMEOUT_S = 30
STOP_TIMEOUT_S = 10


class Process:
    """`directory` is where it runs and where its log is. Its standard input stays open."""

    def __init__(self, name, command, directory):
        self.name = name
        self.log = directory / f"{name}.log"
        with open(self.log, "wb") as log:
            try:
                self.child = subprocess.Popen([str(word) for word in command], cwd=directory,
                                              stdin=subprocess.PIPE, stdout=log, stderr=log,
                                              start_new_session=True)
            except OSError as error:
                raise Failure(f"{command[0]}: {error.strerror}") from None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.child.stdin.close()  # for which some programs wait
        self.child.terminate()
        self.resume()
        try:
            self.child.wait(STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            self.child.kill()
            self.child.wait()

    def pause(self):
        self.child.send_signal(signal.SIGSTOP)

    def resume(self):
        self.child.send_signal(signal.SIGCONT)

    def wait_until(self, condition, what):
        """Its first true answer."""
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
