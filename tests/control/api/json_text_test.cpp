// SPDX-License-Identifier: Apache-2.0
#include "control/api/json_text.h"

#include <gtest/gtest.h>

#include <cstdint>

#include "control/protocol/json.h"

namespace vipfwd::api {
namespace {

// The text of one value, and that of the same Json value.
template <typename Value>
void expect_same(const Value& value) {
    JsonText text;
    text.value(value);
    EXPECT_EQ(std::move(text).take(),
              Json(value).dump(-1, ' ', false, Json::error_handler_t::replace));
}

TEST(JsonText, ValuesAreThoseOfJson) {
    for (const char* text :
         {"", "web", "a\"b", "back\\slash", "tab\t", "\x01", "\x7f", "\xc3\xa4", "bad \xff", "[{:"})
        expect_same(text);
    for (const double number : {0.0, 1.0, 0.5, 1.0 / 3, 1e-9, 0.015380624685291056})
        expect_same(number);
    expect_same(std::uint16_t{0});
    expect_same(UINT32_MAX);
    expect_same(UINT64_MAX);
    expect_same(true);
    expect_same(false);
    expect_same(nullptr);
}

TEST(JsonText, ObjectsAndListsAreNested) {
    JsonText text;
    text.begin('[');
    for (const bool flag : {true, false}) {
        text.begin('{');
        text.field("flag", flag);
        text.key("list");
        text.begin('[');
        text.value("one:");
        text.value(2u);
        text.end(']');
        text.key("none");
        text.begin('{');
        text.end('}');
        text.field("null", nullptr);
        text.end('}');
    }
    text.end(']');
    EXPECT_EQ(std::move(text).take(), R"([{"flag":true,"list":["one:",2],"none":{},"null":null},)"
                                      R"({"flag":false,"list":["one:",2],"none":{},"null":null}])");
}

}  // namespace
}  // namespace vipfwd::api
