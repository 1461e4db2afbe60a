// SPDX-License-Identifier: Apache-2.0
// Finds out how large a packet may be to reach a backend through its tunnel, by echo requests to
// the VIP: packets that are too large for some link on the path are lost without a word, and what
// clients see is connections that hang.
//
// One packet is under way at a time. Nearly always it is the only one: the largest, which is
// answered.
#pragma once

#include <cstdint>

#include "control/health/echo_sockets.h"
#include "control/health/path_mtu_search.h"
#include "control/health/probe.h"
#include "control/health/probe_socket.h"
#include "control/loop/loop.h"

namespace vipfwd::health {

class PathMtuProbe : public Probe {
  public:
    // How long a reply is waited for.
    static constexpr std::int64_t kWait_ms = 300;

    // Starts at once. `sockets` must outlive the probe. The result is good, with a path_mtu, or bad
    // if no packet is answered, which says nothing of the path: a host need not answer.
    PathMtuProbe(Loop& loop, EchoSockets& sockets, const Way& way, OnProbed on_probed);
    ~PathMtuProbe() override;

  private:
    void send();
    void on_reply(std::uint32_t bytes);
    void on_timer();
    void go_on(bool has_arrived);
    void end(ProbeResult result);

    EchoSockets& sockets_;
    Way way_;
    OnProbed on_probed_;
    PathMtuSearch search_;
    int error_ = 0;  // of sending
    EchoSockets::Id id_;
    Timer timer_;
};

}  // namespace vipfwd::health
