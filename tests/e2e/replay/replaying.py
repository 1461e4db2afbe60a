# SPDX-License-Identifier: Apache-2.0
"""Sends captures through the real gateway, and reads the results."""

import json
from pathlib import Path

import pcap
from programs import REPLAY, run

CONFIG = Path(__file__).parent / "gateway.toml"


class Replayed:
    """The result of a replay: the counters that it prints, and the frames that were transmitted."""

    def __init__(self, report, out):
        self.report = report
        self.out = out

    def __getattr__(self, counter):
        return self.report[counter]

    def check_accounts(self, sent):
        """Checks that every packet was counted; done for every replay."""
        assert self.received == sent
        dropped = sum(self.dropped.values())
        assert self.held == 0
        assert self.received == self.forwarded + self.to_kernel + self.answered + dropped
        assert self.transmitted == self.forwarded + self.answered + self.split
        if self.out is not None:
            assert self.transmitted == len(self.out)
        for rows in (self.services, self.backends):
            assert sum(row["packets"] for row in rows.values()) == self.forwarded
        assert (sum(row["bytes"] for row in self.services.values()) ==
                sum(row["bytes"] for row in self.backends.values()))

    def only_dropped(self, reason, count):
        assert self.dropped == {reason: count}
        assert self.out == []


def run_replay(config, capture, out, **options):
    return run(REPLAY, "--config", config, "--in", capture, "--out", out, **options)


def replay_frames(frames, config, folder, other_ports=()):
    """Replays frames, with captures in the folder. `other_ports`: further ports whose output is
    read too, after that of the first."""
    frames = list(frames)
    capture, out = folder / "in.pcap", folder / "out.pcap"
    pcap.write(capture, frames)
    finished = run_replay(config, capture, out)
    assert finished.returncode == 0, finished.stderr
    assert finished.stderr == "" or "other MAC addresses" in finished.stderr, finished.stderr
    transmitted = pcap.read(out)
    for port in other_ports:
        transmitted += pcap.read(folder / f"out.{port}.pcap")
    replayed = Replayed(json.loads(finished.stdout), transmitted)
    replayed.check_accounts(len(frames))
    return replayed
