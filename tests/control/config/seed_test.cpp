// SPDX-License-Identifier: Apache-2.0
#include "control/config/seed.h"

#include <gtest/gtest.h>

#include "tests/control/config/expectation.h"
#include "tests/control/config/temporary_files.h"

namespace vipfwd::config::testing {
namespace {

using std::filesystem::perms;

class Seed : public TemporaryFiles {
  protected:
    LoadOutcome load_with(const std::string& seed_file) {
        return load(write("gw.toml", "[gateway]\nseed_file = '" + seed_file + "'\n" + kPort));
    }

    void expect_error(const std::string& seed_file, const std::string& fragment) {
        const LoadOutcome outcome = load_with(seed_file);
        EXPECT_FALSE(outcome.config.has_value());
        ASSERT_EQ(outcome.diagnostics.size(), 1u);
        EXPECT_EQ(outcome.diagnostics[0].where.line, 2u);
        EXPECT_EQ(outcome.diagnostics[0].where.column, 13u);
        EXPECT_NE(outcome.diagnostics[0].message.find(fragment), std::string::npos)
            << outcome.diagnostics[0].message;
    }
};

TEST_F(Seed, IsFoundByAPathRelativeToTheConfiguration) {
    write("seed", "0123456789abcdef");
    const LoadOutcome outcome = load_with("seed");
    ASSERT_TRUE(outcome.config.has_value());
    EXPECT_TRUE(outcome.diagnostics.empty());
    EXPECT_EQ(outcome.config->gateway.key, key_of_seed("0123456789abcdef"));
}

TEST_F(Seed, IsFoundByItsAbsolutePath) {
    const std::string path = write("seed", "0123456789abcdef");
    EXPECT_TRUE(load_with(path).config.has_value());
}

TEST_F(Seed, MustExist) {
    expect_error("none", "cannot open: No such file or directory");
}

TEST_F(Seed, MustBeAFile) {
    expect_error(".", "not a regular file");
}

TEST_F(Seed, MustNotBeShort) {
    write("seed", "0123456789abcde");
    expect_error("seed", "has 15 bytes; write at least 16 random ones");
}

TEST_F(Seed, MustNotBeHuge) {
    write("seed", std::string((1u << 20) + 1, 'x'));
    expect_error("seed", "larger than 1048576 bytes");
}

TEST_F(Seed, IsWarnedAboutIfOtherUsersMayReadIt) {
    for (const perms others : {perms::group_read, perms::others_read}) {
        std::filesystem::remove(path_of("seed"));
        std::filesystem::remove(path_of("gw.toml"));
        write("seed", "0123456789abcdef", perms::owner_read | others);
        const LoadOutcome outcome = load_with("seed");
        EXPECT_TRUE(outcome.config.has_value());
        ASSERT_EQ(outcome.diagnostics.size(), 1u);
        EXPECT_EQ(outcome.diagnostics[0].where.line, 2u);
        EXPECT_NE(outcome.diagnostics[0].message.find("chmod it to 0600"), std::string::npos);
    }
}

TEST_F(Seed, IsWhatGroupsNeed) {
    write("seed", "0123456789abcdef");
    const LoadOutcome outcome =
        load(write("gw.toml", "[gateway]\nseed_file = 'seed'\n" + kPort + kGroup));
    EXPECT_TRUE(outcome.diagnostics.empty());
}

TEST(SeedKey, IsTheSameEverywhere) {
    const abi::HashKey key = key_of_seed("0123456789abcdef");
    EXPECT_EQ(key, key_of_seed("0123456789abcdef"));
    EXPECT_NE(key.words[0], key.words[1]);
}

TEST(SeedKey, DependsOnEveryByte) {
    EXPECT_NE(key_of_seed("0123456789abcdef"), key_of_seed("0123456789abcdef\n"));
    EXPECT_NE(key_of_seed("0123456789abcdef"), key_of_seed("0123456789abcdeF"));
    EXPECT_NE(key_of_seed("0123456789abcdef"), kReplayKey);
}

}  // namespace
}  // namespace vipfwd::config::testing
