# SPDX-License-Identifier: Apache-2.0
"""Labs of scripts/lab, for the time of a measurement."""

import contextlib
import subprocess
from pathlib import Path

from results import Failure

ROOT = Path(__file__).resolve().parent.parent.parent
LAB = ROOT / "scripts" / "lab"


class Lab:
    """`settings`: VIPFWD_LAB_... as in scripts/lab's help."""

    def __init__(self, name, build, settings):
        words = {"PREFIX": name, **settings}
        self.name = name
        self.command = ["env", f"VIPFWD_BUILD={build}",
                        *(f"VIPFWD_LAB_{key}={word}" for key, word in words.items()), str(LAB)]

    def __call__(self, *words, text=None):
        """What scripts/lab prints."""
        done = subprocess.run([*self.command, *words], input=text, text=True, capture_output=True)
        if done.returncode != 0:
            raise Failure(f"scripts/lab {' '.join(words)}: {done.stderr.strip()}")
        return done.stdout

    def shell(self, node, *command, text=None):
        return self("shell", node, *command, text=text)


@contextlib.contextmanager
def lab(name, build, *options, **settings):
    """What a run that was killed left of that name goes first: `up` would keep it as it is."""
    made = Lab(name, build, settings)
    try:
        made("down")
        made("up", *options)
        yield made
    finally:
        with contextlib.suppress(Failure):
            made("down")
