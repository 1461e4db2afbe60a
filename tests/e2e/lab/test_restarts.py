# SPDX-License-Identifier: Apache-2.0
"""Either process may die at any time: traffic continues or resumes without human help."""

from pathlib import Path

import pytest
from damage import damage
from labs import Download, OpenConnections
from programs import wait_until


def totals_grew(after, before):
    return all(after[name] >= before[name] for name in ("received", "forwarded", "transmitted"))


def test_a_download_outlives_control(lab, tmp_path):
    with Download(tmp_path / "download") as download:
        lab.stop("control", kill=True)
        download.wait_for_more()
        assert lab.get(20).total() == 20  # new connections too
        lab.start("control")
        lab.settle()
        download.finish()


def test_a_restarted_control_continues_generation_and_counters(lab):
    lab.get(20)
    before = lab.status()
    by_backend = lab.backends()
    lab.stop("control", kill=True)
    lab.start("control")
    lab.settle()
    after = lab.status()
    assert after["generation"] >= before["generation"] > 0
    assert totals_grew(after["totals"], before["totals"])
    for node, row in lab.backends().items():
        assert row["packets"] >= by_backend[node]["packets"] > 0


def test_the_dataplane_keeps_its_process_while_control_restarts(lab):
    before = lab.status()["dataplane"]["pid"]
    for kill in (True, False):
        lab.stop("control", kill=kill)
        lab.start("control")
        lab.settle()
        assert lab.status()["dataplane"]["pid"] == before


def test_connections_outlive_a_restart_of_control(lab):
    with OpenConnections(20) as connections:
        before = connections.ask()
        lab.stop("control", kill=True)
        assert connections.ask() == before
        lab.start("control")
        lab.settle()
        assert connections.ask() == before
        assert None not in before


def test_the_kernel_closes_the_link_to_control_first_when_a_dataplane_dies(lab):
    process = Path("/proc", str(lab.status()["dataplane"]["pid"]))
    last = max((process / "fd").iterdir(), key=lambda descriptor: int(descriptor.name))
    inode = str(last.readlink()).removeprefix("socket:[").removesuffix("]")
    assert inode in (process / "net" / "unix").read_text().split(), (last, last.readlink())


@pytest.mark.parametrize("kill", [True, False], ids=["killed", "stopped"])
def test_a_restarted_dataplane_resumes_by_itself(lab, kill):
    lab.stop("dataplane", kill=kill)
    wait_until(lambda: not lab.status()["dataplane"]["connected"], "control notices")
    lab.start("dataplane")
    wait_until(lab.is_serving, "traffic resumes")
    assert lab.get(20).total() == 20


def test_connections_resume_with_a_restarted_dataplane(lab):
    """Its flow table is lost, but the ring sends each flow to the same backend."""
    with OpenConnections(20) as connections:
        before = connections.ask()
        lab.stop("dataplane", kill=True)
        lab.start("dataplane")
        lab.settle()
        wait_until(lab.is_serving, "traffic resumes")
        assert connections.ask() == before


def test_a_restarted_dataplane_continues_the_counters(lab):
    lab.get(20)
    before = lab.status()["totals"]
    lab.stop("dataplane", kill=True)
    lab.start("dataplane")
    lab.settle()
    assert totals_grew(lab.status()["totals"], before)


@pytest.mark.parametrize("order", [("control", "dataplane"), ("dataplane", "control")],
                         ids=["control first", "dataplane first"])
def test_the_processes_start_in_any_order(lab, order):
    for process in order:
        lab.stop(process, kill=True)
    for process in order:
        lab.start(process)
    lab.settle()
    wait_until(lab.is_serving, "traffic resumes")


def test_a_dataplane_that_starts_alone_waits_for_control(lab):
    lab.stop("control", kill=True)
    lab.stop("dataplane", kill=True)
    lab.start("dataplane")
    assert lab.vipctl("show", "status").returncode == 3
    lab.start("control")
    lab.settle()
    wait_until(lab.is_serving, "traffic resumes")


AREAS = ["header", "boot parameters", "active", "generation", "ports", "ring", "check notes"]


@pytest.mark.parametrize("area", AREAS)
def test_a_restarted_dataplane_resumes_though_the_region_was_damaged(lab, area):
    lab.stop("dataplane", kill=True)
    damage(lab.pid("control"), area)
    lab.start("dataplane")
    wait_until(lab.is_serving, "traffic resumes", timeout_s=5)
    assert lab.get(20).total() == 20


@pytest.mark.parametrize("area", AREAS)
def test_damage_to_the_region_costs_a_running_dataplane_nothing(lab, area):
    with OpenConnections(20) as connections:
        before = connections.ask()
        damage(lab.pid("control"), area)
        assert connections.ask() == before
        lab.stop("control", kill=True)  # before or after it has noticed
        lab.start("control")
        lab.settle()
        assert connections.ask() == before
        assert None not in before
