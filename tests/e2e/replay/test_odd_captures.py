# SPDX-License-Identifier: Apache-2.0
"""Captures that are not quite what they should be: scripts/replay says what is wrong with them, or
takes them; and it spares what is at its output's place."""

import json
import os
import random
import stat
import threading

import pcap
import pytest
from frames import tcp
from replaying import CONFIG, run_replay
from scapy.layers.inet import IP

GOOD = [tcp(sport=port) for port in range(2000, 2005)]


@pytest.fixture
def capture(tmp_path):
    pcap.write(tmp_path / "in.pcap", GOOD)
    return tmp_path / "in.pcap"


def taken(config, capture, out):
    """What a replay counts and says; it succeeds."""
    finished = run_replay(config, capture, out)
    assert finished.returncode == 0, finished.stderr
    return json.loads(finished.stdout), finished.stderr


def accounted(counted):
    return (counted["forwarded"] + counted["to_kernel"] + counted["answered"] + counted["held"] +
            sum(counted["dropped"].values()))


# Around the lengths of buffers (2,048 bytes), of 16 bits, and the longest of libpcap.
LENGTHS = [0, 1, 13, 14, 33, 34, 2047, 2048, 2049, 4096, 65_534, 65_535, 65_536, 65_549, 65_550,
           68_014, 131_071, 131_072, 131_073, pcap.LONGEST - 1, pcap.LONGEST]


def frame_of(length, ip_length):
    """A frame of that many bytes, which begins with a TCP packet that claims to have ip_length."""
    frame = bytearray(tcp(flags="A") + bytes(length))[:length]
    if length >= 34:
        header = IP(bytes(frame[14:34]))
        header.len = ip_length
        del header.chksum
        frame[14:34] = bytes(header)[:20]
    return bytes(frame)


def test_frames_of_any_length_are_counted(tmp_path):
    """What a driver hands over in a chain of buffers, whose length its 16 bits do not hold."""
    shuffled = random.Random(1)
    frames = [*GOOD]
    for length in LENGTHS + [shuffled.randrange(pcap.LONGEST) for _ in range(100)]:
        for ip_length in {min(max(length - 14, 0), 65_535), shuffled.randrange(65_536)}:
            frames.append(frame_of(length, ip_length))
    frames += [bytes(shuffled.randrange(256) for _ in range(shuffled.choice(LENGTHS[:10])))
               for _ in range(50)]
    shuffled.shuffle(frames)
    frames += GOOD
    pcap.write(tmp_path / "in.pcap", frames)
    counted, said = taken(CONFIG, tmp_path / "in.pcap", tmp_path / "out.pcap")
    assert counted["received"] == accounted(counted) == len(frames)
    assert counted["forwarded"] >= 2 * len(GOOD)
    assert counted["transmitted"] == len(pcap.read(tmp_path / "out.pcap"))
    assert said == ""


def test_the_input_is_never_overwritten(capture, tmp_path):
    os.link(capture, tmp_path / "hard.pcap")
    (tmp_path / "soft.pcap").symlink_to(capture)
    before = capture.read_bytes()
    for out in ("in.pcap", "./in.pcap", "hard.pcap", "soft.pcap"):
        finished = run_replay(CONFIG, capture, tmp_path / out)
        assert finished.returncode == 1
        assert "is the input" in finished.stderr
        assert capture.read_bytes() == before


def test_the_input_is_not_the_output_of_another_port(edited_config, tmp_path):
    config = edited_config('[[pool]]\nname = "web"', '[[port]]\nname = "second"\ndevice = "eth8"\n'
                           'driver = "af_packet"\nmac = "02:00:00:00:00:02"\n'
                           'addresses = ["10.0.1.1/24"]\n\n[[pool]]\nname = "web"')
    pcap.write(tmp_path / "out.second.pcap", GOOD)
    before = (tmp_path / "out.second.pcap").read_bytes()
    finished = run_replay(config, tmp_path / "out.second.pcap", tmp_path / "out.pcap")
    assert finished.returncode == 1
    assert "is the input" in finished.stderr
    assert (tmp_path / "out.second.pcap").read_bytes() == before
    assert not (tmp_path / "out.pcap").exists()


def test_a_device_is_not_replaced(capture):
    finished = run_replay(CONFIG, capture, "/dev/null")
    assert finished.returncode == 1
    assert "/dev/null: is not a file" in finished.stderr
    assert stat.S_ISCHR(os.stat("/dev/null").st_mode)


def test_a_pipe_is_read(capture, tmp_path):
    os.mkfifo(tmp_path / "pipe")
    writer = threading.Thread(target=lambda: (tmp_path / "pipe").write_bytes(capture.read_bytes()))
    writer.start()
    counted, said = taken(CONFIG, tmp_path / "pipe", tmp_path / "out.pcap")
    writer.join()
    assert (counted["forwarded"], said) == (len(GOOD), "")


def test_packets_that_were_cut_are_a_warning(tmp_path):
    whole = [tcp(sport=port, payload=bytes(1000)) for port in range(2000, 2005)]
    with open(tmp_path / "in.pcap", "wb") as file:
        file.write(pcap.FILE_HEADER)
        for frame in whole:
            file.write(pcap.RECORD.pack(0, 0, 96, len(frame)) + frame[:96])
        file.write(pcap.record(tcp()))
    counted, said = taken(CONFIG, tmp_path / "in.pcap", tmp_path / "out.pcap")
    assert counted["forwarded"] == 1
    assert "5 of 6 packets were cut" in said
    assert len(said.splitlines()) == 1


def test_frames_to_another_mac_address_are_a_warning(tmp_path):
    foreign = [bytes.fromhex("525400000002") + frame[6:] for frame in GOOD]
    pcap.write(tmp_path / "in.pcap", foreign)
    counted, said = taken(CONFIG, tmp_path / "in.pcap", tmp_path / "out.pcap")
    assert counted["dropped"] == {"ethernet_not_ours": len(foreign)}
    assert "5 of 5 frames are to other MAC addresses than 02:00:00:00:00:01" in said
    pcap.write(tmp_path / "in.pcap", [*foreign, *GOOD])
    assert taken(CONFIG, tmp_path / "in.pcap", tmp_path / "out.pcap")[1] == ""
