# SPDX-License-Identifier: Apache-2.0
"""Makes a lab (scripts/lab) for the time of a measurement."""

import contextlib
import os
import subprocess
from pathlib import Path

from results import Failure

ROOT = Path(__file__).resolve().parent.parent.parent
LAB = ROOT / "scripts" / "lab"


class Lab:
    """`settings` become the variables VIPFWD_LAB_... of scripts/lab. Backends are not checked, unless
    the benchmark wants it."""

    def __init__(self, name, build, settings):
        words = {"PREFIX": name, "CHECKS": "false", **settings}
        self.name = name
        self.build = Path(build)
        self.command = ["env", f"VIPFWD_BUILD={build}",
                        *(f"VIPFWD_LAB_{key}={word}" for key, word in words.items()), str(LAB)]

    def __call__(self, *words, text=None):
        """Runs scripts/lab, and returns what it prints."""
        done = subprocess.run([*self.command, *words], input=text, text=True, capture_output=True)
        if done.returncode != 0:
            raise Failure(f"scripts/lab {' '.join(words)}: {done.stderr.strip()}")
        return done.stdout

    def shell(self, node, *command, text=None):
        return self("shell", node, *command, text=text)


@contextlib.contextmanager
def lab(name, build, *options, **settings):
    """Removes what a killed run left under that name first: `up` would keep it as it is."""
    if os.geteuid() != 0:
        raise Failure("needs root, for network namespaces")
    made = Lab(name, build, settings)
    try:
        made("down")
        made("up", *options)
        yield made
    finally:
        with contextlib.suppress(Failure):
            made("down")
