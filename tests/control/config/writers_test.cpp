// SPDX-License-Identifier: Apache-2.0
#include "control/config/writers.h"

#include <sys/stat.h>
#include <unistd.h>

#include <array>

#include "control/config/load.h"
#include "tests/control/config/expectation.h"
#include "tests/control/config/temporary_files.h"
#include "tests/privilege.h"

namespace vipfwd::config::testing {
namespace {

namespace fs = std::filesystem;

constexpr uid_t kOther = 65534;

class WritersTest : public TemporaryFiles {
  protected:
    // A file two directories below the test's own.
    WritersTest() {
        fs::create_directories(directory_ / "a/b");
        write("a/b/file", "", fs::perms::owner_all);
    }
    std::string fault(const std::string& name = "a/b/file") {
        const std::array owners = {geteuid()};
        return other_writer(path_of(name), owners).value_or("");
    }
    void set_mode(const std::string& name, mode_t mode) {
        ASSERT_EQ(chmod(path_of(name).c_str(), mode), 0);
    }
    void give_away(const std::string& name) {
        ASSERT_EQ(lchown(path_of(name).c_str(), kOther, kOther), 0);
    }
    std::string writable(const std::string& name, const std::string& mode) {
        return "others may write to '" + path_of(name) + "' (mode " + mode + "); chmod go-w it";
    }
    std::string foreign(const std::string& name) {
        return "'" + path_of(name) + "' belongs to user 65534, who may change it; chown it to root";
    }
    std::vector<std::string> messages(const LoadOutcome& outcome) {
        std::vector<std::string> all;
        for (const Diagnostic& diagnostic : outcome.diagnostics)
            all.push_back(to_string(diagnostic, "f"));
        return all;
    }
};

TEST_F(WritersTest, AFileOfItsOwnerIsFine) {
    EXPECT_EQ(fault(), "");
    set_mode("a/b/file", 0755);
    EXPECT_EQ(fault(), "");
}

TEST_F(WritersTest, AFileThatAGroupOrEverybodyMayWriteToIsNot) {
    set_mode("a/b/file", 0664);
    EXPECT_EQ(fault(), writable("a/b/file", "0664"));
    set_mode("a/b/file", 0602);
    EXPECT_EQ(fault(), writable("a/b/file", "0602"));
}

TEST_F(WritersTest, EveryDirectoryOnTheWayCounts) {
    for (const char* directory : {"a", "a/b"}) {
        set_mode(directory, 0775);
        EXPECT_EQ(fault(), writable(directory, "0775"));
        set_mode(directory, 0755);
    }
    EXPECT_EQ(fault("a/b/../b/./file"), "");
    set_mode("a/b", 0777);
    EXPECT_EQ(fault("a/b/../b/../../a/b/file"), writable("a/b", "0777"));
}

TEST_F(WritersTest, TheStickyBitProtectsWhatIsThere) {
    set_mode("a/b", 01777);
    EXPECT_EQ(fault(), "");
    EXPECT_EQ(fault("a/b/none"),
              "it does not exist, and others may create it in '" + path_of("a/b") + "'");
}

TEST_F(WritersTest, AMissingFileIsFineWhereOthersCannotCreateIt) {
    EXPECT_EQ(fault("a/b/none"), "");
    EXPECT_EQ(fault("a/none/none"), "");
}

TEST_F(WritersTest, ThingsOfAnotherUserAreNot) {
    VIPFWD_REQUIRE_ROOT();
    give_away("a/b/file");
    EXPECT_EQ(fault(), foreign("a/b/file"));
    const std::array owners = {geteuid(), kOther};
    EXPECT_EQ(other_writer(path_of("a/b/file"), owners), std::nullopt) << "unless he is an owner";
    give_away("a");
    EXPECT_EQ(fault(), foreign("a"));
}

TEST_F(WritersTest, ALinkCountsAndSoDoesTheWayToItsTarget) {
    fs::create_symlink("a/b/file", path_of("link"));
    fs::create_symlink(path_of("a"), path_of("a/b/up"));
    EXPECT_EQ(fault("link"), "");
    EXPECT_EQ(fault("a/b/up/b/file"), "");
    set_mode("a", 0777);
    EXPECT_EQ(fault("link"), writable("a", "0777"));
    set_mode("a", 0755);
    fs::create_symlink("loop", path_of("loop"));
    EXPECT_EQ(fault("loop"), "") << "no file can be read there";
}

TEST_F(WritersTest, ALinkOfAnotherUserIsNotFine) {
    VIPFWD_REQUIRE_ROOT();
    fs::create_symlink("a/b/file", path_of("link"));
    give_away("link");
    EXPECT_EQ(fault("link"), foreign("link"));
}

TEST_F(WritersTest, AConfigurationThatOthersMayWriteToIsRefused) {
    const std::string path = write("gw.toml", kPort + kPool + kService, fs::perms::owner_all);
    EXPECT_TRUE(load(path).config);
    set_mode("gw.toml", 0666);
    const LoadOutcome refused = load(path);
    EXPECT_FALSE(refused.config);
    EXPECT_EQ(messages(refused), std::vector<std::string>{"f: error: this configuration is not "
                                                          "used: " +
                                                          writable("gw.toml", "0666")});
    EXPECT_TRUE(load(path, Writers::kAny).config);
}

TEST_F(WritersTest, SoAreScriptsAndSecrets) {
    write("seed", "0123456789abcdef");
    const std::string path =
        write("gw.toml", "[gateway]\nseed_file = 'seed'\n" + kPort + kGroup +
                             "track = [{ script = ['" + path_of("a/b/file") + "'] }]\n");
    EXPECT_TRUE(load(path).config);
    const std::string checks = write(
        "checks.toml", kPort + "[[pool]]\nname = 'x'\ncheck = { type = 'script', command = ['" +
                           path_of("a/b/file") +
                           "'] }\n[[pool]]\nname = 'y'\ncheck = { "
                           "type = 'mysql', port = 1, user = 'u', password_file = 'seed' }\n");
    EXPECT_TRUE(load(checks).config);
    set_mode("a", 0777);
    set_mode("seed", 0620);
    EXPECT_FALSE(load(checks).config);
    const LoadOutcome refused = load(path);
    EXPECT_FALSE(refused.config);
    EXPECT_EQ(messages(refused),
              (std::vector<std::string>{
                  "f:2:13: error: seed_file is not used: " + writable("seed", "0620"),
                  "f:14:21: error: script '" + path_of("a/b/file") +
                      "' is not run: " + writable("a", "0777")}));
}

TEST_F(WritersTest, AScriptMayBelongToTheUserAsWhomItRuns) {
    VIPFWD_REQUIRE_ROOT();
    give_away("a/b/file");
    const auto load_as = [this](const std::string& user) {
        fs::remove(path_of("gw.toml"));
        return load(write("gw.toml", "[gateway]\nrandom_seed = true\n" + user + kPort + kGroup +
                                         "track = [{ script = ['" + path_of("a/b/file") +
                                         "'] }]\n"));
    };
    EXPECT_TRUE(load_as("script_user = 'nobody'\n").config);
    EXPECT_FALSE(load_as("").config);
}

}  // namespace
}  // namespace vipfwd::config::testing
