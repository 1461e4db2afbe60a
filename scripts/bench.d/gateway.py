# SPDX-License-Identifier: Apache-2.0
"""Runs the real gateway: control and dataplane, with one port and two services."""

import contextlib
import json
import subprocess

from processes import FORWARDER_CPU, Process
from results import Failure

IN_FLIGHT = 32  # one burst may be received and not forwarded yet
ETHERNET_BYTES = 14
TUNNEL_BYTES = 20
SERVICE_PORT = 10_000  # kFirstServicePort of tests/bench/traffic.h

CONFIG = """\
neighbor = [{neighbors}]
[gateway]
name = "{name}"
[dataplane]
lcores = {lcores}
idle = "spin"
new_flows_per_s = 0
[[port]]
name = "uplink"
device = "{device}"
driver = "vdev"
queues = {queues}
mac = "02:00:00:00:00:01"
addresses = ["10.0.0.1/24"]
mtu = 1500
kernel_interface = ""
[[pool]]
name = "web"
backend = [{backends}]
[[service]]
name = "web"
vip = "10.0.0.100"
protocol = "tcp"
port = {service_port}
pool = "web"
[[service]]
name = "datagrams"
vip = "10.0.0.100"
protocol = "udp"
port = {service_port}
pool = "web"
"""
BACKENDS = range(11, 21)


def config(name, device, queues, lcores):
    return CONFIG.format(
        name=name, device=device, queues=queues, lcores=list(lcores), service_port=SERVICE_PORT,
        neighbors=", ".join(f'{{ address = "10.0.0.{i}", mac = "02:00:00:00:00:{i}" }}'
                            for i in BACKENDS),
        backends=", ".join(f'{{ name = "web{i}", address = "10.0.0.{i}" }}' for i in BACKENDS))


class Gateway:
    def __init__(self, build, run, dataplane):
        self.vipctl = [build / "control" / "cli" / "vipctl", "--run-dir", run, "-j", "show"]
        self.processes = [dataplane]

    def ask(self, what):
        answer = subprocess.run([*self.vipctl, what], capture_output=True, text=True)
        if not answer.stdout:  # a gateway that is degraded or down has another status than 0
            raise Failure(answer.stderr.strip())
        return json.loads(answer.stdout)

    def forwarded(self):
        return sum(row["forwarded"] for row in self.ask("workers"))

    def is_ready(self):
        try:
            return self.ask("status")["dataplane"]["ready"]
        except Failure:
            return False

    def is_up(self):
        return self.is_ready() and self.forwarded() > 0

    def judge(self, flows, may_lose=()):
        """Checks that the gateway forwarded every packet, because a path that drops packets looks
        fast. Only the drop reasons in `may_lose` are allowed. Call it while the dataplane is
        stopped. Returns the share of packets that were dropped."""
        drops = {row["reason"]: row["packets"] for row in self.ask("drops") if row["packets"]}
        if drops.keys() - set(may_lose):
            raise Failure(f"vipfwd: dropped {drops}")
        rows = self.ask("workers")
        for row in rows:
            judge_worker(row)
        inserts = sum(row["flows"]["inserts"] for row in rows)
        if not 0.99 * flows <= inserts <= 1.01 * flows:
            raise Failure(f"vipfwd: inserted {inserts} flows, expected were {flows}")
        return sum(drops.values()) / sum(row["received"] for row in rows)


def judge_worker(row):
    left = row["received"] - row["forwarded"] - row["dropped"] - row["held"]
    if not (0 <= left <= IN_FLIGHT and abs(row["transmitted"] - row["forwarded"]) <= IN_FLIGHT):
        counts = {key: row[key] for key in ("received", "forwarded", "transmitted", "dropped")}
        raise Failure(f"vipfwd: not all packets were forwarded: {counts}")
    ip_bytes = row["bytes"]["forwarded"] / row["forwarded"]  # as received
    grown = row["bytes"]["transmitted"] / row["transmitted"] - ETHERNET_BYTES - ip_bytes
    if abs(grown - TUNNEL_BYTES) > 0.1:
        raise Failure(f"vipfwd: packets grew by {grown:.1f} bytes, not by {TUNNEL_BYTES}")


@contextlib.contextmanager
def gateway(name, directory, build, device, *, queues=1, lcores=(FORWARDER_CPU,)):
    run = directory / name
    run.mkdir()
    (run / "gateway.toml").write_text(config(name, device, queues, lcores))
    control = [build / "control" / "vipfwd-control", "--config", run / "gateway.toml",
               "--run-dir", run]
    dataplane = [build / "dataplane" / "io" / "vipfwd-dataplane", "--run-dir", run]
    with Process(f"{name}-control", control, directory) as first:
        first.wait_until((run / "dataplane.sock").exists, "control listens")
        with Process(f"{name}-dataplane", dataplane, directory) as second:
            yield Gateway(build, run, second)
