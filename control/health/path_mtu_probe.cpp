// SPDX-License-Identifier: Apache-2.0
#include "control/health/path_mtu_probe.h"

#include <cstring>
#include <utility>

#include "control/health/failure.h"

namespace vipfwd::health {

PathMtuProbe::PathMtuProbe(Loop& loop, EchoSockets& sockets, const Way& way, OnProbed on_probed)
    : sockets_(sockets),
      way_(way),
      on_probed_(std::move(on_probed)),
      search_(way.max_packet_bytes),
      id_(sockets.open(way.to, [this](std::uint32_t bytes) { on_reply(bytes); })),
      timer_(loop, [this] { on_timer(); }) {
    send();
}

PathMtuProbe::~PathMtuProbe() {
    sockets_.close(id_);
}

void PathMtuProbe::send() {
    error_ = sockets_.send(id_, way_, search_.size());
    timer_.fire_after(error_ == 0 ? kWait_ms : 0);
}

// A reply to a request of before, which was waited for no longer, has another size.
void PathMtuProbe::on_reply(std::uint32_t bytes) {
    if (bytes == search_.size())
        go_on(true);
}

void PathMtuProbe::on_timer() {
    if (error_ != 0)
        return end(not_checked(std::strerror(error_)));
    go_on(false);
}

void PathMtuProbe::go_on(bool has_arrived) {
    search_.note(has_arrived);
    if (!search_.is_done())
        return send();
    if (search_.largest() == 0)
        return end(failed("no answer to ICMP echo requests"));
    ProbeResult result = good();
    result.path_mtu = {.wanted = search_.full(), .found = search_.largest()};
    end(std::move(result));
}

// The callback may destroy this object.
void PathMtuProbe::end(ProbeResult result) {
    timer_.cancel();
    const OnProbed on_probed = std::move(on_probed_);
    on_probed(std::move(result));
}

}  // namespace vipfwd::health
