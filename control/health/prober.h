// SPDX-License-Identifier: Apache-2.0
// Starts probes, each of the type that its target asks for.
#pragma once

#include <memory>

#include "control/health/probe.h"
#include "control/health/target.h"
#include "control/health/tunnel_path.h"
#include "control/loop/loop.h"

namespace vipfwd::health {

class Prober {
  public:
    explicit Prober(Loop& loop);
    ~Prober();
    Prober(const Prober&) = delete;
    Prober& operator=(const Prober&) = delete;

    // Begins one attempt, which ends within the check's timeout_ms. The target has a check, and
    // must outlive the probe. An agent is asked at the target's address and the port of its check.
    // All probes must end before the prober, which must not be destroyed from their callbacks.
    std::unique_ptr<Probe> start(const Target& target, OnProbed on_probed,
                                 Attempt attempt = Attempt::kWhole);

    // What probes through tunnels need of this machine, from now on; null: nothing is known.
    void use(std::shared_ptr<const TunnelNetwork> network);

  private:
    struct Engines;

    std::unique_ptr<Engines> engines_;
};

}  // namespace vipfwd::health
