// SPDX-License-Identifier: Apache-2.0
#include "control/cli/indent_json.h"

#include <gtest/gtest.h>

#include "control/protocol/json.h"

namespace vipfwd::cli {
namespace {

TEST(IndentJson, AgreesWithTheLibrary) {
    for (const char* const text : {
             "null",
             "[]",
             "{}",
             R"([1,2.5,-3,true,null])",
             R"({"a":[{"b":{}},[],""],"c":"d"})",
             R"(["a,b:c{d}[e]","\"","\\","\\\"[","é€"])",
             R"([{"name":"web","rows":[{"x":1},{"x":2}]}])",
         }) {
        EXPECT_EQ(indent_json(text), Json::parse(text).dump(2)) << text;
    }
}

TEST(IndentJson, TakesAnything) {
    for (const char* const text : {"", "\"", "\"\\", "]]}}", "{", "[,", "{\"a\":"})
        EXPECT_GE(indent_json(text).size(), std::string_view(text).size());
}

}  // namespace
}  // namespace vipfwd::cli
