# SPDX-License-Identifier: Apache-2.0
"""Exit codes of vipctl: 0 success, 1 rejected, 2 wrong usage, 3 control unreachable; of `show status`
also 4 degraded, 5 down."""

import json

import pytest
from labs import VIP, checked
from programs import run, wait_until


@pytest.mark.parametrize("words", [
    ["show", "status"],
    ["show", "services"],
    ["show", "backends"],
    ["show", "ports"],
    ["show", "workers"],
    ["show", "drops"],
    ["lookup", "tcp", "10.0.0.50", "40000", VIP, "80"],
    ["config", "check"],
    ["config", "apply"],
])
def test_success_exits_with_0_as_text_and_as_json(lab, words):
    assert lab.vipctl(*words).returncode == 0
    answer = lab.vipctl("-j", *words)
    assert answer.returncode == 0
    json.loads(answer.stdout)


@pytest.mark.parametrize("words", [
    [],
    ["nonsense"],
    ["show"],
    ["show", "nonsense"],
    ["show", "status", "extra"],
    ["--nonsense", "show", "status"],
    ["lookup", "tcp", "10.0.0.50", "40000", VIP],
    ["lookup", "icmp", "10.0.0.50", "40000", VIP, "80"],
    ["lookup", "tcp", "10.0.0.50", "65536", VIP, "80"],
    ["config", "nonsense"],
])
def test_wrong_usage_exits_with_2(lab, words):
    wrong = lab.vipctl(*words)
    assert wrong.returncode == 2, wrong.stdout
    assert wrong.stderr.strip()


@pytest.mark.parametrize("words, told", [
    (["shwo", "status"], "'shwo'; did you mean 'show'?"),
    (["show", "backend"], "'backend'; did you mean 'backends'?"),
    (["drain", "be1"], "'drain'"),
    (["show"], "status, services, backends"),
    (["show", "--pool", "web"], "--pool"),
])
def test_a_wrong_command_line_is_explained(lab, words, told):
    [line] = lab.vipctl(*words).stderr.splitlines()
    assert told in line


def test_a_rejected_request_is_json_with_j(lab):
    answer = lab.vipctl("-j", "lookup", "tcp", "be1", "40000", VIP, "80")
    assert answer.returncode == 1
    assert "'be1'" in json.loads(answer.stdout)["error"]
    assert "'be1'" in answer.stderr


@pytest.mark.parametrize("address", ["10.0.0.500", "be1", ""])
def test_a_rejected_request_exits_with_1(lab, address):
    answer = lab.vipctl("lookup", "tcp", address, "40000", VIP, "80")
    assert answer.returncode == 1
    [line] = answer.stderr.splitlines()
    assert f"'{address}'" in line


def test_a_file_is_checked_as_vipctl_reads_it(lab, tmp_path):
    file = tmp_path / "new.toml"
    file.write_text(lab.config.read_text())
    good = lab.vipctl("config", "check", str(file))
    assert good.returncode == 0, good.stderr
    file.write_text(lab.config.read_text() + "[gatewya]\n")
    bad = lab.vipctl("config", "check", str(file))
    assert bad.returncode == 1
    assert f"{file}:" in bad.stderr and "gatewya" in bad.stderr


@pytest.mark.parametrize("content, told", [
    (b"[gateway]\nname = '\xe4'\n", ":2:9: not UTF-8"),
    (None, ": cannot open: No such file or directory"),
])
def test_a_file_that_vipctl_cannot_send_exits_with_1(lab, tmp_path, content, told):
    file = tmp_path / "new.toml"
    if content is not None:
        file.write_bytes(content)
    answer = lab.vipctl("config", "check", str(file))
    assert answer.returncode == 1
    [line] = answer.stderr.splitlines()
    assert line == f"vipctl: {file}{told}"


def test_an_unreachable_control_exits_with_3(lab, tmp_path):
    answer = lab.vipctl("--run-dir", str(tmp_path), "show", "status")
    assert answer.returncode == 3
    [line] = answer.stderr.splitlines()
    assert str(tmp_path) in line


def test_the_status_begins_with_a_verdict_and_exits_by_it(lab):
    assert lab.vipctl("show", "status").stdout.startswith("status      ok\n")
    lab.config.write_text("nonsense")
    assert lab.vipctl("config", "apply").returncode == 1
    degraded = lab.vipctl("show", "status")
    assert degraded.returncode == 4
    assert degraded.stdout.startswith("status      degraded\n            the last reload of ")
    lab.stop("dataplane")
    down = lab.vipctl("-j", "show", "status")
    assert down.returncode == 5
    status = json.loads(down.stdout)
    assert status["verdict"] == "down"
    assert status["reasons"][0].startswith("no dataplane is connected")
    assert not any(vip["owned"] for vip in status["vips"])
