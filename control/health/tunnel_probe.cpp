// SPDX-License-Identifier: Apache-2.0
#include "control/health/tunnel_probe.h"

#include <utility>
#include <variant>

#include "control/health/failure.h"
#include "dataplane/abi/clock.h"

namespace vipfwd::health {

TunnelProbe::TunnelProbe(Loop& loop, Tunnels& tunnels, const Target& target, StartInner start_inner,
                         OnProbed on_probed)
    : tunnels_(tunnels),
      target_(target),
      start_inner_(std::move(start_inner)),
      on_probed_(std::move(on_probed)),
      deadline_ns_(monotonic_ns() + target.check.timeout_ms * kNanosecondsPerMs),
      timer_(loop, [this] { on_timer(); }) {
    if (start())
        return;
    timer_.fire_at(deadline_ns_);
    tunnels_.wait(this, [this] { start_late(); });
}

TunnelProbe::~TunnelProbe() {
    tunnels_.stop_waiting(this);
    inner_.reset();  // closes the connection, whose last packet is sent through the tunnel too
    if (index_) {
        map_->clear(*index_);
        tunnels_.give_back(*index_);
    }
}

// False, with the obstacle, if the way is not known.
bool TunnelProbe::start() {
    const std::shared_ptr<const TunnelNetwork>& network = tunnels_.network();
    if (network == nullptr || network->map == nullptr) {
        obstacle_ = not_checked(network != nullptr ? network->problem
                                                   : "the way through tunnels is not set up yet");
        return false;
    }
    auto found = find_tunnel_path(*network, target_);
    if (const auto* result = std::get_if<ProbeResult>(&found)) {
        obstacle_ = *result;
        return false;
    }
    index_ = tunnels_.take_index();
    if (!index_) {
        obstacle_ = not_checked("too many checks through tunnels run");
        return false;
    }
    auto& [path, way] = std::get<TunnelPath>(found);
    map_ = network->map;
    map_->set(*index_, path);
    way.mark = net::CheckMap::mark(*index_);
    inner_ = start_inner_(late_check_ ? *late_check_ : target_.check, way,
                          [this](ProbeResult result) { on_inner(std::move(result)); });
    return true;
}

void TunnelProbe::start_late() {
    const std::int64_t rest_ms = (deadline_ns_ - monotonic_ns()) / kNanosecondsPerMs;
    if (rest_ms <= 0)
        return;  // the timer is due
    late_check_ = target_.check;
    late_check_->timeout_ms = static_cast<std::uint32_t>(rest_ms);
    if (!start())
        return;
    tunnels_.stop_waiting(this);
    timer_.cancel();
}

void TunnelProbe::on_timer() {
    end(std::move(obstacle_));
}

void TunnelProbe::on_inner(ProbeResult result) {
    if (result.kind != ProbeResult::Kind::kNone && map_->packets(*index_) == 0)
        result = not_checked("its packets did not get to the program that encapsulates them");
    end(std::move(result));
}

// The callback may destroy this object.
void TunnelProbe::end(ProbeResult result) {
    const OnProbed on_probed = std::move(on_probed_);
    on_probed(std::move(result));
}

}  // namespace vipfwd::health
