// SPDX-License-Identifier: Apache-2.0
// `show events`, from its arguments to its rows.
#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "control/api/dispatch.h"
#include "control/events/event_log.h"
#include "dataplane/abi/clock.h"
#include "tests/control/view/gateway_scene.h"

namespace vipfwd::api {
namespace {

class ShowEvents : public ::testing::Test {
  protected:
    protocol::Response ask(Json arguments = Json::object()) {
        Hooks hooks;
        hooks.source = [this] { return scene_.source(); };
        hooks.snapshot = [this] {
            view::Snapshot snapshot = scene_.snapshot();
            snapshot.events = [this](const events::Query& query) {
                query_ = query;
                return std::vector{std::make_shared<const events::Event>(
                    events::Event{.id = 5, .name = "web/\xff", .change = "up"})};
            };
            return snapshot;
        };
        hooks.run_beside = [](const auto& work, const auto& done) {
            work();
            done();
        };
        protocol::Response answer;
        dispatch(hooks, {"show events", std::move(arguments)}, Access::kRead,
                 [&answer](const protocol::Response& response) { answer = response; });
        return protocol::parse_response(protocol::to_line(answer)).value();
    }

    view::Scene scene_;
    events::Query query_;
};

TEST_F(ShowEvents, ArgumentsSelectThem) {
    ASSERT_TRUE(ask({{"object", "group"}, {"since", "10m"}, {"after", "3"}}).ok);
    EXPECT_EQ(query_.object, events::Object::kGroup);
    EXPECT_EQ(query_.after, 3u);
    EXPECT_NEAR(static_cast<double>(unix_ms() - query_.since_ms), 600'000, 60'000);
}

TEST_F(ShowEvents, WithoutArgumentsAllAreShown) {
    const Json rows = ask().result;
    EXPECT_EQ(rows.size(), 1u);
    EXPECT_EQ(rows[0]["id"], 5);
    EXPECT_EQ(rows[0]["name"], "web/\xef\xbf\xbd");
    EXPECT_EQ(query_.object, std::nullopt);
    EXPECT_EQ(query_.since_ms, 0);
}

TEST_F(ShowEvents, AWrongArgumentIsExplained) {
    EXPECT_EQ(ask({{"object", "server"}}).error,
              "object 'server': write backend, pool, group, port, config or dataplane");
    EXPECT_EQ(ask({{"since", "soon"}}).error,
              "since 'soon': write a time such as 30s, 10m or 2h, at most 24h");
}

}  // namespace
}  // namespace vipfwd::api
