# SPDX-License-Identifier: Apache-2.0
"""Labs of scripts/lab, for the time of a measurement."""

import contextlib
import os
import subprocess
from pathlib import Path

from results import Failure

ROOT = Path(__file__).resolve().parent.parent.parent
LAB = ROOT / "scripts" / "lab"


class Lab:
    def __init__(self, name, build):
        self.environment = {**os.environ, "VIPFWD_LAB_PREFIX": name, "VIPFWD_BUILD": str(build)}

    def __call__(self, *words, text=None):
        """What scripts/lab prints."""
        done = subprocess.run([LAB, *words], env=self.environment, input=text, text=True,
                              capture_output=True)
        if done.returncode != 0:
            raise Failure(f"scripts/lab {' '.join(words)}: {done.stderr.strip()}")
        return done.stdout

    def shell(self, node, *command, text=None):
        return self("shell", node, *command, text=text)


@contextlib.contextmanager
def lab(name, build, *options):
    made = Lab(name, build)
    try:
        made("up", *options)
        yield made
    finally:
        with contextlib.suppress(Failure):
            made("down")
