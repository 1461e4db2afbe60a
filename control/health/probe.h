// SPDX-License-Identifier: Apache-2.0
// One attempt to find out whether a backend works.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "control/health/agent.h"

namespace vipfwd::health {

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
};

// Called once, from the loop, and not before the attempt was started. May destroy the probe.
using OnProbed = std::function<void(ProbeResult result)>;

}  // namespace vipfwd::health
