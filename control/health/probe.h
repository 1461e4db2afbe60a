// SPDX-License-Identifier: Apache-2.0
// One attempt to find out whether a backend works.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

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

// How much of a check an attempt makes: it makes a difference to AMQP only.
enum class Depth {
    kConnect,  // whether the port accepts connections, as of TCP
    kWhole,
};

// Called once, from the loop, and not before the attempt was started. May destroy the probe.
using OnProbed = std::function<void(ProbeResult result)>;

}  // namespace vipfwd::health
