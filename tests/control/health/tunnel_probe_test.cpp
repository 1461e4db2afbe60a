// SPDX-License-Identifier: Apache-2.0
#include "control/health/tunnel_probe.h"

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <utility>

#include "control/health/failure.h"
#include "tests/control/health/tunnel_scene.h"
#include "tests/control/loop/deadline.h"
#include "tests/control/net/check_map_memory.h"

namespace vipfwd::health {
namespace {

// The test plays the probe inside, and the program.
class TunnelProbeTest : public ::testing::Test {
  protected:
    void start() {
        probe_ = std::make_unique<TunnelProbe>(
            loop_, tunnels_, target_,
            [this](const config::Check& check, const Way& way, OnProbed on_probed) {
                timeout_ms_ = check.timeout_ms;
                way_ = way;
                on_inner_ = std::move(on_probed);
                return std::make_unique<Probe>();
            },
            [this](ProbeResult result) {
                result_ = std::move(result);
                loop_.stop();
            });
    }
    void use(const TunnelNetwork& network) {
        tunnels_.use(std::make_shared<const TunnelNetwork>(network));
    }
    bool runs() const { return way_.has_value(); }

    Loop loop_;
    test::Deadline deadline_{loop_};
    test::CheckMapMemory memory_;
    TunnelNetwork network_ = tunnel_network(memory_.map());
    Tunnels tunnels_;
    Target target_ = tunnel_target();
    std::optional<Way> way_;
    std::uint32_t timeout_ms_ = 0;
    OnProbed on_inner_;
    std::optional<ProbeResult> result_;
    std::unique_ptr<Probe> probe_;
};

TEST_F(TunnelProbeTest, AResultCountsIfPacketsWereEncapsulated) {
    use(network_);
    start();
    ASSERT_TRUE(runs());
    EXPECT_EQ(way_->mark, CHECK_MARK);
    EXPECT_EQ(memory_.entry(0).form, CHECK_IPIP);
    memory_.count_packet(0);
    on_inner_(good());
    ASSERT_TRUE(result_);
    EXPECT_TRUE(result_->is_good());
    probe_.reset();
    EXPECT_EQ(memory_.entry(0).form, CHECK_NONE);
}

TEST_F(TunnelProbeTest, WhatAnotherServerAnsweredDoesNotCount) {
    use(network_);
    for (const ProbeResult& answer : {good(), failed("connection refused")}) {
        start();
        on_inner_(answer);
        EXPECT_EQ(result_->kind, ProbeResult::Kind::kNone);
        EXPECT_EQ(result_->reason,
                  "not checked: its packets did not get to the program that encapsulates them");
    }
}

TEST_F(TunnelProbeTest, StartsWhenTheNextHopIsResolved) {
    TunnelNetwork unresolved = network_;
    unresolved.next_hop = [](const IpAddress&) { return std::nullopt; };
    start();
    use(unresolved);
    EXPECT_FALSE(runs());
    use(network_);
    EXPECT_TRUE(runs());
    EXPECT_LE(timeout_ms_, target_.check.timeout_ms);
    way_.reset();
    use(network_);
    EXPECT_FALSE(runs()) << "once is enough";
}

TEST_F(TunnelProbeTest, EndsAtItsDeadlineWithTheObstacle) {
    target_.check.timeout_ms = 20;
    network_.next_hop = [](const IpAddress&) { return std::nullopt; };
    use(network_);
    start();
    loop_.run();
    EXPECT_EQ(result_->kind, ProbeResult::Kind::kUnreachable);
    network_.map = nullptr;
    network_.problem = "not permitted";
    use(network_);
    start();
    loop_.run();
    EXPECT_EQ(result_->kind, ProbeResult::Kind::kNone);
    EXPECT_EQ(result_->reason, "not checked: not permitted");
}

}  // namespace
}  // namespace vipfwd::health
