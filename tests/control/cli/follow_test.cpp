// SPDX-License-Identifier: Apache-2.0
#include "control/cli/follow.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <ctime>
#include <deque>
#include <string>
#include <vector>

namespace vipfwd::cli {
namespace {

using protocol::Response;

Json event(std::uint64_t id, const std::string& name = "web/be1") {
    return {{"id", id},
            {"time_ms", std::uint64_t{1'764'590'400'250}},
            {"object", "backend"},
            {"name", name},
            {"change", "down"},
            {"cause", "connection refused"}};
}

TEST(EventLines, AreSentencesOrJson) {
    setenv("TZ", "UTC0", 1);
    tzset();
    EXPECT_EQ(event_lines(Json::array({event(1)}), false),
              "2025-12-01 12:00:00.250  backend web/be1: down: connection refused\n");
    Json bare = event(2, "");
    bare["cause"] = "";
    EXPECT_EQ(event_lines(Json::array({bare}), false), "2025-12-01 12:00:00.250  backend: down\n");
    EXPECT_EQ(event_lines(Json::array({event(3)}), true), event(3).dump() + "\n");
    EXPECT_EQ(event_lines(Json::array({event(4, "\x1b[2J")}), false),
              "2025-12-01 12:00:00.250  backend ?[2J: down: connection refused\n");
}

class FollowTest : public ::testing::Test {
  protected:
    // Until the answers are used up.
    Result<void> follow(std::deque<Result<Response>> answers) {
        return follow_events(
            {.ask =
                 [&](std::uint64_t after) {
                     asked_.push_back(after);
                     Result<Response> answer = std::move(answers.front());
                     answers.pop_front();
                     return answer;
                 },
             .print =
                 [&](const std::string&) {
                     ++printed_;
                     return !answers.empty();
                 },
             .complain = [&](const std::string& problem) { problems_.push_back(problem); }},
            false, std::chrono::milliseconds(0));
    }

    std::vector<std::uint64_t> asked_;
    int printed_ = 0;
    std::vector<std::string> problems_;
};

TEST_F(FollowTest, TheNextQuestionIsForWhatCameAfter) {
    ASSERT_TRUE(
        follow({Response::accept(Json::array({event(5), event(7)})),
                Response::accept(Json::array()), Response::accept(Json::array({event(8)}))}));
    EXPECT_EQ(asked_, (std::vector<std::uint64_t>{0, 7, 7}));
    EXPECT_EQ(printed_, 2);
}

TEST_F(FollowTest, ARestartOfControlIsComplainedOfOnce) {
    ASSERT_TRUE(follow({Response::accept(Json::array({event(5)})), Error{"not reachable"},
                        Error{"not reachable"}, Response::accept(Json::array({event(6)}))}));
    EXPECT_EQ(asked_.back(), 5u);
    EXPECT_EQ(problems_, std::vector<std::string>{"not reachable"});
}

TEST_F(FollowTest, AQuestionThatIsRejectedIsTheEnd) {
    const Result<void> followed = follow({Response::reject("object 'x'")});
    ASSERT_FALSE(followed);
    EXPECT_EQ(followed.error().message, "object 'x'");
}

}  // namespace
}  // namespace vipfwd::cli
