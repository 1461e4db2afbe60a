// SPDX-License-Identifier: Apache-2.0
#include "control/health/answer_search.h"

#include <gtest/gtest.h>

#include <string>

namespace vipfwd::health {
namespace {

TEST(AnswerSearch, FindsTheTextWhereverThePiecesEnd) {
    const std::string answer = "a long answer that ends with +PONG";
    for (std::size_t bytes = 1; bytes <= answer.size(); ++bytes) {
        AnswerSearch search("+PONG");
        for (std::size_t at = 0; at < answer.size(); at += bytes) {
            EXPECT_FALSE(search.found());
            search.add(std::string_view(answer).substr(at, bytes));
        }
        EXPECT_TRUE(search.found()) << bytes << " bytes a piece";
        EXPECT_EQ(search.beginning(), answer);
    }
}

TEST(AnswerSearch, FindsATextOfOneByte) {
    AnswerSearch search("x");
    search.add("abc");
    EXPECT_FALSE(search.found());
    search.add("axc");
    EXPECT_TRUE(search.found());
}

TEST(AnswerSearch, FindsWhatBeginsAgainInsideItself) {
    AnswerSearch search("aab");
    search.add("a");
    search.add("a");
    search.add("a");
    EXPECT_FALSE(search.found());
    search.add("b");
    EXPECT_TRUE(search.found());
}

TEST(AnswerSearch, LooksAtTheFirst64KiBOnly) {
    AnswerSearch search("OK");
    search.add(std::string(AnswerSearch::kMaxBytes - 1, 'x'));
    EXPECT_FALSE(search.is_full());
    search.add("OK");
    EXPECT_TRUE(search.is_full());
    EXPECT_FALSE(search.found());
    search.add("OK");
    EXPECT_FALSE(search.found());
    EXPECT_EQ(search.beginning(), std::string(100, 'x'));
}

TEST(AnswerSearch, KnowsWhetherAnythingHasCome) {
    AnswerSearch search("OK");
    EXPECT_TRUE(search.is_empty());
    search.add("x");
    EXPECT_FALSE(search.is_empty());
}

}  // namespace
}  // namespace vipfwd::health
