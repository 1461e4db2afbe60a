// SPDX-License-Identifier: Apache-2.0
#include "dataplane/host/cpus.h"

#include <gtest/gtest.h>

#include "dataplane/abi/boot.h"

namespace vipfwd::host {
namespace {

using abi::kAnyLcore;

LcorePlan choose(const std::vector<std::uint32_t>& wanted, const Cpus& allowed) {
    const Result<LcorePlan> plan = choose_lcores(wanted, {.present = allowed, .allowed = allowed});
    EXPECT_TRUE(plan) << plan.error().message;
    return plan ? *plan : LcorePlan{};
}

TEST(Cpus, TheFirstCpuIsLeftToTheMainThread) {
    const LcorePlan plan = choose({kAnyLcore}, {0, 1});
    EXPECT_EQ(plan.workers, Cpus({1}));
    EXPECT_EQ(plan.main, Cpus({0}));
    EXPECT_EQ(lcores_argument(plan), "0@(0),1@1");
}

TEST(Cpus, WorkersGetDifferentCpusAsLongAsThereAreAny) {
    const LcorePlan plan = choose({kAnyLcore, kAnyLcore, kAnyLcore}, {0, 2, 3, 5});
    EXPECT_EQ(plan.workers, Cpus({2, 3, 5}));
    EXPECT_EQ(plan.main, Cpus({0}));
}

TEST(Cpus, MoreWorkersThanCpusShareThemWithEachOtherAndTheMainThread) {
    const LcorePlan plan = choose({kAnyLcore, kAnyLcore, kAnyLcore}, {0, 1});
    EXPECT_EQ(plan.workers, Cpus({1, 0, 1}));
    EXPECT_EQ(plan.main, Cpus({0, 1}));
    EXPECT_EQ(lcores_argument(plan), "0@(0-1),1@1,2@0,3@1");
}

TEST(Cpus, OneCpuIsEnough) {
    const LcorePlan plan = choose({kAnyLcore}, {7});
    EXPECT_EQ(plan.workers, Cpus({7}));
    EXPECT_EQ(plan.main, Cpus({7}));
}

TEST(Cpus, AWorkerGetsTheCpuThatItsConfigurationNames) {
    const LcorePlan plan = choose({0, kAnyLcore}, {0, 1, 2});
    EXPECT_EQ(plan.workers, Cpus({0, 2}));
    EXPECT_EQ(plan.main, Cpus({1}));
}

TEST(Cpus, ACpuThatDoesNotExistIsAnError) {
    const std::vector<std::uint32_t> wanted{99};
    const Result<LcorePlan> plan = choose_lcores(wanted, {.present = {0, 1}, .allowed = {0, 1}});
    ASSERT_FALSE(plan);
    EXPECT_EQ(plan.error().message, "lcore 99: this machine has CPUs 0-1");
}

TEST(Cpus, ACpuThatThisProcessMayNotUseIsAnError) {
    const std::vector<std::uint32_t> wanted{3};
    const Result<LcorePlan> plan =
        choose_lcores(wanted, {.present = {0, 1, 2, 3}, .allowed = {0, 2}});
    ASSERT_FALSE(plan);
    EXPECT_EQ(plan.error().message, "lcore 3: this process may run on CPUs 0,2 only");
}

TEST(Cpus, CpusAreWrittenAsRanges) {
    EXPECT_EQ(to_string(Cpus({0, 1, 2, 5, 7, 8})), "0-2,5,7-8");
    EXPECT_EQ(to_string(Cpus({})), "");
}

TEST(Cpus, ThisProcessMayRunOnSomeCpu) {
    const CpuSets cpus = find_cpus();
    EXPECT_FALSE(cpus.allowed.empty());
    EXPECT_FALSE(cpus.present.empty());
}

}  // namespace
}  // namespace vipfwd::host
