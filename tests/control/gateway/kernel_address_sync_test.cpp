// SPDX-License-Identifier: Apache-2.0
#include "control/gateway/kernel_address_sync.h"

#include <gtest/gtest.h>

#include <set>

#include "dataplane/abi/address_text.h"
#include "dataplane/abi/clock.h"
#include "tests/control/gateway/fake_dataplane.h"

namespace vipfwd::gateway {
namespace {

using net::ManagedAddress;

const IpAddress kVip = parse_ip("10.0.0.100").value();
const ManagedAddress kOnUp{"up0", kVip};

class KernelAddressSyncTest : public testing::Test {
  protected:
    void update() {
        sync_.update(
            vips_, [this](const IpAddress&) { return is_local_; },
            std::vector(kernel_has_.begin(), kernel_has_.end()));
    }

    Loop loop_;
    std::set<ManagedAddress> kernel_has_;
    int operations_ = 0;
    std::string failure_;  // of operations; empty: they succeed
    int due_ = 0;
    bool is_local_ = true;
    std::vector<group::LocalVips> vips_{
        {.group = "edge", .interface = "up0", .vips = {kVip}, .owned = true}};
    std::int64_t started_at_ns_ = monotonic_ns();
    KernelAddressSync sync_{
        loop_,
        {.add = [this](const ManagedAddress& managed) -> Result<bool> {
             ++operations_;
             if (!failure_.empty())
                 return Error{failure_};
             return kernel_has_.insert(managed).second;
         },
         .remove = [this](const ManagedAddress& managed) -> Result<void> {
             ++operations_;
             kernel_has_.erase(managed);
             return {};
         },
         .set_lifetime = [](const ManagedAddress&, std::uint32_t) -> Result<void> { return {}; }},
        started_at_ns_,
        [this] {
            ++due_;
            update();
        }};
};

TEST_F(KernelAddressSyncTest, OwnedVipsAreAddedOnce) {
    update();
    EXPECT_EQ(kernel_has_, std::set{kOnUp});
    update();
    EXPECT_EQ(operations_, 1) << "nothing has changed";
    vips_[0].owned = false;
    update();
    EXPECT_TRUE(kernel_has_.empty());
}

TEST_F(KernelAddressSyncTest, NoVipIsAddedBeforeTheSteeringProgramsKnow) {
    is_local_ = false;
    update();
    EXPECT_TRUE(kernel_has_.empty());
    is_local_ = true;
    update();
    EXPECT_EQ(kernel_has_, std::set{kOnUp});
}

TEST_F(KernelAddressSyncTest, AddressesThatMayBeAdoptedStayUntilTheTimeout) {
    kernel_has_ = {kOnUp};
    vips_[0].owned.reset();
    update();
    EXPECT_EQ(kernel_has_, std::set{kOnUp});
    KernelAddressSync late(
        loop_,
        {.add = [](const ManagedAddress&) -> Result<bool> { return true; },
         .remove = [this](const ManagedAddress& managed) -> Result<void> {
             kernel_has_.erase(managed);
             return {};
         },
         .set_lifetime = [](const ManagedAddress&, std::uint32_t) -> Result<void> { return {}; }},
        monotonic_ns() - 4 * kNanosecondsPerS, [] {});
    late.update(
        vips_, [](const IpAddress&) { return true; }, std::vector{kOnUp});
    EXPECT_TRUE(kernel_has_.empty()) << "no dataplane has connected by then";
}

TEST_F(KernelAddressSyncTest, RemovedAddressesAreRestoredInOnePassAfterTheDebounceTime) {
    update();
    kernel_has_.clear();
    for (int i = 0; i < 10; ++i)
        sync_.on_kernel_change();
    EXPECT_TRUE(kernel_has_.empty());
    EXPECT_TRUE(run_until(loop_, [this] { return kernel_has_.contains(kOnUp); }));
    EXPECT_EQ(due_, 1);
    EXPECT_EQ(sync_.status_of("edge").repairs, 1u);
}

TEST_F(KernelAddressSyncTest, AFailedOperationIsRetried) {
    failure_ = "not permitted";
    update();
    EXPECT_EQ(sync_.status_of("edge").problem, "not permitted");
    failure_.clear();
    EXPECT_TRUE(run_until(loop_, [this] { return kernel_has_.contains(kOnUp); }));
    EXPECT_EQ(sync_.status_of("edge").problem, "");
}

}  // namespace
}  // namespace vipfwd::gateway
