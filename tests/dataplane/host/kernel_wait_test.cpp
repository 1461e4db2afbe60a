// SPDX-License-Identifier: Apache-2.0
#include "dataplane/host/kernel_wait.h"

#include <gtest/gtest.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <chrono>
#include <optional>
#include <thread>

#include "dataplane/abi/time_units.h"

namespace vipfwd::host {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::uint64_t kPatience_ns = 20 * kNanosecondsPerS;
constexpr auto kNothing = [] { return false; };

class KernelWaitTest : public testing::Test {
  protected:
    void SetUp() override {
        wait_ = KernelWait::create(2).value();
        std::array<int, 2> pair{};
        ASSERT_EQ(socketpair(AF_UNIX, SOCK_DGRAM, 0, pair.data()), 0);
        receiver_ = abi::Fd(pair[0]);
        sender_ = abi::Fd(pair[1]);
    }

    // Whether the wait ends long before its time is over.
    template <typename HasWork>
    bool ends_early(HasWork has_work) {
        const Clock::time_point began = Clock::now();
        wait_->wait(kPatience_ns, has_work);
        return Clock::now() - began < std::chrono::nanoseconds(kPatience_ns / 2);
    }

    // Whether a wait for nothing lasts as long as it may.
    bool lasts() {
        constexpr std::uint64_t kLongest_ns = 20 * kNanosecondsPerMs;
        const Clock::time_point began = Clock::now();
        wait_->wait(kLongest_ns, kNothing);
        return Clock::now() - began >= std::chrono::nanoseconds(kLongest_ns);
    }

    std::unique_ptr<KernelWait> wait_;
    abi::Fd receiver_;
    abi::Fd sender_;
};

TEST_F(KernelWaitTest, EndsWhenItsTimeIsOver) {
    EXPECT_TRUE(lasts());
}

TEST_F(KernelWaitTest, ASocketWithAPacketEndsEachWaitUntilThePacketIsTaken) {
    wait_->add(receiver_.get(), KernelWait::Kind::kPackets);
    ASSERT_EQ(write(sender_.get(), "x", 1), 1);
    EXPECT_TRUE(ends_early(kNothing));
    EXPECT_TRUE(ends_early(kNothing));
    char packet = 0;
    ASSERT_EQ(read(receiver_.get(), &packet, 1), 1);
    EXPECT_TRUE(lasts());
}

TEST_F(KernelWaitTest, AnEventfdEndsOneWaitForAllItsEvents) {
    const abi::Fd events(eventfd(0, EFD_CLOEXEC));  // one that blocks: it is read when it can be
    wait_->add(receiver_.get(), KernelWait::Kind::kPackets);
    wait_->add(events.get(), KernelWait::Kind::kEventfd);
    EXPECT_TRUE(lasts());
    for (int i = 0; i < 3; ++i)
        abi::signal_eventfd(events);
    EXPECT_TRUE(ends_early(kNothing));
    EXPECT_TRUE(lasts());
    abi::signal_eventfd(events);
    EXPECT_TRUE(ends_early(kNothing));
}

TEST_F(KernelWaitTest, TellsWhetherItEndedBecauseOfPackets) {
    wait_->add(receiver_.get(), KernelWait::Kind::kPackets);
    EXPECT_FALSE(wait_->wait(kNanosecondsPerMs, kNothing));
    EXPECT_FALSE(wait_->wait(kPatience_ns, [] { return true; }));
    wait_->signal();
    EXPECT_FALSE(wait_->wait(kPatience_ns, kNothing));
    ASSERT_EQ(write(sender_.get(), "x", 1), 1);
    EXPECT_TRUE(wait_->wait(kPatience_ns, kNothing));
    wait_->signal();
    EXPECT_TRUE(wait_->wait(kPatience_ns, kNothing)) << "of packets, too";
    EXPECT_FALSE(wait_->wait(kPatience_ns, [] { return true; }));
}

TEST_F(KernelWaitTest, TellsEventfdsFromDescriptorsThatHoldPackets) {
    const abi::Fd events(eventfd(0, EFD_CLOEXEC));
    EXPECT_EQ(KernelWait::kind_of(events.get()), KernelWait::Kind::kEventfd);
    EXPECT_EQ(KernelWait::kind_of(receiver_.get()), KernelWait::Kind::kPackets);
    EXPECT_EQ(KernelWait::kind_of(-1), std::nullopt);
}

TEST_F(KernelWaitTest, ASocketThatIsWatchedNoMoreEndsNoWait) {
    wait_->add(receiver_.get(), KernelWait::Kind::kPackets);
    ASSERT_EQ(write(sender_.get(), "x", 1), 1);
    wait_->clear();
    EXPECT_TRUE(lasts());
}

TEST_F(KernelWaitTest, ASignalBeforeTheWaitEndsOneWait) {
    wait_->signal();
    wait_->signal();
    EXPECT_TRUE(ends_early(kNothing));
    EXPECT_TRUE(lasts());
}

TEST_F(KernelWaitTest, AnotherProcessCanWriteToTheDescriptor) {
    const abi::Fd copy(dup(wait_->fd()));
    const std::uint64_t one = 1;
    ASSERT_EQ(write(copy.get(), &one, sizeof one), static_cast<ssize_t>(sizeof one));
    EXPECT_TRUE(ends_early(kNothing));
}

TEST_F(KernelWaitTest, WorkThatIsThereAlreadyIsNotWaitedFor) {
    EXPECT_TRUE(ends_early([] { return true; }));
}

TEST_F(KernelWaitTest, ASignalToAWorkerThatDoesNotWaitMakesNoSystemCall) {
    wait_->signal_if_waiting();
    EXPECT_TRUE(lasts()) << "the eventfd was written to";
}

// Work that comes right after the worker has looked for it, and before the worker sleeps.
TEST_F(KernelWaitTest, WorkBetweenTheLookAndTheSleepEndsTheWait) {
    EXPECT_TRUE(ends_early([this] {
        std::thread([this] { wait_->signal_if_waiting(); }).join();
        return false;
    }));
}

TEST_F(KernelWaitTest, NoSignalIsLostWhileWorkComesAtAnyTime) {
    constexpr std::uint32_t kRounds = 20'000;
    std::atomic<std::uint32_t> given = 0;
    std::atomic<std::uint32_t> taken = 0;
    std::thread giver([&] {
        for (std::uint32_t round = 1; round <= kRounds; ++round) {
            given.store(round, std::memory_order_relaxed);
            wait_->signal_if_waiting();
            while (taken.load() != round)
                std::this_thread::yield();
        }
    });
    bool all_early = true;
    for (std::uint32_t round = 1; round <= kRounds; ++round) {
        while (given.load(std::memory_order_relaxed) != round && all_early) {
            all_early = ends_early([&] { return given.load(std::memory_order_relaxed) == round; });
        }
        taken.store(round);
    }
    giver.join();
    EXPECT_TRUE(all_early);
}

}  // namespace
}  // namespace vipfwd::host
