# SPDX-License-Identifier: Apache-2.0
"""An agent on a backend, which says by haproxy's agent-check protocol what the backend can take."""

import pytest
from checked_server import ADDRESS, NOTICED_S, Checked, Server
from programs import wait_until

AGENT_PORT = 9999
# This agent sends the one line of a file to everybody who connects.
AGENT = """
import socket, sys
with socket.create_server((sys.argv[1], int(sys.argv[2]))) as server:
    while True:
        with server.accept()[0] as client, open(sys.argv[3], "rb") as line:
            client.sendall(line.read())
"""


class Agent:
    """An agent on be1, beside a TCP check of its web server."""

    def __init__(self, lab, folder):
        self.line = folder / "line"
        self.line.write_text("ready\n")
        self.server = Server(lab, folder, "/usr/bin/python3", "-c", AGENT, ADDRESS,
                             str(AGENT_PORT), str(self.line))
        self.checked = Checked(lab, f'type = "tcp", port = 80, agent_port = {AGENT_PORT}')

    def say(self, line):
        """Each attempt finds the old line or the new one."""
        new = self.line.with_suffix(".new")
        new.write_text(f"{line}\n")
        new.rename(self.line)

    def expect(self, what, **fields):
        wait_until(lambda: fields.items() <= self.checked.row().items(), what, NOTICED_S)


@pytest.fixture
def agent(lab, tmp_path):
    agent = Agent(lab, tmp_path)
    yield agent
    agent.server.stop()


def test_an_agent_tells_what_it_wants(lab, agent):
    agent.expect("it is ready", admin="ready", state="serving", weight=100)
    agent.say("up 40% # busy")
    agent.expect("it has a part of its weight", weight=40, weight_configured=100)
    agent.say("drain")
    agent.expect("it drains", admin="agent-drain", state="draining")
    lab.vipctl("backend", "maint", "checked", "be1")
    agent.expect("an operator counts more", admin="maint", state="down")
    lab.vipctl("backend", "ready", "checked", "be1")
    agent.expect("it drains again", admin="agent-drain")
    agent.say("maint")
    agent.expect("its flows move", admin="agent-maint", state="down", health="up")
    agent.say("down # disk is full")
    agent.expect("it is down", health="down", why="agent: down # disk is full")
    agent.say("ready")
    agent.expect("it is ready again", admin="ready", state="serving", health="up", weight=100)
    changes = [(event["change"], event["cause"])
               for event in lab.vipctl.json("show", "events", "backend")
               if event["name"] == "checked/be1"]
    for change in (("ready, weight 40 %", "agent: up 40% # busy"), ("drain", "agent: drain"),
                   ("maint", "agent: maint"), ("down", "agent: down # disk is full")):
        assert change in changes, changes


def test_what_an_agent_said_outlives_it_and_control(lab, agent):
    agent.say("drain 40%")
    agent.expect("it drains", admin="agent-drain")
    agent.server.stop()
    wait_until(lambda: agent.checked.row()["agent"]["last"]["reason"] == "connection refused",
               "the agent is gone", NOTICED_S)
    assert agent.checked.row()["agent"]["answer"]["line"] == "drain 40%"
    lab.stop("control", kill=True)
    lab.start("control")
    lab.settle()
    agent.checked.expect_up()
    row = agent.checked.row()
    assert (row["admin"], row["state"], row["slots"]) == ("agent-drain", "draining", 0)
