# SPDX-License-Identifier: Apache-2.0
"""The lab of scripts/lab, and its clients.

    client 10.0.0.50, fd00::50 ──┐              ┌── be1 10.0.0.11, fd00::11
                                 ├── bridge ────┼── be2 10.0.0.12, fd00::12
    gw1    10.0.0.1,  fd00::1  ──┘              └── be3 10.0.0.13, fd00::13
    VIPs   10.0.0.100, fd00::100

scripts/lab.d/gateway.sh has the services on the ports of the VIPs, over TCP (HTTP) and UDP (echo).
"""

import contextlib
import json
import os
import re
import signal
import subprocess
from collections import Counter
from pathlib import Path

import pytest
from programs import ROOT, VIPCTL, Vipctl, run, wait_until

HERE = Path(__file__).parent
LAB = ROOT / "scripts" / "lab"
VIP = "10.0.0.100"
VIP6 = "fd00::100"
CLIENT = "10.0.0.50"
CLIENT6 = "fd00::50"
GATEWAY = "10.0.0.1"
GATEWAY6 = "fd00::1"
NODES = {"10.0.0.11": "be1", "10.0.0.12": "be2", "10.0.0.13": "be3"}
RING_SLOTS = 65537
PORTS = {"ipip": 80, "ipip-crossed": 81, "gue": 82, "gue-crossed": 83, "l2": 84}


def address_of(node):
    return next(address for address, name in NODES.items() if name == node)


def url(address, port=80, path="/"):
    host = f"[{address}]" if ":" in address else address
    return f"http://{host}:{port}{path}"


def command(suffix="", **settings):
    """The command scripts/lab, for the lab with that suffix to its name. `settings` become the
    variables VIPFWD_LAB_... Backends are not checked unless the test wants it."""
    name = os.environ["VIPFWD_LAB_PREFIX"] + suffix
    words = {"PREFIX": name, "CHECKS": "false", **settings}
    return ["env", *(f"VIPFWD_LAB_{key}={value}" for key, value in words.items()), str(LAB)]


def inside(directory, node):
    """The words in front of a command that run it on a node of the lab with that state directory,
    as `scripts/lab shell` does, but in a tenth of the time."""
    path = f"{VIPCTL.parent}:{os.environ['PATH']}"
    return ["ip", "netns", "exec", f"{directory.name}-{node}", "env", f"PATH={path}",
            f"VIPFWD_RUN_DIR={directory / node}"]


def bridge(directory):
    """The same for the namespace of the bridge, where each link is named after its node."""
    return ["ip", "netns", "exec", f"{directory.name}-net"]


def runs(pid_file, namespace):
    """Whether the process of a pid file runs in the namespace; compare is_running in
    scripts/lab."""
    with contextlib.suppress(OSError, ValueError):
        return os.path.samefile(f"/proc/{int(pid_file.read_text())}/ns/net",
                                f"/run/netns/{namespace}")
    return False


@contextlib.contextmanager
def up(suffix="", make=None, options=(), **settings):
    """Yields a lab, wrapped by `make` (default Lab). Removes what a killed run left under that name
    first, because `scripts/lab up` would keep its configuration."""
    if os.geteuid() != 0:
        pytest.skip("network namespaces and XDP need root")
    scripts_lab = command(suffix, **settings)
    try:
        checked(run(*scripts_lab, "down"))
        checked(run(*scripts_lab, "up", *options))
        yield (make or Lab)(scripts_lab)
    finally:
        run(*scripts_lab, "down")


@contextlib.contextmanager
def restored(lab):
    """Goes around a test: restores the lab before it, and checks after it that every packet is
    accounted for."""
    lab.restore()
    yield lab
    lab.check_counters_balance()


class Lab:
    def __init__(self, scripts_lab):
        self.scripts_lab = scripts_lab
        self.config = Path(checked(run(*scripts_lab, "config")).strip())
        self.directory = self.config.parent
        self.original = self.config.read_text()
        self.vipctl = Vipctl(prefix=("env", f"VIPFWD_RUN_DIR={self.directory / 'gw1'}"))

    def shell(self, node, *command, **options):
        return run(*inside(self.directory, node), *command, **options)

    def bridge(self):
        return bridge(self.directory)

    def client(self, script, *arguments):
        """Runs a script of this folder on the client, and returns what it prints as JSON."""
        return json.loads(checked(self.shell("client", HERE / script, *arguments)))

    def start(self, process):
        checked(run(*self.scripts_lab, "start", process))

    def stop(self, process, kill=False):
        checked(run(*self.scripts_lab, "stop", *(["-9"] if kill else []), process))

    def status(self):
        """The status, or None while control does not answer."""
        return self.vipctl.status()

    def is_settled(self):
        """Whether the dataplane forwards by the generation that control published last."""
        status = self.status()
        if status is None:
            return False
        dataplane = status["dataplane"]
        return (dataplane["connected"] and dataplane["ready"] and not dataplane["publish_pending"]
                and dataplane["acknowledged_generation"] == status["generation"])

    def log(self, process):
        return (self.directory / f"gw1.{process}.log").read_text()

    def pid(self, process):
        return int((self.directory / f"gw1.{process}.pid").read_text())

    def send_sighup(self):
        """Tells control to read its configuration again."""
        os.kill(self.pid("control"), signal.SIGHUP)

    def settle(self):
        wait_until(self.is_settled, "dataplane forwards by the newest generation")
        wait_until(lambda: self.all_resolved(), "backends' next hops are known")

    def all_resolved(self):
        return all(row["next_hop"]["resolved"] for row in self.vipctl.json("show", "backends"))

    def restore(self):
        """Restores configuration and processes, whatever a test did."""
        self.config.write_text(self.original)
        for process in ("control", "dataplane"):
            if not self.is_running(process):
                self.start(process)
        wait_until(lambda: self.vipctl("config", "apply", "--force").returncode == 0,
                   "the old configuration")
        self.settle()

    def is_running(self, process):
        status = self.status()
        if process == "control":
            return status is not None
        return status is not None and status["dataplane"]["connected"]

    def drops(self):
        return {row["reason"]: row["packets"]
                for row in self.vipctl.json("show", "drops", "--all")}

    def check_counters_balance(self):
        """Checks that the counters add up to the packet, which they do between bursts."""
        wait_until(lambda: balances(self.status()["totals"]), "every packet is accounted for")
        wait_until(lambda: self.status()["totals"]["dropped"] == sum(self.drops().values()),
                   "every drop has its reason")

    def write_config(self, old, new):
        text = self.config.read_text()
        assert old in text
        self.config.write_text(text.replace(old, new))

    def backend_line(self, node):
        """The line of the backend in the pool "web" of the configuration."""
        address = address_of(node)
        return next(line for line in self.config.read_text().splitlines(keepends=True)
                    if "name" in line and f'"{address}"' in line)

    def apply(self, *options):
        applied = self.vipctl("config", "apply", *options)
        assert applied.returncode == 0, applied.stderr
        self.settle()

    def backends(self):
        """The backends of the pool "web", by node, as vipctl shows them."""
        return {row["name"]: row for row in self.vipctl.json("show", "backends")
                if row["pool"] == "web"}

    def shares(self):
        """The shares of new flows, by node, as the slots of the ring predict them."""
        return {node: row["slots"] / RING_SLOTS for node, row in self.backends().items()}

    def get(self, count, address=VIP, port=80):
        """Sends requests, each over a new connection. Returns the number of successful answers by
        node."""
        answer = self.shell(
            "client", "curl", "-s", "-o", "/dev/null", "--parallel", "--parallel-max", "10",
            "--max-time", "30", "-H", "Connection: close",
            "-w", "%{http_code} %{num_connects} %header{x-backend}\\n",
            f"{url(address, port)}?[1-{count}]")
        return Counter(re.findall(r"^200 1 (\w+)$", answer.stdout, re.MULTILINE))

    def is_serving(self, address=VIP, port=80):
        return self.shell("client", "curl", "-s", "-g", "-o", "/dev/null", "--connect-timeout", "1",
                          "--max-time", "2", "-f", url(address, port)).returncode == 0

    def upload(self, megabytes, address=VIP, port=80, timeout_s=30):
        """Whether the upload of a body of that size arrives whole."""
        size = megabytes * 1_000_000
        received = self.shell(
            "client", "curl", "-s", "-g", "--max-time", str(timeout_s), "-H", "Expect:",
            "--data-binary", "@-", url(address, port, "/upload"), input="x" * size).stdout
        return size < int(received or 0) < size + 1000


def balances(totals):
    """Whether the totals of `vipctl show status` add up."""
    outcomes = ("forwarded", "to_kernel", "answered", "dropped", "held")
    sent = ("forwarded", "answered", "split", "own")
    return (totals["received"] == sum(totals[name] for name in outcomes) and
            totals["transmitted"] == sum(totals[name] for name in sent))


@contextlib.contextmanager
def frozen(*pids):
    """Stops processes for the time of the block, as on a machine that hangs."""
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in pids:
            os.kill(pid, signal.SIGCONT)


def worker_thread(gateway, worker):
    """The id of a thread of the dataplane."""
    names = {comm.read_text().strip(): comm.parent.name for comm in
             Path(f"/proc/{gateway.pid('dataplane')}/task").glob("*/comm")}
    return names[f"rte-worker-{worker + 1}"]


def checked(finished):
    assert finished.returncode == 0, finished.stdout + finished.stderr
    return finished.stdout


def foreign_program(folder):
    """An XDP program that is not ours, and passes all packets: the words of `ip link set DEVICE xdp`
    that attach it."""
    source, program = folder / "foreign.c", folder / "foreign.o"
    source.write_text('__attribute__((section("xdp"))) int foreign(void *c) { return 2; }\n')
    checked(run("clang-14", "-O2", "-g", "-target", "bpf", "-c", source, "-o", program))
    return ["obj", program, "sec", "xdp"]


class Download:
    """A download of `bytes_` bytes at 2 MB/s, from whichever backend the flow gets."""

    def __init__(self, folder, bytes_=8_000_000, scripts_lab=(LAB,)):
        folder.mkdir()
        self.bytes = bytes_
        self.body, self.headers = folder / "body", folder / "headers"
        self.curl = subprocess.Popen(
            [*scripts_lab, "shell", "client", "curl", "-sS", "--max-time", "60", "-o", self.body,
             "-D", self.headers, "-r", f"0-{bytes_ - 1}", f"http://{VIP}/slow"],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)

    def __enter__(self):
        wait_until(lambda: self.size() > 0 or self.curl.poll() is not None, "the download starts")
        assert self.curl.poll() is None, self.curl.stdout.read()
        self.node = re.search(r"(?im)^x-backend: (\w+)", self.headers.read_text())[1]
        return self

    def __exit__(self, *_):
        self.curl.kill()
        self.curl.wait()
        self.curl.stdout.close()

    def size(self):
        return self.body.stat().st_size if self.body.exists() else 0

    def wait_for_more(self, timeout_s=5):
        size = self.size()
        wait_until(lambda: self.size() > size, "the download goes on", timeout_s)

    def finish(self):
        assert self.curl.wait(60) == 0, self.curl.stdout.read()
        assert self.size() == self.bytes


class OpenConnections:
    """HTTP connections that stay open, and the node that each of them is connected to."""

    def __init__(self, count, address=VIP, port=80):
        self.process = subprocess.Popen(
            [LAB, "shell", "client", HERE / "keepalive.py", address, str(port), str(count)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.wait(10)
        self.process.stdout.close()

    def ask(self):
        """For each connection, the node that answers a request; None if the connection is
        broken."""
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())
