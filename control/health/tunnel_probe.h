// SPDX-License-Identifier: Apache-2.0
// A probe of any type through the tunnel to a backend.
//
// It waits, if it must, until the way is known, for its deadline at most: a next hop that is being
// resolved is no failure. A result counts only if the packets really were encapsulated: somebody
// may have removed the rule or the program in between, and then another server may have answered.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>

#include "control/config/model.h"
#include "control/health/probe.h"
#include "control/health/probe_socket.h"
#include "control/health/target.h"
#include "control/health/tunnels.h"
#include "control/loop/loop.h"
#include "control/net/check_map.h"

namespace vipfwd::health {

class TunnelProbe : public Probe {
  public:
    // Starts the probe itself, once its way is known. `check` outlives that probe.
    using StartInner = std::function<std::unique_ptr<Probe>(const config::Check& check,
                                                            const Way& way, OnProbed on_probed)>;

    // `target`, which has a tunnel, and `tunnels` must outlive the probe.
    TunnelProbe(Loop& loop, Tunnels& tunnels, const Target& target, StartInner start_inner,
                OnProbed on_probed);
    ~TunnelProbe() override;

  private:
    bool start();
    void start_late();
    void on_timer();
    void on_inner(ProbeResult result);
    void end(ProbeResult result);

    Tunnels& tunnels_;
    const Target& target_;
    StartInner start_inner_;
    OnProbed on_probed_;
    std::int64_t deadline_ns_;
    std::optional<config::Check> late_check_;  // with the rest of the time
    ProbeResult obstacle_;                     // why the probe has not been started
    std::shared_ptr<net::CheckMap> map_;       // of the entry
    std::optional<std::uint32_t> index_;
    std::unique_ptr<Probe> inner_;
    Timer timer_;
};

}  // namespace vipfwd::health
