# SPDX-License-Identifier: Apache-2.0
"""Backends are checked: one that fails gets no new connections, and comes back by itself."""

import contextlib

import pytest
from labs import NODES, VIP, address_of, frozen
from programs import run, wait_until

CHECK = ('check = { type = "http", port = 80, path = "/healthz", contains = "ok", '
         'interval_ms = 200, fast_interval_ms = 50, timeout_ms = 200, rise = 2, fall = 2 }')
# A failure is noticed within fall x interval + timeout; the rest is for a busy machine.
NOTICED_S = 10
IN_A_ROW = 10  # results, of `slow`


@pytest.fixture
def checked(lab):
    """A lab that checks the backends of its IPv4 pool."""
    lab.write_config('[[pool]]\nname = "web"\n', f'[[pool]]\nname = "web"\n{CHECK}\n')
    lab.apply()
    wait_for_health(lab, dict.fromkeys(NODES.values(), "up"))
    return lab


def health(lab):
    return {node: row.get("health") for node, row in lab.backends().items()}


def wait_for_health(lab, wanted):
    wait_until(lambda: health(lab) == {**health(lab), **wanted}, f"health is {wanted}", NOTICED_S)


def wait_for_state(lab, node, state):
    wait_until(lambda: lab.backends()[node]["state"] == state, f"{node} is {state}", NOTICED_S)
    lab.settle()


def web_server(lab, node):
    """The processes of the node's web server. While they are frozen, the node's kernel still
    accepts connections."""
    pids = run("ip", "netns", "pids", f"{lab.directory.name}-{node}").stdout.split()
    processes = [int(pid) for pid in pids if comm(pid) == "nginx"]
    assert processes
    return processes


def comm(pid):
    with contextlib.suppress(OSError):
        with open(f"/proc/{pid}/comm", encoding="utf-8") as file:
            return file.read().strip()
    return ""


@contextlib.contextmanager
def cut_off(lab, node):
    """The link of the node is down."""
    run(*lab.bridge(), "ip", "link", "set", node, "down")
    try:
        yield
    finally:
        run(*lab.bridge(), "ip", "link", "set", node, "up")


def test_a_check_that_is_added_moves_nothing(lab):
    before = lab.shares()
    lab.write_config('[[pool]]\nname = "web"\n', f'[[pool]]\nname = "web"\n{CHECK}\n')
    lab.apply()
    assert lab.shares() == before
    wait_for_health(lab, dict.fromkeys(NODES.values(), "up"))
    assert lab.shares() == before


def test_a_frozen_server_gets_no_connections_until_it_answers_again(checked):
    with frozen(*web_server(checked, "be1")):
        wait_for_state(checked, "be1", "down")
        row = checked.backends()["be1"]
        assert row["health"] == "down"
        assert row["slots"] == 0
        assert row["why"] == "connected, but no answer within 200 ms"
        answers = checked.get(60)
        assert answers.total() == 60 and "be1" not in answers
        status = checked.vipctl("show", "status")
        assert status.returncode == 4, "degraded"
        assert "1 of 3 backends of pool 'web' are down: 'be1'" in status.stdout
    wait_for_state(checked, "be1", "serving")
    assert "be1" in checked.get(60)
    assert checked.vipctl("show", "status").returncode == 0


def test_a_host_that_is_cut_off_is_unreachable(checked):
    with cut_off(checked, "be2"):
        wait_for_state(checked, "be2", "down")
        row = checked.backends()["be2"]
        assert row["last"]["result"] == "unreachable"
        assert checked.get(60).total() == 60
    wait_for_state(checked, "be2", "serving")


def test_a_port_where_nothing_listens_is_refused(checked):
    checked.write_config("port = 80, path", "port = 9, path")
    checked.apply("--force")
    wait_for_health(checked, dict.fromkeys(NODES.values(), "down"))
    assert {row["why"] for row in checked.backends().values()} == {"connection refused"}
    wait_until(lambda: "all backends of pool 'web' are down" in
               checked.vipctl("show", "status").stdout, "the status says that nothing serves")
    assert not checked.is_serving()


def test_verdicts_outlive_a_restart_of_control(checked):
    with frozen(*web_server(checked, "be3")):
        wait_for_state(checked, "be3", "down")
        generation = checked.status()["generation"]
        checked.stop("control", kill=True)
        checked.start("control")
        checked.settle()
        backends = checked.backends()
        assert {node: row["state"] for node, row in backends.items()} == {
            "be1": "serving", "be2": "serving", "be3": "down"}
        assert checked.status()["generation"] == generation, "nothing has changed"
    wait_for_state(checked, "be3", "serving")


@pytest.fixture
def slow(checked):
    """A lab whose checks need ten results in a row, which take five seconds."""
    checked.write_config("interval_ms = 200, fast_interval_ms = 50, timeout_ms = 200, rise = 2, "
                         "fall = 2", "interval_ms = 500, fast_interval_ms = 500, timeout_ms = 200, "
                         f"rise = {IN_A_ROW}, fall = {IN_A_ROW}")
    checked.apply()
    return checked


def bad_results(lab, node):
    results = check_of(lab, node)["results"]
    return results["failed"] + results["unreachable"]


def good_results(lab, node):
    return check_of(lab, node)["results"]["good"]


def check_of(lab, node):
    return next(row for row in lab.vipctl.json("show", "checks")
                if row["name"].endswith(address_of(node)))


def kill_after(lab, node, count, results):
    """Kills control after so many results more, and starts it."""
    before = results(lab, node)
    wait_until(lambda: results(lab, node) >= before + count, f"{count} results", NOTICED_S)
    lab.stop("control", kill=True)
    lab.start("control")
    lab.settle()


def test_results_in_a_row_go_on_after_control_was_killed(slow):
    with frozen(*web_server(slow, "be1")):
        kill_after(slow, "be1", 4, bad_results)
        assert health(slow)["be1"] == "up"
        wait_for_state(slow, "be1", "down")
        assert bad_results(slow, "be1") < IN_A_ROW
    kill_after(slow, "be1", 4, good_results)
    assert health(slow)["be1"] == "down"
    wait_for_state(slow, "be1", "serving")
    assert good_results(slow, "be1") < IN_A_ROW


def changes_of(lab, name, after):
    rows = lab.vipctl.json("show", "events", "backend")
    return [(row["change"], row["cause"]) for row in rows
            if row["name"] == name and row["id"] > after]


def test_events_tell_what_has_become_of_a_backend_also_after_a_restart(checked):
    latest = checked.vipctl.json("show", "events")[-1]["id"]
    with frozen(*web_server(checked, "be2")):
        wait_for_state(checked, "be2", "down")
    wait_for_state(checked, "be2", "serving")
    wanted = [("down", "connected, but no answer within 200 ms"), ("up", "")]
    assert changes_of(checked, "web/be2", latest) == wanted
    checked.stop("control", kill=True)
    checked.start("control")
    checked.settle()
    assert changes_of(checked, "web/be2", latest) == wanted
    shown = checked.vipctl("show", "events", "--since", "10m", "backend").stdout
    assert "connected, but no answer within 200 ms" in shown
    causes = [row["change"] for row in checked.vipctl.json("show", "events", "dataplane")
              if row["id"] > latest]
    assert causes == ["connected", "ready"], "the new control has met the dataplane"


def test_a_new_backend_waits_for_its_first_result(checked):
    whole = checked.config.read_text()
    checked.write_config(checked.backend_line("be1"), "")
    checked.apply("--force")
    with frozen(*web_server(checked, "be1")):
        checked.config.write_text(whole)
        checked.apply()
        wait_for_health(checked, {"be1": "down"})
        assert checked.backends()["be1"]["slots"] == 0
    wait_for_state(checked, "be1", "serving")


def test_checks_can_be_shown(checked):
    rows = checked.vipctl.json("show", "checks")
    assert [row["name"] for row in rows] == [
        f"http {VIP}:80/healthz through ipip to {address}" for address in sorted(NODES)]
    for row in rows:
        assert row["health"] == "up"
        assert row["results"]["good"] > 0
        assert 0 < row["latency_us"]["p50"] <= row["latency_us"]["p99"]
    assert "http 10.0.0.100:80/healthz through ipip to 10.0.0.11" in checked.vipctl("show", "checks").stdout
