// SPDX-License-Identifier: Apache-2.0
// What the checks say of the backends of one configuration, at one moment. A value for any thread:
// the tables are built from it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "control/config/model.h"
#include "control/health/agent.h"
#include "control/health/probe.h"
#include "control/health/rise_fall.h"

namespace vipfwd::health {

// Why a verdict is bad, and since when.
struct Failure {
    std::string reason = {};           // for people: "connection refused"
    bool is_host_unreachable = false;  // nothing answers at the host's address
    std::int64_t since_ms = 0;         // Unix time
};

// Of a backend. kUnknown: there is no result yet, or no check.
struct Standing {
    Verdict verdict = Verdict::kUnknown;
    std::shared_ptr<const Failure> failure = nullptr;  // null unless the verdict is bad
    // What its agent said last; null: there is none, or it has not answered yet. An agent that says
    // "down" makes the verdict bad.
    std::shared_ptr<const AgentAnswer> agent = nullptr;
    // Of the packets that the gateway sends to it, with all that a tunnel adds; null: not known. A
    // path MTU that is too small is no failure.
    std::shared_ptr<const PathMtu> path_mtu = nullptr;

    bool has_narrow_path() const { return path_mtu != nullptr && path_mtu->is_too_small(); }
};

// The backends of all pools are numbered through, in the order of the configuration.
class BackendNumbers {
  public:
    explicit BackendNumbers(const config::Config& config) {
        first_of_pool_.reserve(config.pools.size() + 1);
        std::uint32_t next = 0;
        for (const config::Pool& pool : config.pools) {
            first_of_pool_.push_back(next);
            next += static_cast<std::uint32_t>(pool.backends.size());
        }
        first_of_pool_.push_back(next);
    }

    std::uint32_t of(std::size_t pool, std::size_t backend) const {
        return first_of_pool_[pool] + static_cast<std::uint32_t>(backend);
    }
    std::uint32_t count() const { return first_of_pool_.back(); }

  private:
    std::vector<std::uint32_t> first_of_pool_;
};

struct Standings {
    std::shared_ptr<const config::Config> config;
    std::shared_ptr<const BackendNumbers> numbers;
    std::vector<Standing> backends;  // by number
    // The numbers of those whose standing has changed since the standings that were told before:
    // the verdict, what the agent says, or a path MTU that is too small.
    std::vector<std::uint32_t> changed = {};
    std::vector<std::uint32_t> agents_changed = {};
    std::vector<std::uint32_t> paths_changed = {};

    const Standing& of(std::size_t pool, std::size_t backend) const {
        return backends[numbers->of(pool, backend)];
    }
};

}  // namespace vipfwd::health
