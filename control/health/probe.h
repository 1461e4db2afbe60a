// SPDX-License-Identifier: Apache-2.0
// One attempt to find out whether a backend works.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "control/health/agent.h"

namespace vipfwd::health {

// In bytes of an IP packet.
struct PathMtu {
    std::uint32_t wanted = 0;  // the largest that the gateway sends
    std::uint32_t found = 0;   // the largest that arrives

    bool is_too_small() const { return found < wanted; }

    friend bool operator==(const PathMtu&, const PathMtu&) = default;
};

// What an attempt has found out.
struct ProbeResult {
    enum class Kind : std::uint8_t {
        kGood,
        kUnreachable,  // nothing answers at the host's address
        kFailed,       // the host answers, but the service does not, or not as it should
        kNone,         // this process or machine lacked something: that says nothing of the backend
        kLast = kNone
    };

    Kind kind = Kind::kNone;
    // For people, empty if good: "connection refused", "HTTP status 503", "no answer within 500
    // ms". What the server sent is quoted and shortened.
    std::string reason = {};
    // Of a good attempt to ask an agent.
    std::optional<AgentAnswer> agent = {};
    // Of a good attempt to measure the path: of the packets within the tunnel.
    std::optional<PathMtu> path_mtu = {};

    bool is_good() const { return kind == Kind::kGood; }
};

// An attempt that goes on. Destroying it abandons the attempt: there is no result then.
class Probe {
  public:
    Probe() = default;
    virtual ~Probe() = default;
    Probe(const Probe&) = delete;
    Probe& operator=(const Probe&) = delete;
};

// What an attempt asks for.
enum class Attempt {
    kWhole,    // all that the check is about
    kConnect,  // whether the port accepts connections, as of TCP: AMQP only
    kAgent,    // the opinion of the backend's agent
    kPathMtu,  // how large a packet reaches the backend; of targets with a tunnel
};

// Called once, from the loop, and not before the attempt was started. May destroy the probe.
using OnProbed = std::function<void(ProbeResult result)>;

}  // namespace vipfwd::health
