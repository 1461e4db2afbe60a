# SPDX-License-Identifier: Apache-2.0
"""`replay(frames)`: sends frames through the real gateway by scripts/replay."""

import json

import pcap
import pytest
from programs import gateway_without_traffic
from replaying import CONFIG, Replayed, run_replay


@pytest.fixture
def replay(tmp_path):
    def send(frames, config=CONFIG, other_ports=()):
        """`other_ports`: names of ports whose output is read too, after the first one's."""
        frames = list(frames)
        capture, out = tmp_path / "in.pcap", tmp_path / "out.pcap"
        pcap.write(capture, frames)
        finished = run_replay(config, capture, out)
        assert finished.returncode == 0, finished.stderr
        assert finished.stderr == ""
        transmitted = pcap.read(out)
        for port in other_ports:
            transmitted += pcap.read(tmp_path / f"out.{port}.pcap")
        replayed = Replayed(json.loads(finished.stdout), transmitted)
        replayed.check_accounts(len(frames))
        return replayed

    return send


@pytest.fixture
def edited_config(tmp_path):
    """The usual configuration with one text replaced, as a new file."""
    def edit(old, new):
        text = CONFIG.read_text()
        assert old in text
        path = tmp_path / "edited.toml"
        path.write_text(text.replace(old, new))
        return path

    return edit


@pytest.fixture(scope="session")
def vipctl():
    """Asks what a gateway with the usual configuration would do."""
    with gateway_without_traffic(CONFIG) as vipctl:
        yield vipctl
