// SPDX-License-Identifier: Apache-2.0
#include "control/protocol/commands.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace vipfwd::protocol {
namespace {

TEST(Commands, AreFoundByTheirName) {
    for (const CommandInfo& info : kCommands)
        EXPECT_EQ(find_command(info.name), info.command) << info.name;
    EXPECT_EQ(find_command("show"), std::nullopt);
    EXPECT_EQ(find_command(""), std::nullopt);
}

TEST(Commands, HaveAFamilyIfTheyHaveTwoWords) {
    EXPECT_EQ(family_of(info_of(Command::kShowStatus)), "show");
    EXPECT_EQ(word_of(info_of(Command::kShowStatus)), "status");
    EXPECT_EQ(family_of(info_of(Command::kLookup)), "");
    EXPECT_EQ(word_of(info_of(Command::kLookup)), "lookup");
    EXPECT_EQ(family_help("nothing"), "");
}

TEST(Commands, AllHaveHelp) {
    for (const CommandInfo& info : kCommands)
        EXPECT_FALSE(info.help.empty()) << info.name;
}

TEST(Commands, DoNotTakeAParameterTwice) {
    for (const CommandInfo& info : kCommands) {
        std::set<std::string_view> names;
        for (const Parameter& parameter : info.parameters)
            EXPECT_TRUE(names.insert(parameter.name).second) << info.name << parameter.name;
    }
}

TEST(Commands, TakeFlagsAsOptionsOnly) {
    for (const CommandInfo& info : kCommands) {
        for (const Parameter& parameter : info.parameters) {
            const bool is_option = parameter.usage.starts_with("-") && !parameter.required;
            EXPECT_TRUE(is_option || parameter.type != Parameter::Type::kFlag) << info.name;
        }
    }
}

}  // namespace
}  // namespace vipfwd::protocol
