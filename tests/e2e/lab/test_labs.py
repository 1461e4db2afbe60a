# SPDX-License-Identifier: Apache-2.0
"""A lab of the tests starts as scripts/lab makes it, whatever a killed run has left."""

from pathlib import Path

from labs import checked, command, run, up
from programs import wait_until


def test_leftovers_of_a_killed_run_are_removed():
    left = command("-left")
    checked(run(*left, "up", "--gateways", "2", "--without-gateway"))
    config = Path(checked(run(*left, "config")).strip())
    config.write_text("# of another test\n")
    with up("-left") as lab:
        assert "# of another test" not in lab.original
        assert not (lab.directory / "gw2").exists()


def test_its_backends_are_checked_if_wanted():
    with up("-checked", CHECKS="true") as lab:
        wait_until(lambda: {one["health"] for one in lab.vipctl.json("show", "backends")} == {"up"},
                   "all backends are up")
        assert lab.vipctl.status()["verdict"] == "ok"
        checked(lab.shell("be1", "ip", "link", "set", "eth0", "down"))
        wait_until(lambda: lab.backends()["be1"]["health"] == "down", "be1 is noticed to be down")
        assert "be1" not in lab.get(20)
