# SPDX-License-Identifier: Apache-2.0
"""Asks control without the time that a process of vipctl takes."""

import json
import socket
import time

from results import Failure

DEADLINE_S = 60


class Control:
    def __init__(self, path):
        self.path = path

    def ask(self, command, **arguments):
        """The result, or a Failure."""
        with self.begin(command, **arguments) as asked:
            return asked.answer()

    def begin(self, command, **arguments):
        return Asked(self.path, command, arguments)

    def await_workers(self):
        """Waits until all workers forward by the tables in force."""
        deadline = time.monotonic() + DEADLINE_S
        while True:
            status = self.ask("show status")
            dataplane = status["dataplane"]
            if (not dataplane["publish_pending"]
                    and dataplane["acknowledged_generation"] == status["generation"]):
                return status["generation"]
            if time.monotonic() > deadline:
                raise Failure(f"generation {status['generation']} is not in use after "
                              f"{DEADLINE_S} s")
            time.sleep(0.001)


class Asked:
    """A request whose answer is still to be read."""

    def __init__(self, path, command, arguments):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.socket.settimeout(DEADLINE_S)
        self.socket.connect(str(path))
        self.socket.sendall(json.dumps({"command": command, "arguments": arguments}).encode()
                            + b"\n")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def answer(self):
        with self.socket.makefile() as lines:
            response = json.loads(lines.readline() or "null")
        if not response or not response["ok"]:
            raise Failure(f"control: {response and response['error']}")
        return response["result"]
