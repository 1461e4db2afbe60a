# SPDX-License-Identifier: Apache-2.0
"""`replay(frames)`: sends frames through the real gateway with scripts/replay."""

import pytest
from programs import gateway_without_traffic
from replaying import CONFIG, replay_frames


@pytest.fixture
def replay(tmp_path):
    def send(frames, config=CONFIG, other_ports=()):
        return replay_frames(frames, config, tmp_path, other_ports)

    return send


@pytest.fixture
def edited_config(tmp_path):
    """`edited_config(old, new)`: a file with the usual configuration in which a text is
    replaced."""
    def edit(old, new):
        text = CONFIG.read_text()
        assert old in text
        path = tmp_path / "edited.toml"
        path.write_text(text.replace(old, new))
        return path

    return edit


@pytest.fixture(scope="session")
def vipctl():
    """The Vipctl of a gateway with the usual configuration."""
    with gateway_without_traffic(CONFIG) as vipctl:
        yield vipctl
