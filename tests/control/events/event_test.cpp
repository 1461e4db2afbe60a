// SPDX-License-Identifier: Apache-2.0
#include "control/events/event.h"

#include <gtest/gtest.h>

namespace vipfwd::events {
namespace {

const Event kDown = {.id = 7,
                     .time_ms = 1'764'590'400'250,
                     .level = Level::kWarning,
                     .object = Object::kBackend,
                     .name = "web/be1",
                     .change = "down",
                     .cause = "connection refused"};

TEST(Event, IsASentence) {
    EXPECT_EQ(to_string(kDown), "backend web/be1: down: connection refused");
    EXPECT_EQ(to_string({.object = Object::kConfig, .change = "applied"}), "config: applied");
}

TEST(Event, ItsJsonIsReadAgain) {
    EXPECT_EQ(to_json(kDown).dump(),
              R"({"id":7,"time_ms":1764590400250,"level":"warning","object":"backend",)"
              R"("name":"web/be1","change":"down","cause":"connection refused"})");
    EXPECT_EQ(event_of(to_json(kDown)), kDown);
}

TEST(Event, AnyOtherJsonIsNone) {
    EXPECT_EQ(event_of(Json()), std::nullopt);
    EXPECT_EQ(event_of(Json::array({1})), std::nullopt);
    const Json good = to_json(kDown);
    for (const auto& field : good.items()) {
        Json wrong = good;
        wrong[field.key()] = Json::array();
        EXPECT_EQ(event_of(wrong), std::nullopt) << field.key();
        wrong.erase(field.key());
        EXPECT_EQ(event_of(wrong), std::nullopt) << field.key();
    }
    Json unknown = good;
    unknown["object"] = "server";
    EXPECT_EQ(event_of(unknown), std::nullopt);
}

}  // namespace
}  // namespace vipfwd::events
