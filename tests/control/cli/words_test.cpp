// SPDX-License-Identifier: Apache-2.0
#include "control/cli/words.h"

#include <gtest/gtest.h>

#include <vector>

#include "control/protocol/commands.h"

namespace vipfwd::cli {
namespace {

std::string explained(const std::vector<std::string_view>& words) {
    return explain_words(words);
}

TEST(ExplainWords, NamesTheFirstUnknownWordWithASuggestion) {
    EXPECT_EQ(explained({"shwo", "status"}), "there is no command 'shwo'; did you mean 'show'?");
    EXPECT_EQ(explained({"drain", "be1"}),
              "there is no command 'drain'; use show, lookup, config, group, backend");
    EXPECT_EQ(explained({"show", "backend"}),
              "show: there is no command 'backend'; did you mean 'backends'?");
    EXPECT_EQ(explained({"config", "x"}), "config: there is no command 'x'; use check, apply");
}

TEST(ExplainWords, ListsWhatMayFollow) {
    EXPECT_EQ(explained({}), "name a command: show, lookup, config, group, backend");
    EXPECT_EQ(explained({"group"}), "group: name a command: handover, priority, disable, enable");
}

TEST(ExplainWords, SaysNothingOfCommands) {
    for (const protocol::CommandInfo& info : protocol::kCommands) {
        std::vector<std::string_view> words = {protocol::word_of(info)};
        if (const std::string_view family = protocol::family_of(info); !family.empty())
            words.insert(words.begin(), family);
        EXPECT_EQ(explained(words), "") << info.name;
    }
}

}  // namespace
}  // namespace vipfwd::cli
