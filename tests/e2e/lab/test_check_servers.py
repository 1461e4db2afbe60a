# SPDX-License-Identifier: Apache-2.0
"""Health checks of each type against a real server, which runs on be1 in a pool of its own."""

import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path

import pytest
from checked_server import ADDRESS, NOTICED_S, TIMEOUT_MS, Checked, Server
from labs import frozen, inside
from programs import run, wait_until

STARTED_S = 60
USER_PASSWORD = "s3cret of a check"
# Of a node for itself, and small.
GALERA = """
[mariadbd]
user = mysql
datadir = {folder}/data
socket = {folder}/socket
pid-file = {folder}/pid
log-error = {folder}/log.err
log_warnings = 4
skip-name-resolve
bind-address = 10.0.0.11
innodb_buffer_pool_size = 32M
innodb_log_file_size = 8M
innodb_flush_log_at_trx_commit = 0
performance_schema = OFF
aria_pagecache_buffer_size = 1M
binlog_format = ROW
innodb_autoinc_lock_mode = 2
wsrep_on = ON
wsrep_provider = /usr/lib/galera/libgalera_smm.so
wsrep_cluster_address = gcomm://
wsrep_node_address = 10.0.0.11
wsrep_provider_options = "gcache.size=16M;gcache.page_size=8M;gcache.dir={folder};{timeouts}"
"""
# How soon a node leaves the cluster that does not answer.
GALERA_TIMEOUTS = ("evs.keepalive_period=PT0.2S;evs.inactive_check_period=PT0.2S;"
                   "evs.suspect_timeout=PT1S;evs.inactive_timeout=PT2S")
FEWEST_CONNECTIONS = 10  # that MariaDB can be limited to
# Nobody is at that address: the node stays alone, without a cluster.
LEAVE_CLUSTER = "SET GLOBAL wsrep_cluster_address = 'gcomm://10.0.0.99'"
RABBITMQ = """
listeners.tcp.default = 10.0.0.11:5672
log.file.level = info
"""


def needs(program):
    if shutil.which(program, path=f"{os.environ['PATH']}:/usr/sbin:/usr/lib/rabbitmq/bin") is None:
        pytest.skip(f"{program} is not installed (scripts/setup)")


@pytest.fixture
def dnsmasq(lab, tmp_path):
    needs("dnsmasq")
    server = Server(lab, tmp_path, "dnsmasq", "--keep-in-foreground", "--conf-file=/dev/null",
                    "--no-resolv", "--no-hosts", "--user=root", f"--listen-address={ADDRESS}",
                    "--bind-interfaces", "--host-record=www.example.org,10.1.2.3",
                    "--txt-record=www.example.org,ready", "--pid-file=")
    yield server
    server.stop()


def test_dns_is_judged_by_its_answer(lab, dnsmasq):
    checked = Checked(lab, 'type = "dns", port = 53, name = "www.example.org", '
                           'expect_answer = "10.1.2.3"')
    checked.expect_up()
    with dnsmasq.frozen():
        checked.expect_down(f"no answer within {TIMEOUT_MS} ms")
    checked.expect_up()
    reasons = {', expect_answer = "10.9.9.9"': "answer is '10.1.2.3', '10.9.9.9' is expected",
               ', expect_rcode = "NXDOMAIN"': "answer is NOERROR (rcode 0), NXDOMAIN is expected"}
    for key, why in reasons.items():
        lab.write_config(', expect_answer = "10.1.2.3"', key)
        lab.apply("--force")
        checked.expect_down(why)
        lab.write_config(key, ', expect_answer = "10.1.2.3"')
    lab.write_config('expect_answer = "10.1.2.3"', 'record = "TXT", expect_answer = "ready"')
    lab.apply("--force")
    checked.expect_up()
    dnsmasq.stop()
    checked.expect_down("port unreachable: nothing listens there")


def test_udp_is_up_until_its_port_is_closed(lab, dnsmasq):
    checked = Checked(lab, 'type = "udp", port = 53, send = "no question"')
    checked.expect_up()
    dnsmasq.stop()
    checked.expect_down("port unreachable: nothing listens there")


def test_a_backend_is_checked_where_it_says(lab):
    checked = Checked(lab, 'type = "tcp", port = 9', ", check_port = 80")
    checked.expect_up()
    lab.write_config("check_port = 80", 'check_port = 80, check_address = "10.0.0.99"')
    lab.apply("--force")
    checked.expect_down(f"no answer within {TIMEOUT_MS} ms")


@pytest.fixture
def galera(lab):
    needs("mariadbd")
    folder = Path(tempfile.mkdtemp(prefix="vipfwd-galera-"))
    shutil.chown(folder, "mysql")
    made = run("mariadb-install-db", "--no-defaults", "--auth-root-authentication-method=normal",
               "--skip-test-db", "--user=mysql", f"--datadir={folder}/data",
               "--innodb-log-file-size=8M")
    assert made.returncode == 0, made.stdout + made.stderr
    server = Galera(lab, folder)
    yield server
    server.stop()
    shutil.rmtree(folder)


class Galera(Server):
    """One node, which is a cluster by itself."""

    def __init__(self, lab, folder):
        options = folder / "node.cnf"
        options.write_text(GALERA.format(folder=folder, timeouts=GALERA_TIMEOUTS))
        super().__init__(lab, folder, "mariadbd", f"--defaults-file={options}",
                         "--wsrep-new-cluster")
        wait_until(lambda: self.sql("SELECT 1").returncode == 0, "MariaDB answers", STARTED_S)
        self.do(f"CREATE USER 'vipfwd'@'%' IDENTIFIED BY '{USER_PASSWORD}'")

    def log(self):
        return (self.folder / "log.err").read_text(errors="replace")

    def client(self):
        return ["mariadb", "--no-defaults", f"--socket={self.folder}/socket", "--user=root"]

    def sql(self, text):
        return run(*self.client(), "--execute", text)

    def do(self, text):
        done = self.sql(text)
        assert done.returncode == 0, done.stderr

    @contextlib.contextmanager
    def variable(self, name, value, usual):
        self.do(f"SET GLOBAL {name} = {value}")
        try:
            yield
        finally:
            self.do(f"SET GLOBAL {name} = {usual}")

    @contextlib.contextmanager
    def without_quorum(self):
        """An arbitrator is the second of two members, and does not answer any more."""
        with subprocess.Popen([*inside(self.lab.directory, "be2"), "garbd", "--group",
                               "my_wsrep_cluster", "--address", f"gcomm://{ADDRESS}",
                               "--options", GALERA_TIMEOUTS],
                              cwd=self.folder,  # where it leaves its state
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as arbitrator:
            wait_until(lambda: "2" in self.sql("SHOW STATUS LIKE 'wsrep_cluster_size'").stdout,
                       "the arbitrator has joined", STARTED_S)
            arbitrator.kill()
            yield
        self.do("SET GLOBAL wsrep_provider_options = 'pc.bootstrap=YES'")

    @contextlib.contextmanager
    def without_connections_left(self):
        """Root has another one, for administrators."""
        with self.variable("max_connections", FEWEST_CONNECTIONS, 100), \
                contextlib.ExitStack() as stack:
            for _ in range(FEWEST_CONNECTIONS):
                client = stack.enter_context(subprocess.Popen(self.client(), stdin=subprocess.PIPE,
                                                              stdout=subprocess.DEVNULL,
                                                              stderr=subprocess.DEVNULL))
                stack.callback(client.stdin.close)
            yield

    @contextlib.contextmanager
    def locked(self):
        """A backup holds FLUSH TABLES WITH READ LOCK."""
        with subprocess.Popen([*self.client(), "--unbuffered"], stdin=subprocess.PIPE,
                              text=True) as client:
            client.stdin.write("FLUSH TABLES WITH READ LOCK;\n")
            client.stdin.flush()
            yield
            client.stdin.close()


def check_mysql(lab, tmp_path):
    password = tmp_path / "password"
    password.write_text(USER_PASSWORD + "\n")
    password.chmod(0o600)
    checked = Checked(lab, f'type = "mysql", port = 3306, user = "vipfwd", '
                           f'password_file = "{password}"')
    checked.expect_up()
    return checked


# Several tests, because a backend that changes too often is held down.
def test_mysql_tells_a_galera_node_that_has_no_quorum_or_no_connection_left(lab, galera, tmp_path):
    checked = check_mysql(lab, tmp_path)
    with galera.without_quorum():
        checked.expect_down("wsrep_cluster_status is non-Primary")
    checked.expect_up()
    with galera.without_connections_left():
        checked.expect_down("error 1040: Too many connections")
    checked.expect_up()


def test_mysql_tells_every_other_state_of_a_galera_node(lab, galera, tmp_path):
    checked = check_mysql(lab, tmp_path)
    log = galera.log()
    checked.await_more_good_results(5)
    assert galera.log() == log, "the checks leave no trace"
    with galera.variable("wsrep_desync", "ON", "OFF"):
        checked.expect_down("wsrep_local_state is 2 (Donor/Desynced)")
    checked.expect_up()
    with galera.variable("wsrep_reject_queries", "ALL", "NONE"):
        checked.expect_down("wsrep_reject_queries is ALL")
    checked.expect_up()
    with galera.variable("read_only", "ON", "OFF"):
        checked.expect_down("read_only is ON")
    checked.expect_up()
    with galera.locked():
        checked.expect_down("wsrep_local_state is 2 (Donor/Desynced)")
    checked.expect_up()
    with galera.frozen():
        checked.expect_down(f"connected, but no answer within {TIMEOUT_MS} ms")
    checked.expect_up()
    galera.do("ALTER USER 'vipfwd'@'%' IDENTIFIED BY 'another'")
    checked.expect_down("error 1045: Access denied for user 'vipfwd'")
    galera.do(f"ALTER USER 'vipfwd'@'%' IDENTIFIED BY '{USER_PASSWORD}'")
    checked.expect_up()
    with subprocess.Popen([*galera.client(), "--execute", LEAVE_CLUSTER]) as client:
        checked.expect_down("wsrep_cluster_status is ")
        client.kill()


@pytest.fixture
def rabbitmq(lab, tmp_path):
    needs("rabbitmq-server")
    folder = Path(tempfile.mkdtemp(prefix="vipfwd-rabbitmq-"))
    (folder / "rabbitmq.conf").write_text(RABBITMQ)
    (folder / "plugins").write_text("[].\n")
    cookie = folder / ".erlang.cookie"
    cookie.write_text("vipfwd-test")
    cookie.chmod(0o400)
    for path in (folder, *folder.iterdir()):
        shutil.chown(path, "rabbitmq", "rabbitmq")
    server = RabbitMq(lab, folder)
    yield server
    server.stop()
    shutil.rmtree(folder)


class RabbitMq(Server):
    """One node, with an epmd of its own."""

    def __init__(self, lab, folder):
        super().__init__(
            lab, folder, "setpriv", "--reuid=rabbitmq", "--regid=rabbitmq", "--clear-groups",
            "rabbitmq-server", HOME=str(folder), RABBITMQ_NODENAME="rabbit@localhost",
            PATH=f"/usr/lib/rabbitmq/bin:{os.environ['PATH']}",
            RABBITMQ_CONF_ENV_FILE="/dev/null", RABBITMQ_CONFIG_FILE=f"{folder}/rabbitmq.conf",
            RABBITMQ_MNESIA_BASE=f"{folder}/mnesia", RABBITMQ_LOG_BASE=f"{folder}",
            RABBITMQ_ENABLED_PLUGINS_FILE=f"{folder}/plugins", RABBITMQ_PID_FILE=f"{folder}/pid",
            RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS="+S 1:1 +sbwt none +sbwtdcpu none +sbwtdio none")
        wait_until(lambda: "Server startup complete" in self.log(), "RabbitMQ runs", STARTED_S)

    def log(self):
        path = self.folder / "rabbit@localhost.log"
        return path.read_text(errors="replace") if path.exists() else ""

    def pids(self):
        pids = run("ip", "netns", "pids", f"{self.lab.directory.name}-be1").stdout.split()
        return [int(pid) for pid in pids if name_of(pid) in ("beam.smp", "epmd")]

    def frozen(self):
        return frozen(*self.pids())

    def stop(self):
        for pid in self.pids():
            os.kill(pid, signal.SIGKILL)
        super().stop()


def name_of(pid):
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/comm").read_text().strip()
    return ""


def test_amqp_shakes_hands_seldom_and_tells_a_node_that_hangs(lab, rabbitmq):
    checked = Checked(lab, 'type = "amqp", port = 5672, handshake_interval_ms = 600000')
    checked.expect_up()
    wait_until(lambda: "closing AMQP connection" in rabbitmq.log() or
               "handshake" in rabbitmq.log(), "the handshake is in the log", NOTICED_S)
    log = rabbitmq.log()
    checked.await_more_good_results(5)
    assert rabbitmq.log() == log, "attempts that only connect leave no trace"
    lab.write_config("handshake_interval_ms = 600000", "handshake_interval_ms = 100")
    lab.apply("--force")
    with rabbitmq.frozen():
        checked.expect_down(f"connected, but no answer within {TIMEOUT_MS} ms")
    checked.expect_up()
    rabbitmq.stop()
    checked.expect_down("connection refused")


def test_another_server_than_the_type_expects_is_told(lab):
    checked = Checked(lab, 'type = "amqp", port = 80')
    checked.expect_down("answer is not AMQP: 'HTTP/1.1 400 Bad Request")
    lab.write_config('type = "amqp", port = 80', 'type = "mysql", port = 80, user = "x"')
    lab.apply("--force")
    checked.expect_down(f"connected, but no answer within {TIMEOUT_MS} ms")


def test_a_script_decides_and_explains(lab, tmp_path):
    script, fault = tmp_path / "check", tmp_path / "fault"
    script.write_text(f'#!/bin/sh\n[ -e {fault} ] || exit 0\n'
                      'echo "$1 at $VIPFWD_POOL/$VIPFWD_BACKEND $VIPFWD_ADDRESS"\nexit 3\n')
    script.chmod(0o755)
    checked = Checked(lab, f'type = "script", command = ["{script}", "a fault"]')
    checked.expect_up()
    fault.touch()
    checked.expect_down(f"exit status 3: a fault at checked/be1 {ADDRESS}")
    fault.unlink()
    checked.expect_up()
