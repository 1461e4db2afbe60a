# SPDX-License-Identifier: Apache-2.0
"""vipctl backend: operators take backends out of service and back, without editing the file."""

import pytest
from labs import NODES, VIP, OpenConnections
from programs import wait_until


def backend(lab, verb, *words):
    done = lab.vipctl("backend", verb, "web", *words)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture
def tidy(lab):
    """A lab whose backends are ready again afterwards."""
    yield lab
    for node in lab.backends():
        backend(lab, "ready", node)
        backend(lab, "weight", node, "configured")


def test_a_backend_that_drains_keeps_its_connections_and_gets_no_new_ones(tidy):
    with OpenConnections(30) as connections:
        before = connections.ask()
        assert "be1" in before
        assert "2 of 3 backends" in backend(tidy, "drain", "be1")
        row = tidy.backends()["be1"]
        assert (row["state"], row["admin"], row["slots"]) == ("draining", "drain", 0)
        assert "be1" not in tidy.get(60)
        assert connections.ask() == before
        # The workers count every ten seconds. Connections of before that have just ended count, too.
        wait_until(lambda: tidy.backends()["be1"].get("flows_left", 0) >= before.count("be1"),
                   "the connections that are left have been counted", 30)
        assert "FLOWS LEFT" in tidy.vipctl("show", "backends").stdout
        backend(tidy, "ready", "be1")
        assert "flows_left" not in tidy.backends()["be1"]
        assert "be1" in tidy.get(60)
        assert connections.ask() == before


def test_connections_of_a_backend_in_maintenance_end_at_the_deadline(tidy):
    with OpenConnections(30) as connections:
        before = connections.ask()
        backend(tidy, "maint", "10.0.0.11", "--deadline", "3s")
        assert tidy.backends()["be1"]["state"] == "draining"
        assert connections.ask() == before
        wait_until(lambda: tidy.backends()["be1"]["state"] == "down", "the deadline is over")
        tidy.settle()
        after = connections.ask()
        assert after == [None if node == "be1" else node for node in before]


def chosen_backends(lab):
    """Of connections that there are none of: what the ring says."""
    return [NODES[lab.vipctl.json("lookup", "tcp", "10.0.0.50", str(port), VIP, "80")["address"]]
            for port in range(20000, 20060)]


def test_only_connections_of_the_backend_that_drains_go_elsewhere_and_they_come_back(tidy):
    before = chosen_backends(tidy)
    backend(tidy, "drain", "be1")
    during = chosen_backends(tidy)
    moved = {to for was, to in zip(before, during) if was == "be1"}
    assert moved == {"be2", "be3"}
    assert [to for was, to in zip(before, during) if was != "be1"] == [
        was for was in before if was != "be1"]
    # Control does not know any more what the ring was before.
    tidy.stop("control", kill=True)
    tidy.start("control")
    tidy.settle()
    backend(tidy, "weight", "be2", "50")
    backend(tidy, "ready", "be1")
    backend(tidy, "weight", "be2", "configured")
    assert chosen_backends(tidy) == before


def test_a_weight_counts_until_the_configured_one_is_wanted_again(tidy):
    before = tidy.shares()
    backend(tidy, "weight", "be1", "400")
    row = tidy.backends()["be1"]
    assert (row["weight"], row["weight_configured"]) == (400, 100)
    assert abs(row["share"] - 400 / 600) < 0.01
    backend(tidy, "weight", "be1", "configured")
    assert tidy.shares() == before


def test_what_operators_have_chosen_outlives_control_and_reloads(tidy):
    backend(tidy, "drain", "be1")
    backend(tidy, "weight", "be2", "300")
    tidy.stop("control", kill=True)
    tidy.start("control")
    tidy.settle()
    tidy.write_config(tidy.backend_line("be3"), "")
    tidy.apply("--force")
    rows = tidy.backends()
    assert rows["be1"]["admin"] == "drain"
    assert rows["be1"]["slots"] == 0
    assert rows["be2"]["weight"] == 300


def test_what_operators_have_chosen_outlives_a_reboot_in_the_state_directory(tidy, tmp_path,
                                                                             monkeypatch):
    def restart_all():
        tidy.stop("control")
        tidy.stop("dataplane")
        tidy.start("control")
        tidy.start("dataplane")
        tidy.settle()

    choices = tmp_path / "backends.json"
    monkeypatch.setenv("STATE_DIRECTORY", str(tmp_path))
    restart_all()
    backend(tidy, "drain", "be1")
    backend(tidy, "weight", "be2", "300")
    wait_until(lambda: choices.exists() and '"weight": 300' in choices.read_text(),
               "the choices are on the disk")
    restart_all()
    rows = tidy.backends()
    assert (rows["be1"]["admin"], rows["be1"]["slots"]) == ("drain", 0)
    assert rows["be2"]["weight"] == 300


@pytest.mark.parametrize("words, message", [
    (("drain", "wbe", "be1"), "there is no pool 'wbe'; did you mean 'web'?"),
    (("drain", "web", "be11"), "there is no backend of pool 'web' named 'be11'"),
    (("weight", "web", "be1", "heavy"), "weight 'heavy': write a number from 0 to 65535"),
    (("maint", "web", "be1", "--deadline", "soon"), "deadline 'soon': write a time such as 30s"),
])
def test_a_wrong_command_changes_nothing(lab, words, message):
    before = lab.backends()
    wrong = lab.vipctl("backend", *words)
    assert wrong.returncode == 1, wrong
    assert message in wrong.stderr
    assert lab.status()["verdict"] == "ok"
    assert {node: row["admin"] for node, row in before.items()} == {
        node: row["admin"] for node, row in lab.backends().items()}
