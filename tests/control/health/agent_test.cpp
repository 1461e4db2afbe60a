// SPDX-License-Identifier: Apache-2.0
#include "control/health/agent.h"

#include <gtest/gtest.h>

#include <string>

namespace vipfwd::health {
namespace {

// "drain 75", or the error.
std::string parse(std::string_view line) {
    const Result<AgentAnswer> answer = parse_agent_answer(line);
    if (!answer)
        return answer.error().message;
    return std::string(name(answer->state)) + " " + std::to_string(answer->percent);
}

TEST(AgentAnswer, APercentageIsOfTheWeight) {
    EXPECT_EQ(parse("75%"), "ready 75");
    EXPECT_EQ(parse("0%"), "ready 0");
    EXPECT_EQ(parse("250%"), "ready 100");
}

TEST(AgentAnswer, WordsAreStatesInAnyOrderAndCase) {
    EXPECT_EQ(parse("up"), "ready 100");
    EXPECT_EQ(parse("ready up 50%"), "ready 50");
    EXPECT_EQ(parse("\tDrain,30%  "), "drain 30");
    EXPECT_EQ(parse("maint drain"), "maint 100");
    EXPECT_EQ(parse("up maint stopped"), "down 100");
    EXPECT_EQ(parse("Down"), "down 100");
    EXPECT_EQ(parse("failed#disk is full, 20% left"), "down 100");
    EXPECT_EQ(parse("maxconn:30 40%"), "ready 40");
}

TEST(AgentAnswer, TheLineIsKeptForPeople) {
    EXPECT_EQ(parse_agent_answer("down # no\x01"
                                 "disk")
                  ->line,
              "down # no\\x01disk");
}

TEST(AgentAnswer, WhatIsNotUnderstoodIsQuoted) {
    EXPECT_EQ(parse("HTTP/1.1 400 Bad"),
              "the agent's answer is not understood: 'HTTP/1.1 400 Bad'");
    for (const char* const line : {"%", "-5%", "7 %", "99999999999%", "50"})
        EXPECT_NE(parse(line).find("is not understood"), std::string::npos) << line;
    EXPECT_EQ(parse(""), "the agent's answer is empty");
    EXPECT_EQ(parse(" , # down"), "the agent's answer is empty");
}

}  // namespace
}  // namespace vipfwd::health
