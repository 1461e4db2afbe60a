// SPDX-License-Identifier: Apache-2.0
// The journal is a socket of the test at the journal's place, in a mount namespace of its own.
#include "control/events/journal_sink.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <spdlog/logger.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "tests/control/loop/unix_sockets.h"

namespace vipfwd::events {
namespace {

constexpr const char* kJournal = "/run/systemd/journal/socket";

abi::Fd listen_as_journal() {
    if (unshare(CLONE_NEWNS) != 0 ||
        mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
        mount("none", "/run", "tmpfs", 0, nullptr) != 0)
        return {};
    std::filesystem::create_directories("/run/systemd/journal");
    abi::Fd journal(socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    const sockaddr_un address = test::unix_address(kJournal);
    if (bind(journal.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
        return {};
    return journal;
}

// What the journal gets for a line of the log.
std::string send_line(const std::string& line) {
    const abi::Fd journal = listen_as_journal();
    if (!journal)
        return "no journal";
    spdlog::logger("events", std::make_shared<JournalSink>()).info(line);
    std::array<char, 4096> entry;
    const ssize_t size = recv(journal.get(), entry.data(), entry.size(), MSG_DONTWAIT);
    return size < 0 ? "" : std::string(entry.data(), static_cast<std::size_t>(size));
}

// Ends this process, which is one for the test: it has changed its mounts.
[[noreturn]] void exit_with(bool is_as_expected) {
    std::_Exit(is_as_expected ? EXIT_SUCCESS : EXIT_FAILURE);
}

TEST(JournalSinkTest, AnEntryHasAFieldForEachPart) {
    if (geteuid() != 0)
        GTEST_SKIP() << "needs root, to have mounts of its own";
    const Event event = {.level = Level::kWarning,
                         .object = Object::kBackend,
                         .name = "web/be1",
                         .change = "down",
                         .cause = "HTTP status 503"};
    EXPECT_EXIT(
        {
            const std::string entry = send_line(to_json(event).dump());
            bool has_all = true;
            for (const std::string_view field :
                 {"MESSAGE=backend web/be1: down: HTTP status 503\n", "PRIORITY=4\n",
                  "VIPFWD_OBJECT=backend\n", "VIPFWD_NAME=web/be1\n", "VIPFWD_CHANGE=down\n",
                  "VIPFWD_CAUSE=HTTP status 503\n"})
                has_all = has_all && entry.find(field) != std::string::npos;
            exit_with(has_all);
        },
        ::testing::ExitedWithCode(EXIT_SUCCESS), "");
}

TEST(JournalSinkTest, ALineThatIsNoEventIsNoEntry) {
    if (geteuid() != 0)
        GTEST_SKIP() << "needs root, to have mounts of its own";
    EXPECT_EXIT(exit_with(send_line("nonsense").empty()), ::testing::ExitedWithCode(EXIT_SUCCESS),
                "");
}

TEST(JournalSinkTest, TheJournalIsConnectedIfItReadsStandardError) {
    unsetenv("JOURNAL_STREAM");
    EXPECT_FALSE(is_connected_to_journal());
    struct stat status {};
    ASSERT_EQ(fstat(STDERR_FILENO, &status), 0);
    setenv("JOURNAL_STREAM", fmt::format("{}:{}", status.st_dev, status.st_ino).c_str(), 1);
    EXPECT_TRUE(is_connected_to_journal());
    setenv("JOURNAL_STREAM", "1:2", 1);
    EXPECT_FALSE(is_connected_to_journal());
    unsetenv("JOURNAL_STREAM");
}

}  // namespace
}  // namespace vipfwd::events
