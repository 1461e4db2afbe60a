// SPDX-License-Identifier: Apache-2.0
// Runs probes against servers of this machine.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "control/health/prober.h"
#include "control/loop/loop.h"
#include "dataplane/abi/address_text.h"
#include "tests/control/loop/deadline.h"

namespace vipfwd::health {

// Long enough never to end in a test, and short enough to wait for.
inline constexpr std::uint32_t kLong_ms = 9000;
inline constexpr std::uint32_t kShort_ms = 100;

inline Target make_target(config::CheckType type, const std::string& address, std::uint16_t port) {
    Target target{.address = *parse_ip(address), .check = {}};
    target.check.type = type;
    target.check.port = port;
    target.check.timeout_ms = kLong_ms;
    return target;
}

class ProbeTest : public testing::Test {
  protected:
    // One attempt.
    ProbeResult probe_once(const Target& target) {
        std::optional<ProbeResult> result;
        const std::unique_ptr<Probe> probe = prober_.start(
            target,
            [&](ProbeResult found) {
                EXPECT_FALSE(result) << "told twice";
                result = std::move(found);
                loop_.stop();
            },
            attempt_);
        EXPECT_FALSE(result) << "told by start()";
        loop_.run();
        run_once();  // would tell a second time
        return result.value_or(ProbeResult{});
    }

    // The same; repeats attempts of which a busy machine lost the result.
    ProbeResult probe(const Target& target) {
        ProbeResult result = probe_once(target);
        for (int i = 0; i < 20 && result.reason.ends_with("late to look for the answer"); ++i)
            result = probe_once(target);
        return result;
    }

    void run_once() {
        Timer timer(loop_, [this] { loop_.stop(); });
        timer.fire_after(0);
        loop_.run();
    }

    Loop loop_;
    test::Deadline deadline_{loop_};
    Attempt attempt_ = Attempt::kWhole;
    Prober prober_{loop_};
};

// What a result says, for one comparison.
inline std::string text_of(const ProbeResult& result) {
    static constexpr const char* kKinds[] = {"good", "unreachable", "failed", "none"};
    const std::string kind = kKinds[static_cast<int>(result.kind)];
    return result.reason.empty() ? kind : kind + ": " + result.reason;
}

}  // namespace vipfwd::health
