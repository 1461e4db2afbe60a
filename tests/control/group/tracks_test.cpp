// SPDX-License-Identifier: Apache-2.0
#include "control/group/tracks.h"

#include <gtest/gtest.h>

#include "tests/control/loop/deadline.h"

namespace vipfwd::group {
namespace {

config::Track script(const std::string& text, std::int32_t weight = 0) {
    return {.port = "",
            .script = {"/bin/sh", "-c", text},
            .process = "",
            .weight = weight,
            .interval_ms = 10,
            .timeout_ms = 5000,
            .rise = 1,
            .fall = 1};
}

config::Track process(const std::string& name) {
    config::Track track = script("");
    track.script = {};
    track.process = name;
    return track;
}

config::Track port(const std::string& name) {
    return {.port = name, .script = {}, .process = "", .weight = -10};
}

class TracksTest : public testing::Test {
  protected:
    TracksTest()
        : tracks_(loop_, [this] {
              if (settled())
                  loop_.stop();
          }) {}

    void configure(const std::vector<config::Track>& tracks) {
        config_.ports.resize(1);
        config_.ports.front().name = "uplink";
        config_.groups.resize(1);
        config_.groups.front().port = "uplink";
        config_.groups.front().tracks = tracks;
        tracks_.configure(config_);
    }
    std::vector<TrackState> states() const {
        const auto link = [this](const std::string& name) {
            return name == "downlink" ? downlink_ : Verdict::kGood;
        };
        const auto pool_health = [](const std::string& name) {
            return name == "web" ? PoolHealth{Verdict::kBad, "none is up"} : PoolHealth();
        };
        return tracks_.states_of(config_.groups.front(), {.link = link, .pool = pool_health});
    }
    // The verdict of each track: "good bad unknown".
    std::string verdicts() const {
        std::string all;
        for (const TrackState& one : states())
            all += (all.empty() ? "" : " ") + std::string(name(one.verdict));
        return all;
    }
    // Runs until the verdicts are as wanted.
    void await(const std::string& wanted) {
        wanted_ = wanted;
        if (!settled())
            loop_.run();
        EXPECT_EQ(verdicts(), wanted);
    }
    bool settled() const { return verdicts() == wanted_; }

    Loop loop_;
    test::Deadline deadline_{loop_};
    config::Config config_;
    Verdict downlink_ = Verdict::kGood;
    std::string wanted_;
    Tracks tracks_;
};

TEST_F(TracksTest, VerdictsAreUnknownAtFirst) {
    configure({script("exit 0"), script("exit 1")});
    EXPECT_EQ(verdicts(), "unknown unknown");
    await("good bad");
    EXPECT_EQ(states()[1].failure, "exit status 1");
    EXPECT_EQ(states()[1].what, "script /bin/sh -c exit 1");
}

TEST_F(TracksTest, AScriptIsRepeated) {
    char directory[] = "/tmp/vipfwd-tracks-XXXXXX";
    ASSERT_NE(mkdtemp(directory), nullptr);
    const std::string mark = std::string(directory) + "/mark";
    configure({script("test ! -e " + mark)});
    await("good");
    std::fclose(std::fopen(mark.c_str(), "w"));
    await("bad");
    std::remove(mark.c_str());
    await("good");
    EXPECT_EQ(states()[0].failure, "");
    rmdir(directory);
}

TEST_F(TracksTest, AProcessIsKnownByItsExactName) {
    // This program's: "group_test", or with a sanitizer the same.
    const std::string own = std::string(program_invocation_short_name).substr(0, 15);
    configure({process(own), process(own.substr(0, own.size() - 1)), process("group.test")});
    await("good bad bad");
}

TEST_F(TracksTest, ATrackedPortHasTheVerdictOfItsLink) {
    configure({port("downlink"), port("other")});
    EXPECT_EQ(verdicts(), "good good");
    downlink_ = Verdict::kBad;
    EXPECT_EQ(verdicts(), "bad good");
    EXPECT_EQ(states()[0].failure, "its link is down");
    EXPECT_EQ(states()[0].what, "port downlink");
}

TEST_F(TracksTest, ATrackedPoolHasTheVerdictOfItsBackends) {
    configure({{.port = "", .script = {}, .process = "", .pool = "web", .weight = -10},
               {.port = "", .script = {}, .process = "", .pool = "new"}});
    EXPECT_EQ(verdicts(), "bad unknown");
    EXPECT_EQ(states()[0].what, "pool web");
    EXPECT_EQ(states()[0].failure, "none is up");
    EXPECT_EQ(states()[0].contribution(), -10);
}

TEST_F(TracksTest, AProbeThatIsStillWantedKeepsItsVerdict) {
    configure({script("exit 0"), script("exit 1")});
    await("good bad");
    configure({script("exit 1", -20), script("exit 2")});
    EXPECT_EQ(verdicts(), "bad unknown") << "another weight does not restart the script";
    EXPECT_EQ(states()[0].contribution(), -20);
    await("bad bad");
}

TEST_F(TracksTest, AGroupWithoutAnElectionStartsNoProbe) {
    configure({script("exit 0")});
    config_.ports.front().driver = abi::Driver::kPcap;
    tracks_.configure(config_);
    Timer later(loop_, [this] { loop_.stop(); });
    later.fire_after(100);
    loop_.run();
    EXPECT_EQ(verdicts(), "unknown");
}

TEST(TrackState, TheSignOfAWeightDecidesWhenItCounts) {
    const auto contribution = [](std::int32_t weight, Verdict verdict) {
        return TrackState{.what = "", .failure = "", .weight = weight, .verdict = verdict}
            .contribution();
    };
    EXPECT_EQ(contribution(-30, Verdict::kBad), -30);
    EXPECT_EQ(contribution(-30, Verdict::kGood), 0);
    EXPECT_EQ(contribution(30, Verdict::kGood), 30);
    EXPECT_EQ(contribution(30, Verdict::kBad), 0);
    EXPECT_EQ(contribution(30, Verdict::kUnknown), 0);
    EXPECT_EQ(contribution(-30, Verdict::kUnknown), 0);
}

}  // namespace
}  // namespace vipfwd::group
