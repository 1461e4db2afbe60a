// SPDX-License-Identifier: Apache-2.0
#include "control/config/auth_key.h"

#include <gtest/gtest.h>

#include <cstring>

#include "tests/control/config/expectation.h"
#include "tests/control/config/temporary_files.h"

namespace vipfwd::config::testing {
namespace {

using std::filesystem::perms;

const std::string kPeers = "peers = ['10.0.0.2']\n";

class AuthKey : public TemporaryFiles {
  protected:
    AuthKey() { write("seed", "0123456789abcdef"); }

    LoadOutcome load_with(const std::string& of_the_group) {
        std::filesystem::remove(path_of("gw.toml"));
        return load(
            write("gw.toml", "[gateway]\nseed_file = 'seed'\n" + kPort + kGroup + of_the_group));
    }
    void expect_error(const std::string& of_the_group, const std::string& fragment) {
        const LoadOutcome outcome = load_with(of_the_group);
        EXPECT_FALSE(outcome.config.has_value());
        ASSERT_EQ(outcome.diagnostics.size(), 1u);
        EXPECT_TRUE(outcome.diagnostics[0].where.is_set());
        EXPECT_NE(outcome.diagnostics[0].message.find(fragment), std::string::npos)
            << outcome.diagnostics[0].message;
    }
};

TEST_F(AuthKey, IsReadFromTheFile) {
    write("key", "0123456789abcdef\n");
    const LoadOutcome outcome = load_with(kPeers + "auth_key_file = 'key'\n");
    ASSERT_TRUE(outcome.config.has_value());
    EXPECT_TRUE(outcome.diagnostics.empty());
    abi::HmacKey expected;
    std::memcpy(expected.block.data(), "0123456789abcdef\n", 17);
    EXPECT_EQ(outcome.config->groups[0].auth_key, expected);
    EXPECT_TRUE(outcome.config->groups[0].auth_required);
}

TEST_F(AuthKey, IsNotSetForAGroupThatNamesNoFile) {
    const LoadOutcome outcome = load_with(kPeers);
    ASSERT_TRUE(outcome.config.has_value());
    EXPECT_FALSE(outcome.config->groups[0].auth_key);
}

TEST_F(AuthKey, MustExist) {
    expect_error(kPeers + "auth_key_file = 'none'\n", "cannot open: No such file or directory");
}

TEST_F(AuthKey, MustNotBeShort) {
    write("key", "0123456789abcde");
    expect_error(kPeers + "auth_key_file = 'key'\n",
                 "auth_key_file '" + path_of("key") + "' has 15 bytes; write at least 16");
}

TEST_F(AuthKey, IsWarnedAboutIfOtherUsersMayReadIt) {
    write("key", "0123456789abcdef", perms::owner_read | perms::group_read);
    const LoadOutcome outcome = load_with(kPeers + "auth_key_file = 'key'\n");
    EXPECT_TRUE(outcome.config.has_value());
    ASSERT_EQ(outcome.diagnostics.size(), 1u);
    EXPECT_NE(outcome.diagnostics[0].message.find("chmod it to 0600"), std::string::npos);
}

TEST_F(AuthKey, NeedsPeers) {
    write("key", "0123456789abcdef");
    expect_error("auth_key_file = 'key'\n", "auth_key_file needs 'peers'");
    expect_error("peers = []\nauth_key_file = 'key'\n", "auth_key_file needs 'peers'");
    expect_error("peers = ['10.0.0']\nauth_key_file = 'key'\n", "10.0.0");
}

TEST_F(AuthKey, NeedsVersion3) {
    write("key", "0123456789abcdef");
    expect_error(kPeers + "version = 2\nauth_key_file = 'key'\n",
                 "auth_key_file needs version = 3");
}

TEST_F(AuthKey, MayHaveASecondKeyBesideIt) {
    write("key", "0123456789abcdef");
    write("next", "fedcba9876543210");
    const std::string keys = kPeers + "auth_key_file = 'key'\nauth_second_key_file = 'next'\n";
    const LoadOutcome outcome = load_with(keys);
    ASSERT_TRUE(outcome.config.has_value());
    const Group& group = outcome.config->groups[0];
    EXPECT_EQ(group.auth_key->block[0], '0');
    EXPECT_EQ(group.auth_second_key->block[0], 'f');
    std::filesystem::remove(path_of("next"));
    expect_error(keys, "auth_second_key_file '" + path_of("next") + "': cannot open");
    expect_error(kPeers + "auth_second_key_file = 'key'\n", "give it an 'auth_key_file'");
}

TEST_F(AuthKey, MayBeUsedBeforeItIsRequired) {
    write("key", "0123456789abcdef");
    const LoadOutcome outcome =
        load_with(kPeers + "auth_key_file = 'key'\nauth_required = false\n");
    ASSERT_TRUE(outcome.config.has_value());
    EXPECT_FALSE(outcome.config->groups[0].auth_required);
    ASSERT_EQ(outcome.diagnostics.size(), 1u);
    EXPECT_NE(outcome.diagnostics[0].message.find("accepts adverts from any sender"),
              std::string::npos);
    expect_error(kPeers + "auth_required = true\n", "give it an 'auth_key_file'");
}

}  // namespace
}  // namespace vipfwd::config::testing
