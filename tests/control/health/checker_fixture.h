// SPDX-License-Identifier: Apache-2.0
// A Checker whose probes the test plays.
#pragma once

#include <gtest/gtest.h>

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "control/health/checker.h"
#include "dataplane/abi/address_text.h"
#include "tests/control/loop/deadline.h"

namespace vipfwd::health {

inline constexpr std::size_t kMostProbes = 8;

inline config::Pool pool(const std::string& name, const std::vector<std::string>& addresses) {
    config::Pool made;
    made.name = name;
    made.check = {.type = config::CheckType::kTcp,
                  .port = 80,
                  .interval_ms = 10,
                  .fast_interval_ms = 10,
                  .timeout_ms = 10};
    for (const std::string& address : addresses) {
        config::Backend backend;
        backend.address = parse_ip(address).value();
        made.backends.push_back(backend);
    }
    return made;
}

inline std::vector<Standing> nothing_known(const config::Config& config) {
    return std::vector<Standing>(BackendNumbers(config).count());
}

// Probes whose results the test gives.
class CheckerTest : public ::testing::Test {
  protected:
    using ResultKind = ProbeResult::Kind;

    class FakeProbe : public Probe {
      public:
        FakeProbe(CheckerTest& test, std::string name) : test_(test), name_(std::move(name)) {}
        ~FakeProbe() override { test_.running_.erase(name_); }

      private:
        CheckerTest& test_;
        std::string name_;
    };

    void configure(std::vector<config::Pool> pools, const Checker::Recall& recall = nothing_known) {
        auto config = std::make_shared<config::Config>();
        config->services = services_;
        config->pools = std::move(pools);
        checker_.configure(config, recall);
    }

    // The next attempt for the address has this result.
    void give(const std::string& address, ProbeResult result) {
        wait([&] { return running_.contains(address); });
        const OnProbed on_probed = running_.at(address);
        on_probed(std::move(result));
    }
    void give(const std::string& address, ResultKind kind) {
        give(address, ProbeResult{kind, "why"});
    }

    void wait(const std::function<bool()>& condition) {
        ASSERT_TRUE(test::run_until(loop_, condition));
    }

    Verdict verdict(std::size_t backend) const {
        return checker_.standings().backends.at(backend).verdict;
    }

    Loop loop_;
    std::vector<config::Service> services_;
    std::map<std::string, OnProbed> running_;
    std::map<std::string, int> attempts_;
    std::string attempts_made_;  // 'w' whole, 'c' connecting
    int changes_ = 0;
    Checker checker_{loop_,
                     [this](const Target& target, OnProbed on_probed, Attempt attempt) {
                         std::string address = vipfwd::to_string(target.address);
                         if (attempt == Attempt::kAgent)
                             address += " agent:" + std::to_string(target.check.port);
                         if (attempt == Attempt::kPathMtu)
                             address += " path";
                         ++attempts_[address];
                         attempts_made_ += attempt == Attempt::kWhole ? 'w' : 'c';
                         running_[address] = std::move(on_probed);
                         return std::make_unique<FakeProbe>(*this, address);
                     },
                     kMostProbes, [this] { ++changes_; }};
};

}  // namespace vipfwd::health
