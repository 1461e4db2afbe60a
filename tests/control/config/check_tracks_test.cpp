// SPDX-License-Identifier: Apache-2.0
// [[group.track]].
#include <gtest/gtest.h>

#include "tests/control/config/expectation.h"

namespace vipfwd::config::testing {
namespace {

class CheckTracks : public ::testing::TestWithParam<Expectation> {};

TEST_P(CheckTracks, Reports) {
    expect_errors(GetParam());
}

std::string tracks(const std::string& list) {
    return kPort + "\n[[port]]\nname='downlink'\ndevice='eth2'\ndriver='af_xdp'\n" + kGroup +
           "track = [" + list + "]\n";
}

INSTANTIATE_TEST_SUITE_P(
    Of, CheckTracks,
    ::testing::Values(
        Expectation{"Nothing", tracks("@{ weight = 1 }"), {"a track needs exactly one of"}},
        Expectation{"TwoThings",
                    tracks("@{ port = 'downlink', process = 'haproxy' }"),
                    {"a track needs exactly one of"}},
        Expectation{"AnUnknownKey",
                    tracks("{ process = 'haproxy', @wieght = 1 }"),
                    {"did you mean 'weight'?"}},
        Expectation{"AnUnknownPort",
                    tracks("{ port = @'downlnk' }"),
                    {"there is no port named 'downlnk'; did you mean 'downlink'?"}},
        Expectation{"TheGroupsOwnPort",
                    tracks("{ port = @'uplink' }"),
                    {"port 'uplink' is the group's own"}},
        Expectation{"APortWithAnInterval",
                    tracks("{ port = 'downlink', fall = 2, rise = @2 }"),
                    {"are for scripts and processes"}},
        Expectation{"AnUnknownPool",
                    tracks("{ pool = @'wbe' }") + kPool,
                    {"there is no pool named 'wbe'; did you mean 'web'?"}},
        Expectation{"APoolWithAnInterval",
                    tracks("{ pool = 'web', interval_ms = @20 }") + kPool,
                    {"a pool is not polled"}},
        Expectation{"AScriptWithoutAnAbsolutePath",
                    tracks("{ script = @['check'] }"),
                    {"a script is a list of a program's absolute path"}},
        Expectation{"AnEmptyScript",
                    tracks("{ script = @[] }"),
                    {"a script is a list of a program's absolute path"}},
        Expectation{"AScriptThatIsText",
                    tracks("{ script = @'/bin/true' }"),
                    {"'script' in [[group.track]]: found a string, wanted a list"}},
        Expectation{"AnArgumentWithNul",
                    tracks("{ script = ['/bin/true', @\"a\\u0000\"] }"),
                    {"write it without NUL"}},
        Expectation{"AProcessOfALongName",
                    tracks("{ process = @'vipfwd-dataplane' }"),
                    {"write the first 15 characters"}},
        Expectation{
            "AProcessWithoutAName", tracks("{ process = @'' }"), {"is not the name of a process"}},
        Expectation{"TooMuchWeight",
                    tracks("{ process = 'haproxy', weight = @-254 }"),
                    {"use -253 to 253"}},
        Expectation{"OneThingTwice",
                    tracks("{ process = 'haproxy' }, @{ process = 'haproxy', weight = 3 }"),
                    {"'process haproxy' is tracked twice, first in line 17"}}),
    sentence);

TEST(CheckTracksWarnings, SayThatAScriptDoesNotExist) {
    expect_warnings({"",
                     tracks("{ script = @['/nonexistent/check'] }"),
                     {"'/nonexistent/check' cannot be executed"}});
}

TEST(CheckTracksWarnings, SayThatNothingChecksAPool) {
    expect_warnings(
        {"", tracks("{ pool = @'web' }") + kPool + kService, {"pool 'web' has no check"}});
}

TEST(SyncSet, WarnsAboutASetOfOneGroup) {
    expect_warnings(
        {"", kPort + kGroup + "sync_set = @'all'\n", {"no other group is in sync_set 'all'"}});
}

TEST(SyncSet, IsRead) {
    const std::string other =
        "[[group]]\nname='b'\nport='uplink'\nid=52\nvips=['10.0.0.101']\nsync_set='all'\n";
    const Config config = load_good(kPort + kGroup + "sync_set = 'all'\n" + other);
    EXPECT_EQ(config.groups[0].sync_set, "all");
    EXPECT_EQ(config.groups[1].sync_set, "all");
}

TEST(ParseTracks, AreRead) {
    const Config config = load_good(
        tracks("{ port = 'downlink' }, { process = 'haproxy', weight = -30 }, "
               "{ script = ['/bin/true', '-q'], weight = 20, interval_ms = 500, timeout_ms = 200, "
               "rise = 2, fall = 3 }, { pool = 'web', weight = -5 }") +
        "[[pool]]\nname='web'\ncheck={type='tcp', port=1}\n");
    const std::vector<Track>& tracks = config.groups.front().tracks;
    ASSERT_EQ(tracks.size(), 4u);
    EXPECT_EQ(tracks[0], (Track{.port = "downlink", .script = {}, .process = ""}));
    EXPECT_EQ(tracks[1], (Track{.port = "", .script = {}, .process = "haproxy", .weight = -30}));
    EXPECT_EQ(tracks[2], (Track{.port = "",
                                .script = {"/bin/true", "-q"},
                                .process = "",
                                .weight = 20,
                                .interval_ms = 500,
                                .timeout_ms = 200,
                                .rise = 2,
                                .fall = 3}));
    EXPECT_EQ(to_string(tracks[0]), "port downlink");
    EXPECT_EQ(to_string(tracks[1]), "process haproxy");
    EXPECT_EQ(to_string(tracks[2]), "script /bin/true -q");
    EXPECT_EQ(tracks[3].pool, "web");
    EXPECT_EQ(tracks[3].weight, -5);
    EXPECT_EQ(to_string(tracks[3]), "pool web");
}

}  // namespace
}  // namespace vipfwd::config::testing
