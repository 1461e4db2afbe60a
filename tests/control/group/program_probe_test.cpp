// SPDX-License-Identifier: Apache-2.0
#include "control/group/program_probe.h"

#include <gtest/gtest.h>

#include <unistd.h>

#include <filesystem>
#include <optional>
#include <string>

#include "tests/control/loop/deadline.h"
#include "tests/no_descriptors.h"
#include "tests/privilege.h"

namespace vipfwd::group {
namespace {

config::Track shell(const std::string& text) {
    config::Track track;
    track.script = {"/bin/sh", "-c", text};
    track.interval_ms = 10;
    track.timeout_ms = 5000;
    return track;
}

class ProgramProbeTest : public testing::Test {
  protected:
    // Probes until the verdict is `wanted`, however often it changes before.
    void run_until(Verdict wanted) {
        wanted_ = wanted;
        if (probe_->verdict() != wanted)
            loop_.run();
        EXPECT_EQ(probe_->verdict(), wanted);
    }
    void probe(const config::Track& track) { probe_.emplace(loop_, track, on_change_); }

    Loop loop_;
    test::Deadline deadline_{loop_};
    Verdict wanted_ = Verdict::kUnknown;
    std::function<void()> on_change_ = [this] {
        if (probe_->verdict() == wanted_)
            loop_.stop();
    };
    std::optional<ProgramProbe> probe_;
};

TEST_F(ProgramProbeTest, TheExitStatusOfAScriptDecides) {
    probe(shell("exit 0"));
    EXPECT_EQ(probe_->verdict(), Verdict::kUnknown) << "it has not run yet";
    run_until(Verdict::kGood);
    EXPECT_EQ(probe_->failure(), "");
    probe(shell("exit 3"));
    run_until(Verdict::kBad);
    EXPECT_EQ(probe_->failure(), "exit status 3");
}

TEST_F(ProgramProbeTest, ItIsRepeatedAndNoticesAChange) {
    const auto flag =
        std::filesystem::temp_directory_path() / ("vipfwd-probe-" + std::to_string(getpid()));
    std::filesystem::remove(flag);
    probe(shell("test ! -e " + flag.string() + " || exit 1; touch " + flag.string()));
    run_until(Verdict::kGood);
    run_until(Verdict::kBad);
    std::filesystem::remove(flag);
    run_until(Verdict::kGood);
    EXPECT_EQ(probe_->failure(), "");
    std::filesystem::remove(flag);
}

TEST_F(ProgramProbeTest, AScriptRunsAsItsUser) {
    VIPFWD_REQUIRE_ROOT();
    config::Track track = shell("test \"$(id -u) $(id -g) $(id -G)\" = '65534 65534 65534'");
    track.user = config::ScriptUser{"nobody", 65534, 65534};
    probe(track);
    run_until(Verdict::kGood);
    track.user.reset();
    EXPECT_FALSE(probe_->serves(track)) << "it is another program now";
    probe(track);
    run_until(Verdict::kBad);
}

TEST_F(ProgramProbeTest, AttemptsWithoutDescriptorsAreNoResults) {
    const config::Track track = shell("exit 0");
    probe(track);
    run_until(Verdict::kGood);
    {
        const test::NoDescriptors none;
        wanted_ = Verdict::kBad;
        Timer some_attempts(loop_, [this] { loop_.stop(); });
        some_attempts.fire_after(100);
        loop_.run();
        EXPECT_EQ(probe_->verdict(), Verdict::kGood);
    }
    probe(shell("exit 1"));
    run_until(Verdict::kBad);
}

TEST_F(ProgramProbeTest, AProcessIsLookedForByItsWholeName) {
    config::Track track = shell("");
    track.script = {};
    track.process = "group_test";  // this program
    probe(track);
    run_until(Verdict::kGood);
    track.process = "group_tes";
    probe(track);
    run_until(Verdict::kBad);
    track.process = "group.test";
    probe(track);
    run_until(Verdict::kBad);
}

TEST_F(ProgramProbeTest, ItServesTracksThatDifferInTheirWeightOnly) {
    config::Track track = shell("exit 0");
    probe(track);
    track.weight = -10;
    EXPECT_TRUE(probe_->serves(track));
    track.interval_ms = 20;
    EXPECT_FALSE(probe_->serves(track));
    EXPECT_FALSE(probe_->serves(shell("exit 1")));
}

}  // namespace
}  // namespace vipfwd::group
