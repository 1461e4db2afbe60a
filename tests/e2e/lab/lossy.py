# SPDX-License-Identifier: Apache-2.0
"""Loss of adverts on their way to a gateway."""

import contextlib
import os

from labs import HERE, checked
from programs import run

INCLUDE = f"/usr/include/{os.uname().machine}-linux-gnu"


def compiled(directory, sender, per_mille):
    program = directory / f"loss.{sender}.{per_mille}.o"
    if not program.exists():
        checked(run("clang-14", "-O2", "-g", "-target", "bpf", f"-I{INCLUDE}", f"-DFROM={sender}",
                    f"-DPER_MILLE={per_mille}", "-c", HERE / "loss.bpf.c", "-o", program))
    return program


@contextlib.contextmanager
def lossy(pair, gateway, percent=100, of=None):
    """During the block, drops that share of the adverts to `gateway`, or only of those that gateway
    `of` sends. They are dropped where its kernel receives them, so that nothing else is
    affected."""
    program = compiled(pair.gw1.directory, of[len("gw"):] if of else 0, percent * 10)
    device = ["dev", "up0"]
    checked(pair.shell(gateway, "tc", "qdisc", "replace", *device, "clsact"))
    checked(pair.shell(gateway, "tc", "filter", "replace", *device, "ingress", "pref", "1", "handle",
                       "1", "bpf", "direct-action", "object-file", program, "section", "loss"))
    try:
        yield
    finally:
        checked(pair.shell(gateway, "tc", "qdisc", "del", *device, "clsact"))
