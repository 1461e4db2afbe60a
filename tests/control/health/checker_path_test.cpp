// SPDX-License-Identifier: Apache-2.0
// Path MTUs beside checks.
#include "control/health/checker.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <vector>

#include "tests/control/health/checker_fixture.h"

namespace vipfwd::health {
namespace {

// A pool with one backend, which is checked through IPIP (20 bytes).
class PathTest : public CheckerTest {
  protected:
    PathTest() {
        services_.emplace_back().vip = parse_ip("10.9.0.1").value();
        pool_.check.via = config::Via::kTunnel;
    }

    void find_path_mtu(std::uint32_t wanted, std::uint32_t found) {
        ProbeResult result{.kind = ResultKind::kGood};
        result.path_mtu = {.wanted = wanted, .found = found};
        give(kPath, result);
    }
    const Standing& standing() const { return checker_.standings().backends.at(0); }

    static constexpr const char* kBackend = "10.0.0.1";
    static constexpr const char* kPath = "10.0.0.1 path";

    config::Pool pool_ = pool("a", {kBackend});
};

TEST_F(PathTest, IsMeasuredBeforeTheFirstAttemptAndSaysNothingOfTheBackend) {
    configure({pool_});
    wait([&] { return attempts_[kPath] == 1; });
    EXPECT_FALSE(checker_.knows_all());
    give(kBackend, ResultKind::kGood);
    EXPECT_TRUE(checker_.knows_all()) << "a path is not waited for";
    EXPECT_EQ(standing().path_mtu, nullptr);
    changes_ = 0;
    find_path_mtu(1580, 1480);
    EXPECT_EQ(standing().verdict, Verdict::kGood);
    EXPECT_EQ(*standing().path_mtu, (PathMtu{.wanted = 1600, .found = 1500})) << "with the tunnel";
    EXPECT_TRUE(standing().has_narrow_path());
    EXPECT_EQ(changes_, 1);
    EXPECT_EQ(checker_.standings().paths_changed, std::vector<std::uint32_t>{0});
    EXPECT_TRUE(checker_.has_changes());
    checker_.forget_changes();
    EXPECT_FALSE(checker_.has_changes());
}

TEST_F(PathTest, APathThatIsWideEnoughIsNoChange) {
    configure({pool_});
    give(kBackend, ResultKind::kGood);
    changes_ = 0;
    find_path_mtu(1580, 1580);
    EXPECT_FALSE(standing().has_narrow_path());
    EXPECT_EQ(*standing().path_mtu, (PathMtu{.wanted = 1600, .found = 1600}));
    EXPECT_EQ(changes_, 0);
}

TEST_F(PathTest, IsMeasuredAgainWhenTheBackendIsUpAgain) {
    configure({pool_});
    find_path_mtu(1580, 1480);
    for (const ResultKind kind : {ResultKind::kFailed, ResultKind::kGood, ResultKind::kGood})
        give(kBackend, kind);
    EXPECT_EQ(verdict(0), Verdict::kGood);
    checker_.forget_changes();
    find_path_mtu(1580, 1580);
    EXPECT_FALSE(standing().has_narrow_path());
    EXPECT_EQ(checker_.standings().paths_changed, std::vector<std::uint32_t>{0});
}

TEST_F(PathTest, WithoutAnAnswerWhatWasKnownCounts) {
    configure({pool_});
    find_path_mtu(1580, 1480);
    for (const ResultKind kind : {ResultKind::kFailed, ResultKind::kGood, ResultKind::kGood})
        give(kBackend, kind);
    changes_ = 0;
    give(kPath, ResultKind::kFailed);
    EXPECT_TRUE(standing().has_narrow_path());
    EXPECT_EQ(changes_, 0);
}

TEST_F(PathTest, ABackendThatIsRemovedIsMeasuredNoMore) {
    configure({pool_});
    wait([&] { return running_.contains(kPath); });
    services_.clear();
    configure({});
    EXPECT_TRUE(running_.empty());
}

}  // namespace
}  // namespace vipfwd::health
