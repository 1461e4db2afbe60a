// SPDX-License-Identifier: Apache-2.0
#include "control/events/event_log.h"

#include <gtest/gtest.h>
#include <spdlog/spdlog.h>

#include <optional>

#include "dataplane/abi/clock.h"
#include "tests/control/loop/unix_sockets.h"

namespace vipfwd::events {
namespace {

class EventLogTest : public ::testing::Test {
  protected:
    EventLogTest() {
        spdlog::set_level(spdlog::level::off);
        restart();
    }
    ~EventLogTest() override { spdlog::set_level(spdlog::level::info); }
    void restart() {
        log_.reset();
        log_.emplace(directory_ / "events.jsonl");
    }
    std::vector<std::uint64_t> find(const Query& query = {}) const {
        std::vector<std::uint64_t> ids;
        for (const auto& event : log_->find(query))
            ids.push_back(event->id);
        return ids;
    }

    test::SocketDirectory directory_;
    std::optional<EventLog> log_;
};

using Ids = std::vector<std::uint64_t>;

TEST_F(EventLogTest, AnEventGetsItsIdAndTime) {
    const std::int64_t before_ms = unix_ms();
    log_->record({.object = Object::kGroup, .name = "edge", .change = "backup -> active"});
    const auto events = log_->find({});
    ASSERT_EQ(events.size(), 1u);
    EXPECT_EQ(events[0]->id, 1u);
    EXPECT_EQ(events[0]->name, "edge");
    EXPECT_GE(events[0]->time_ms, before_ms);
    EXPECT_LE(events[0]->time_ms, unix_ms());
}

TEST_F(EventLogTest, AQuestionSelectsEvents) {
    log_->record({.object = Object::kBackend});
    log_->record({.object = Object::kGroup});
    log_->record({.object = Object::kBackend});
    EXPECT_EQ(find(), (Ids{1, 2, 3}));
    EXPECT_EQ(find({.object = Object::kBackend}), (Ids{1, 3}));
    EXPECT_EQ(find({.after = 2}), (Ids{3}));
    EXPECT_EQ(find({.since_ms = unix_ms() + 1000}), (Ids{}));
    EXPECT_EQ(find({.after = 3}), (Ids{}));
}

TEST_F(EventLogTest, WhoFollowsALogThatBeganAnewGetsAllOfIt) {
    log_->record({});
    EXPECT_EQ(find({.after = 1000}), (Ids{1}));
}

TEST_F(EventLogTest, ARestartedLogGoesOn) {
    log_->record({.change = "up"});
    log_->record({.change = "down"});
    restart();
    EXPECT_EQ(find(), (Ids{1, 2}));
    log_->record({.change = "up"});
    EXPECT_EQ(find({.after = 2}), (Ids{3}));
}

TEST_F(EventLogTest, OnlyTheLatestEventsAreInMemory) {
    for (std::size_t i = 0; i < EventLog::kMostEvents + 10; ++i)
        log_->record({.change = "up"});
    const Ids ids = find();
    EXPECT_EQ(ids.size(), EventLog::kMostEvents);
    EXPECT_EQ(ids.front(), 11u);
}

}  // namespace
}  // namespace vipfwd::events
