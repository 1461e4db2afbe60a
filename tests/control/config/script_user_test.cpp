// SPDX-License-Identifier: Apache-2.0
#include "control/config/script_user.h"

#include <gtest/gtest.h>
#include <pwd.h>
#include <unistd.h>

#include <optional>
#include <string>
#include <vector>

#include "tests/control/config/expectation.h"

namespace vipfwd::config::testing {
namespace {

std::string text_with(const std::string& gateway) {
    return "[gateway]\nrandom_seed = true\n" + gateway + kPort + kGroup +
           "track = [{ script = ['/bin/true'] }, { process = 'haproxy' }]\n"
           "[[pool]]\nname = 'a'\ncheck = { type = 'script', command = ['/bin/true'] }\n"
           "[[pool]]\nname = 'b'\ncheck = { type = 'tcp', port = 80 }\n";
}

TEST(ScriptUser, IsTheUserOfAllScriptsAndOfNothingElse) {
    const passwd* nobody = getpwnam("nobody");
    ASSERT_NE(nobody, nullptr);
    const ScriptUser wanted{"nobody", nobody->pw_uid, nobody->pw_gid};
    const Config config = load_good(text_with("script_user = 'nobody'\n"));
    EXPECT_EQ(config.gateway.script_user, "nobody");
    EXPECT_EQ(config.groups[0].tracks[0].user, wanted);
    EXPECT_EQ(config.groups[0].tracks[1].user, std::nullopt);
    EXPECT_EQ(config.pools[0].check.run_as, wanted);
    EXPECT_EQ(config.pools[1].check.run_as, std::nullopt);
}

TEST(ScriptUser, RunsACommandBySetpriv) {
    using Words = std::vector<std::string>;
    const Words words = {"/bin/true", "-q"};
    EXPECT_EQ(as_user(std::nullopt, words), words);
    EXPECT_EQ(as_user(ScriptUser{"me", geteuid(), getegid()}, words), words);
    EXPECT_EQ(as_user(ScriptUser{"nobody", 65534, 65533}, words),
              (Words{"setpriv", "--reuid", "65534", "--regid", "65533", "--init-groups", "--",
                     "/bin/true", "-q"}));
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
