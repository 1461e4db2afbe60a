# SPDX-License-Identifier: Apache-2.0
"""A changed configuration takes effect while connections live; a faulty one changes nothing."""

import time

import pytest
from labs import CLIENT, NODES, VIP, Download, OpenConnections
from programs import wait_until


def test_adding_a_backend_leaves_established_connections_where_they_are(lab):
    line = lab.backend_line("be3")
    lab.write_config(line, "")
    lab.apply()
    with OpenConnections(40) as connections:
        before = connections.ask()
        assert set(before) == {"be1", "be2"}
        lab.config.write_text(lab.original)
        lab.apply()
        assert connections.ask() == before
        wait_until(lambda: lab.get(20)["be3"], "new connections reach the new backend")
        assert connections.ask() == before


def test_adding_a_backend_leaves_downloads_alone(lab, tmp_path):
    lab.write_config(lab.backend_line("be3"), "")
    lab.apply()
    with Download(tmp_path / "one") as one, Download(tmp_path / "two") as two:
        lab.config.write_text(lab.original)
        lab.apply()
        one.finish()
        two.finish()


def test_removing_a_backend_leaves_a_download_on_another_alone(lab, tmp_path):
    with Download(tmp_path / "download") as download:
        victim = next(node for node in ("be1", "be2", "be3") if node != download.node)
        lab.write_config(lab.backend_line(victim), "")
        lab.apply()
        assert lab.get(50)[victim] == 0
        download.finish()


def test_a_backend_of_weight_zero_keeps_its_connections_and_gets_no_new_ones(lab):
    line = lab.backend_line("be2")
    with OpenConnections(40) as connections:
        before = connections.ask()
        assert "be2" in before
        lab.write_config(line, line.replace(" }", ", weight = 0 }"))
        lab.apply()
        assert connections.ask() == before
        answered = lab.get(50)
        assert answered.total() == 50 and answered["be2"] == 0


def test_without_pin_flows_a_backend_of_weight_zero_loses_its_connections(lab):
    web = '[[service]]\nname = "web"\n'
    lab.write_config(web, web + "pin_flows = false\n")
    lab.apply()
    line = lab.backend_line("be2")
    with OpenConnections(40) as connections:
        before = connections.ask()
        assert set(before) == {"be1", "be2", "be3"}
        lab.write_config(line, line.replace(" }", ", weight = 0 }"))
        lab.apply()
        after = connections.ask()
        assert not any(was == "be2" and now for was, now in zip(before, after)), "all are lost"
        moved = [was for was, now in zip(before, after) if was != "be2" and now != was]
        assert len(moved) <= 4, "the ring gives other backends' slots away, too, but few of them"


def test_counters_continue_over_a_reload(lab):
    lab.get(20)
    before = lab.backends()
    line = lab.backend_line("be1")
    lab.write_config(line, line.replace(" }", ", weight = 200 }"))
    lab.apply()
    for node, row in lab.backends().items():
        assert row["packets"] >= before[node]["packets"] > 0


def test_applying_the_same_configuration_changes_nothing(lab):
    before = lab.status()["generation"]
    lab.apply()
    assert lab.status()["generation"] == before


def test_the_status_tells_how_soon_a_change_was_in_use(lab):
    lab.write_config(lab.backend_line("be3"), "")
    lab.apply()
    status = lab.status()
    change = status["dataplane"]["last_change"]
    assert change["generation"] == status["generation"]
    assert 0 < change["published_us"] < change["acknowledged_us"]
    told = f"generation {change['generation']} was in use {change['acknowledged_us'] / 1000:.1f} ms"
    assert told in lab.vipctl("show", "status").stdout


def test_sighup_reloads(lab):
    lab.write_config(lab.backend_line("be3"), "")
    lab.send_sighup()
    wait_until(lambda: "be3" not in lab.backends(), "the reload takes effect")


@pytest.fixture
def faulty_config(lab):
    """A file with three errors; each must be reported with its line."""
    text = lab.original.replace("[gateway]", "[gateway]\nnaem = 1", 1)
    text += '\n[[service]]\nname = "extra"\nvip = "10.0.0.300"\n'
    text += 'protocol = "tcp"\nport = 99\npool = "nowhere"\n'
    lab.config.write_text(text)
    return lab.config


def names_every_error(text, config):
    """The event that says that the file was rejected does not count."""
    lines = [line for line in text.splitlines()
             if ": error: " in line and ": rejected: " not in line]
    return (len(lines) == 3 and all(f"{config}:" in line for line in lines) and
            all(any(word in line for line in lines) for word in ("naem", "10.0.0.300", "nowhere")))


def test_a_faulty_configuration_changes_nothing_and_every_error_is_named(
        lab, faulty_config, tmp_path):
    before = lab.status()["generation"]
    with Download(tmp_path / "download") as download:
        applied = lab.vipctl("config", "apply")
        assert applied.returncode == 1
        assert names_every_error(applied.stderr, faulty_config), applied.stderr
        assert lab.status()["generation"] == before
        assert lab.get(20).total() == 20
        download.finish()


def test_a_faulty_configuration_on_sighup_changes_nothing(lab, faulty_config):
    before = lab.status()["generation"]
    logged = len(lab.log("control"))
    lab.send_sighup()
    wait_until(lambda: names_every_error(lab.log("control")[logged:], faulty_config),
               "the log names every error")
    assert lab.status()["generation"] == before
    assert lab.get(20).total() == 20


def test_a_check_names_every_error_and_changes_nothing(lab, faulty_config):
    checked = lab.vipctl("config", "check")
    assert checked.returncode == 1
    assert names_every_error(checked.stderr, faulty_config), checked.stderr


def test_a_missing_configuration_changes_nothing(lab):
    before = lab.status()["generation"]
    lab.config.unlink()
    applied = lab.vipctl("config", "apply")
    assert applied.returncode == 1
    assert "No such file" in applied.stderr
    assert lab.status()["generation"] == before


def test_a_pool_keeps_the_size_of_its_ring(lab):
    web = '[[pool]]\nname = "web"\n'
    backends = "".join(lab.backend_line(node) for node in sorted(NODES.values()))
    lab.write_config(web, '[[pool]]\nname = "small"\nring_slots = 251\n'
                          f"backend = [\n{backends}]\n\n{web}")
    lab.write_config('pool = "web"\n', 'pool = "small"\n')
    lab.apply("--force")  # connections of other tests
    assert set(lab.get(50)) == {"be1", "be2", "be3"}
    flow = ("lookup", "tcp", CLIENT, "40000", VIP, "80")
    before = lab.vipctl.json(*flow)
    assert " of 251\n" in lab.vipctl(*flow).stdout
    generation = lab.status()["generation"]
    lab.write_config("ring_slots = 251\n", "ring_slots = 65537\n")
    applied = lab.vipctl("config", "apply")
    assert "pool small: ring_slots 251 -> 65537 (counts when" in applied.stdout
    assert lab.status()["generation"] == generation
    assert lab.vipctl.json(*flow) == before


def test_a_removed_backend_is_forgotten_once_no_flow_names_it(fresh):
    lab = fresh
    with OpenConnections(20) as connections:
        assert "be3" in connections.ask()
        lab.write_config(lab.backend_line("be3"), "")
        lab.apply()
        retired = lab.status()["generation"]
        time.sleep(5)
        assert lab.status()["generation"] == retired, "idle connections name it"
        assert "be3" not in connections.ask()
        wait_until(lambda: lab.status()["generation"] == retired + 1, "its entry is removed")
        time.sleep(3)
        assert lab.status()["generation"] == retired + 1, "nothing else is to be removed"


def test_a_reload_that_resets_connections_counts_them_and_needs_force(fresh):
    web = '[[pool]]\nname = "web"\n'
    backends = "".join(fresh.backend_line(node) for node in sorted(NODES.values()))
    fresh.write_config(web, f'[[pool]]\nname = "twin"\nbackend = [\n{backends}]\n\n{web}')
    fresh.write_config('pool = "web"\n', 'pool = "twin"\n')
    assert "--force" not in fresh.vipctl("config", "apply", "--dry-run").stdout, "no connections"
    with OpenConnections(40) as connections:
        before = connections.ask()
        loss = "service 'web' goes to pool 'twin': up to 40 connections would be reset"
        for _ in range(2):
            refused = fresh.vipctl("config", "apply")
            assert refused.returncode == 1
            assert "--force" in refused.stderr and loss in refused.stderr
        assert loss in fresh.vipctl("config", "apply", "--dry-run").stdout
        logged = fresh.log("control").count(loss)
        fresh.send_sighup()
        wait_until(lambda: fresh.log("control").count(loss) > logged, "SIGHUP is refused, too")
        assert connections.ask() == before and None not in before
        applied = fresh.vipctl("config", "apply", "--force")
        assert applied.returncode == 0 and loss in applied.stdout
        assert {row["pool"] for row in fresh.vipctl.json("show", "services")} >= {"twin"}


def test_removing_a_backend_tells_how_many_connections_break(fresh):
    with OpenConnections(40) as connections:
        before = connections.ask()
        fresh.write_config(fresh.backend_line("be3"), "")
        applied = fresh.vipctl("config", "apply")
        assert applied.returncode == 0, applied.stderr
        assert f"(up to {before.count('be3')} connections break)" in applied.stdout
        fresh.settle()
        after = connections.ask()
        assert [node for node in after if node] == [node for node in before if node != "be3"]


def test_a_pool_that_gives_a_backend_to_another_one_needs_force(fresh):
    line = fresh.backend_line("be3")
    with OpenConnections(40) as connections:
        flows = connections.ask().count("be3")
        fresh.write_config(line, "")
        web = '[[pool]]\nname = "web"\n'
        fresh.write_config(web, f'[[pool]]\nname = "spare"\nbackend = [\n{line}]\n\n{web}')
        refused = fresh.vipctl("config", "apply")
        assert refused.returncode == 1
        assert (f"pool 'web' gives backend be3 to pool 'spare': up to {flows} connections would be "
                "reset") in refused.stderr
        fresh.apply("--force")
        assert connections.ask().count("be3") == 0
