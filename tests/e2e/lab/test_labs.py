# SPDX-License-Identifier: Apache-2.0
"""A lab of the tests starts as scripts/lab makes it, whatever a killed run has left."""

from pathlib import Path

from labs import checked, command, run, up


def test_leftovers_of_a_killed_run_are_removed():
    left = command("-left")
    checked(run(*left, "up", "--gateways", "2", "--without-gateway"))
    config = Path(checked(run(*left, "config")).strip())
    config.write_text("# of another test\n")
    with up("-left") as lab:
        assert "# of another test" not in lab.original
        assert not (lab.directory / "gw2").exists()
