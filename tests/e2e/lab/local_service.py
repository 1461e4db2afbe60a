# SPDX-License-Identifier: Apache-2.0
"""A web server that runs on a gateway itself, and requests of a client to it."""

import contextlib
import subprocess

from labs import checked, url
from programs import wait_until

PORT = 8022  # not the port of a service


@contextlib.contextmanager
def serving(lab, node, address, folder):
    """Runs a web server on a node for the time of the block; it serves the folder at that
    address."""
    command = [*lab.scripts_lab, "shell", node, "/usr/bin/python3", "-m", "http.server",
               str(PORT), "--bind", address, "--directory", folder]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as one:
        try:
            wait_until(lambda: is_reached(lab, address), "the server answers")
            yield
        finally:
            one.terminate()


def is_reached(lab, address):
    return lab.shell("client", "curl", "-s", "-g", "-o", "/dev/null", "--connect-timeout", "1",
                     "--max-time", "2", "-f", url(address, PORT)).returncode == 0


def download(lab, address, path):
    """The number of bytes that the client received."""
    return int(checked(lab.shell("client", "curl", "-s", "-g", "--max-time", "20", "-o", "/dev/null",
                                 "-w", "%{size_download}", url(address, PORT, path))))
