// SPDX-License-Identifier: Apache-2.0
#include "control/events/event_file.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "tests/control/loop/unix_sockets.h"

namespace vipfwd::events {
namespace {

class EventFileTest : public ::testing::Test {
  protected:
    // The thread of a file that is closed has written all.
    void write(std::uint64_t first, std::uint64_t count, const std::string& cause = "") {
        EventFile file(path_);
        for (std::uint64_t id = first; id < first + count; ++id)
            file.append({.id = id, .change = "up", .cause = cause});
    }
    std::vector<Event> load() const { return EventFile(path_).load(); }

    test::SocketDirectory directory_;
    std::string path_ = directory_ / "events.jsonl";
};

TEST_F(EventFileTest, EventsAreLoadedInTheirOrder) {
    write(1, 3);
    write(4, 1, "\"quoted\"\n\xff");
    const std::vector<Event> events = load();
    ASSERT_EQ(events.size(), 4u);
    EXPECT_EQ(events[0].id, 1u);
    EXPECT_EQ(events[3].id, 4u);
    EXPECT_EQ(events[3].cause, "\"quoted\"\n\xef\xbf\xbd");
}

TEST_F(EventFileTest, LinesThatAreNoEventsAreLeftOut) {
    write(1, 1);
    std::ofstream(path_, std::ios::app) << "\n[]\nnonsense\n{\"id\":9";
    EXPECT_EQ(load().size(), 1u);
}

TEST_F(EventFileTest, TheFilesStaySmall) {
    const std::string cause(10'000, 'x');
    for (int i = 0; i < 10; ++i)
        write(static_cast<std::uint64_t>(i) * 100, 100, cause);
    std::uintmax_t bytes = 0;
    for (const auto& file : std::filesystem::directory_iterator(directory_.path()))
        bytes += file.file_size();
    EXPECT_LE(bytes, 2 * EventFile::kMaxBytes);
    const std::vector<Event> events = load();
    EXPECT_GE(events.size(), EventFile::kMaxBytes / 10'200);
    EXPECT_EQ(events.back().id, 999u);
}

TEST_F(EventFileTest, AFolderThatCannotBeWrittenIsNoReasonToFail) {
    std::ofstream(directory_ / "file") << "";
    path_ = directory_ / "file/events.jsonl";
    write(1, 1);
    EXPECT_TRUE(load().empty());
}

}  // namespace
}  // namespace vipfwd::events
