# SPDX-License-Identifier: Apache-2.0
"""Bad input to scripts/replay: it prints one line, exits with 1, and leaves nothing behind."""

import json
import os
import shutil
import signal
import struct
import subprocess
import tempfile
from pathlib import Path

import pcap
import pytest
from frames import tcp
from programs import BUILD, CONTROL, DATAPLANE, REPLAY, VIPCTL, run, wait_until
from replaying import CONFIG, run_replay


@pytest.fixture
def scratch(tmp_path, monkeypatch):
    """Folders for a replay: `captures` for input and output; `temporary` must be empty in the
    end."""
    for name in ("captures", "temporary"):
        (tmp_path / name).mkdir()
    short = Path(tempfile.mkdtemp(prefix="vipfwd-test-"))  # as paths of sockets must be
    monkeypatch.setenv("TMPDIR", str(short))
    pcap.write(tmp_path / "good.pcap", [tcp()])
    yield tmp_path
    assert list(short.iterdir()) == []
    short.rmdir()


def refused(scratch, capture, config=CONFIG, out="captures/out.pcap"):
    """The message of a replay that fails; checks that it leaves nothing behind."""
    finished = run_replay(config, capture, scratch / out)
    assert finished.returncode == 1, finished.stdout + finished.stderr
    assert finished.stdout == ""
    assert list((scratch / "captures").iterdir()) == []
    return finished.stderr.splitlines()


def one_line(lines, *words):
    assert len(lines) == 1, lines
    for word in words:
        assert word in lines[0], lines[0]


def test_a_missing_capture(scratch):
    one_line(refused(scratch, scratch / "none.pcap"), "none.pcap", "No such file")


def test_a_folder_as_capture(scratch):
    one_line(refused(scratch, scratch), str(scratch))


@pytest.mark.parametrize("content", [
    b"",
    b"\xd4",
    b"\xd4\xc3\xb2\xa1\x02\x00\x04\x00",
    b"neither a capture nor much else, but of some length",
])
def test_no_capture_at_all(scratch, content):
    (scratch / "bad.pcap").write_bytes(content)
    one_line(refused(scratch, scratch / "bad.pcap"), "bad.pcap")


@pytest.mark.parametrize("cut", [1, 53, 54, 60])
def test_a_truncated_capture(scratch, cut):
    """Truncated within a packet, at its end, and within the header of its record."""
    pcap.write(scratch / "bad.pcap", [tcp()] * 100)
    with open(scratch / "bad.pcap", "r+b") as file:
        file.truncate(os.path.getsize(file.name) - cut)
    one_line(refused(scratch, scratch / "bad.pcap"), "bad.pcap", "truncated")


def test_a_capture_with_an_absurd_packet_length(scratch):
    record = struct.pack("<IIII", 0, 0, 0x7FFFFFFF, 0x7FFFFFFF)
    (scratch / "bad.pcap").write_bytes(pcap.FILE_HEADER + pcap.record(tcp()) + record + bytes(100))
    one_line(refused(scratch, scratch / "bad.pcap"), "bad.pcap")


def test_a_capture_of_another_link_type(scratch):
    header = bytearray(pcap.FILE_HEADER)
    header[20] = 101  # raw IP
    (scratch / "bad.pcap").write_bytes(bytes(header) + pcap.record(tcp()))
    one_line(refused(scratch, scratch / "bad.pcap"), "bad.pcap", "Ethernet")


def test_a_missing_folder_for_the_output(scratch):
    one_line(refused(scratch, scratch / "good.pcap", out="none/out.pcap"), "none")


def test_a_missing_configuration(scratch):
    one_line(refused(scratch, scratch / "good.pcap", scratch / "none.toml"), "none.toml",
             "No such file")


def test_garbage_as_configuration(scratch):
    config = scratch / "bad.toml"
    config.write_bytes(b"\x7fELF\x00\xff = = [[")
    one_line(refused(scratch, scratch / "good.pcap", config), f"{config}:1:")


def test_all_errors_of_a_configuration_with_their_places(scratch):
    config = scratch / "bad.toml"
    config.write_text(CONFIG.read_text()
                      .replace("weight = 200", "wieght = 200", 1)
                      .replace("port = 80,", "port = 8053.5,", 1)
                      .replace('pool = "range" }', 'pool = "rang" }'))
    lines = refused(scratch, scratch / "good.pcap", config)
    assert all(line.startswith(f"{config}:") for line in lines), lines
    errors = [line for line in lines if ": error: " in line]
    assert len(errors) == 3, lines
    assert "port" in errors[0] and "'range'" in errors[1] and "'weight'" in errors[2]


@pytest.mark.parametrize("arguments", [[], ["--in", "a"], ["--config"], ["--nonsense"],
                                       ["--config", "a", "--in", "b", "--out", "c", "d"]])
def test_wrong_usage(arguments):
    finished = run(REPLAY, *arguments)
    assert finished.returncode == 2
    assert "usage:" in finished.stderr


def test_an_empty_capture_is_no_error(replay):
    assert replay([]).received == 0


def test_more_ports_write_more_captures(replay, edited_config):
    second = ('[[port]]\nname = "second"\ndevice = "eth8"\ndriver = "af_packet"\n'
              'mac = "02:00:00:00:00:02"\naddresses = ["10.0.1.1/24"]\n\n[[pool]]\nname = "web"')
    config = edited_config('[[pool]]\nname = "web"', second)
    config.write_text(config.read_text()
                      .replace('address = "10.0.0.99"', 'address = "10.0.1.99"')
                      .replace("neighbor = [", 'neighbor = [\n  { address = "10.0.1.99", '
                               'mac = "02:00:00:00:00:99" },'))
    replayed = replay([tcp(dport=82)], config, other_ports=["second"])
    assert replayed.out[0][:12].hex() == "020000000099020000000002"


@pytest.mark.skipif(os.geteuid() != 0, reason="every run is without privileges here")
def test_a_replay_needs_no_privileges():
    """Runs as an unprivileged user, who owns nothing and may see none of our folders."""
    with tempfile.TemporaryDirectory(prefix="vipfwd-test-") as name:
        folder = Path(name)
        for program in (CONTROL, DATAPLANE, VIPCTL):
            copy = folder / "build" / program.relative_to(BUILD)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(program, copy)
        shutil.copy(REPLAY, folder)
        shutil.copytree(REPLAY.with_suffix(".d"), folder / "replay.d")
        shutil.copy(CONFIG, folder)
        pcap.write(folder / "in.pcap", [tcp()])
        (folder / "work").mkdir()
        for path in (folder, folder / "work"):
            path.chmod(0o777)
        finished = run("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups",
                       folder / "replay", "--config", folder / CONFIG.name,
                       "--in", folder / "in.pcap", "--out", folder / "work" / "out.pcap",
                       env={"PATH": os.environ["PATH"], "TMPDIR": str(folder / "work"),
                            "VIPFWD_BUILD": str(folder / "build")})
        assert finished.returncode == 0, finished.stderr
        assert json.loads(finished.stdout)["forwarded"] == 1
        assert [path.name for path in (folder / "work").iterdir()] == ["out.pcap"]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_replay_leaves_nothing_behind(scratch, number):
    capture = scratch / "long.pcap"
    pcap.write(capture, [tcp()] * 2_000_000)
    process = subprocess.Popen(
        [REPLAY, "--config", CONFIG, "--in", capture, "--out", scratch / "captures" / "out.pcap"],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    wait_until(lambda: any(Path(os.environ["TMPDIR"]).glob("*/dataplane.sock")), "it runs")
    children = wait_until(lambda: len(children_of(process.pid)) == 2 and children_of(process.pid),
                          "both processes run")
    process.send_signal(number)
    assert process.wait(30) != 0
    assert list((scratch / "captures").iterdir()) == []
    assert not any(Path(f"/proc/{child}").exists() for child in children)


def children_of(pid):
    return Path(f"/proc/{pid}/task/{pid}/children").read_text().split()


def test_an_earlier_output_survives_a_failure(scratch):
    out = scratch / "captures" / "out.pcap"
    out.write_bytes(b"precious")
    finished = run_replay(CONFIG, scratch / "none.pcap", out)
    assert finished.returncode == 1
    assert out.read_bytes() == b"precious"


def test_a_missing_build_says_what_to_run(scratch, monkeypatch):
    monkeypatch.setenv("VIPFWD_BUILD", str(scratch / "nowhere"))
    one_line(refused(scratch, scratch / "good.pcap"), "scripts/build")

