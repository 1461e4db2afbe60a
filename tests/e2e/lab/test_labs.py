# SPDX-License-Identifier: Apache-2.0
"""A lab of the tests is as scripts/lab makes it, whatever a run that was killed left in its place."""

from pathlib import Path

from labs import checked, command, run, up


def test_what_a_killed_run_left_is_not_taken_over():
    left = command("-left")
    checked(run(*left, "up", "--gateways", "2", "--without-gateway"))
    config = Path(checked(run(*left, "config")).strip())
    config.write_text("# of another test\n")
    with up("-left") as lab:
        assert "# of another test" not in lab.original
        assert not (lab.directory / "gw2").exists()
