// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <pwd.h>

#include "tests/control/config/expectation.h"

namespace vipfwd::config::testing {
namespace {

std::string text_with(const std::string& gateway) {
    return "[gateway]\nrandom_seed = true\n" + gateway + kPort + kGroup +
           "track = [{ script = ['/bin/true'] }, { process = 'haproxy' }]\n";
}

TEST(ScriptUser, IsTheUserOfAllScriptsAndOfNothingElse) {
    const passwd* nobody = getpwnam("nobody");
    ASSERT_NE(nobody, nullptr);
    const ScriptUser wanted{"nobody", nobody->pw_uid, nobody->pw_gid};
    const Config config = load_good(text_with("script_user = 'nobody'\n"));
    EXPECT_EQ(config.gateway.script_user, "nobody");
    EXPECT_EQ(config.groups[0].tracks[0].user, wanted);
    EXPECT_EQ(config.groups[0].tracks[1].user, std::nullopt);
}

TEST(ScriptUser, IsControlsOwnByDefault) {
    EXPECT_EQ(load_good(text_with("")).groups[0].tracks[0].user, std::nullopt);
}

TEST(ScriptUser, MustExist) {
    expect_errors({"",
                   text_with("script_user = @'nobody-of-that-name'\n"),
                   {"script_user 'nobody-of-that-name' is no user of this machine"}});
}

}  // namespace
}  // namespace vipfwd::config::testing
