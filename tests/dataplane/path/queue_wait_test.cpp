// SPDX-License-Identifier: Apache-2.0
#include "dataplane/path/queue_wait.h"

#include <gtest/gtest.h>
#include <sys/eventfd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <memory>
#include <set>
#include <thread>
#include <utility>
#include <vector>

#include "dataplane/abi/time_units.h"
#include "tests/dataplane/path/fake_wire.h"

namespace vipfwd::path {
namespace {

using Clock = std::chrono::steady_clock;
using Kind = host::KernelWait::Kind;

constexpr std::uint64_t kPatience_ns = 20 * kNanosecondsPerS;
constexpr std::uint64_t kShort_ns = 20 * kNanosecondsPerMs;
constexpr std::uint16_t kDevice = 10;
constexpr auto kNoWork = [] { return false; };
constexpr auto kNoPackets = [] { return 0u; };

class QueueWaitTest : public testing::Test {
  protected:
    QueueWaitTest() { wait_.clear(); }

    template <typename HasWork, typename Receive>
    bool ends_early(HasWork has_work, Receive receive) {
        const Clock::time_point began = Clock::now();
        wait_.wait(kPatience_ns, has_work, receive);
        return Clock::now() - began < std::chrono::nanoseconds(kPatience_ns / 2);
    }

    template <typename Receive>
    bool lasts(Receive receive) {
        const Clock::time_point began = Clock::now();
        wait_.wait(kShort_ns, kNoWork, receive);
        return Clock::now() - began >= std::chrono::nanoseconds(kShort_ns);
    }

    FakeWire wire_;
    std::unique_ptr<host::KernelWait> kernel_wait_ = host::KernelWait::create(2).value();
    QueueWait wait_{wire_, *kernel_wait_, 2};
    abi::Fd interrupt_{eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};
};

TEST_F(QueueWaitTest, AWorkerWithoutQueuesCanWait) {
    EXPECT_TRUE(wait_.can_wait());
    EXPECT_TRUE(lasts(kNoPackets));
    kernel_wait_->signal();
    EXPECT_TRUE(ends_early(kNoWork, kNoPackets));
}

TEST_F(QueueWaitTest, AWorkerCannotWaitIfOneQueueTellsOfNothing) {
    wait_.add(kDevice, 0, {interrupt_.get(), Kind::kEventfd, true});
    EXPECT_TRUE(wait_.can_wait());
    wait_.add(kDevice, 1, {});
    EXPECT_FALSE(wait_.can_wait());
    wait_.clear();
    EXPECT_TRUE(wait_.can_wait());
}

TEST_F(QueueWaitTest, AQueueWithoutArmingIsNotLookedAtAgain) {
    wait_.add(kDevice, 0, {interrupt_.get(), Kind::kPackets});
    EXPECT_TRUE(lasts([] {
        ADD_FAILURE();
        return 0u;
    }));
    EXPECT_TRUE(wire_.calls_of_arm.empty());
}

TEST_F(QueueWaitTest, QueuesAreArmedDuringTheWaitOnly) {
    wait_.add(kDevice, 0, {interrupt_.get(), Kind::kEventfd, true});
    wait_.add(kDevice, 3, {interrupt_.get(), Kind::kEventfd, true});
    const std::set<FakeWire::DeviceQueue> both{{kDevice, 0}, {kDevice, 3}};
    EXPECT_TRUE(lasts([&] {
        EXPECT_EQ(wire_.armed, both) << "when the worker looks into the queues";
        return 0u;
    }));
    EXPECT_TRUE(wire_.armed.empty());
}

TEST_F(QueueWaitTest, APacketThatCameBeforeTheArmingIsNotWaitedFor) {
    wait_.add(kDevice, 0, {interrupt_.get(), Kind::kEventfd, true});
    EXPECT_TRUE(ends_early(kNoWork, [] { return 1u; }));
    EXPECT_TRUE(wire_.armed.empty());
}

TEST_F(QueueWaitTest, OtherWorkIsNotWaitedForEither) {
    wait_.add(kDevice, 0, {interrupt_.get(), Kind::kEventfd, true});
    EXPECT_TRUE(ends_early([] { return true; }, kNoPackets));
    EXPECT_TRUE(wire_.armed.empty());
    kernel_wait_->signal();
    EXPECT_TRUE(ends_early(kNoWork, kNoPackets));
}

TEST_F(QueueWaitTest, AWorkerWhoseQueueCannotBeArmedWaitsNoMore) {
    wait_.add(kDevice, 0, {interrupt_.get(), Kind::kEventfd, true});
    wire_.has_interrupts = false;
    EXPECT_TRUE(ends_early(kNoWork, kNoPackets));
    EXPECT_FALSE(wait_.can_wait());
}

// A device like a NIC: a packet interrupts once if the queue is armed, and not at all otherwise.
class Nic : public FakeWire {
  public:
    explicit Nic(const abi::Fd& interrupt) : interrupt_(interrupt) {}

    bool arm(std::uint16_t, std::uint16_t) override {
        is_armed_.store(true);
        return true;
    }
    void disarm(std::uint16_t, std::uint16_t) override { is_armed_.store(false); }

    void deliver() {
        arrived_.fetch_add(1);
        if (is_armed_.exchange(false))
            abi::signal_eventfd(interrupt_);
    }
    std::uint32_t take() {
        const std::uint32_t arrived = arrived_.load();
        return arrived - std::exchange(taken_, arrived);
    }

  private:
    const abi::Fd& interrupt_;
    std::atomic<bool> is_armed_ = false;
    std::atomic<std::uint32_t> arrived_ = 0;
    std::uint32_t taken_ = 0;
};

// The next packet comes as soon as the last one was taken: in the worker's last look, around the
// arming, in the wait.
TEST_F(QueueWaitTest, NoPacketIsLeftLyingWhileOneComesAtAnyTime) {
    constexpr std::uint32_t kPackets = 10'000;
    Nic nic(interrupt_);
    QueueWait wait(nic, *kernel_wait_, 1);
    wait.clear();
    wait.add(kDevice, 0, {interrupt_.get(), Kind::kEventfd, true});
    std::atomic<std::uint32_t> taken = 0;
    std::thread sender([&] {
        for (std::uint32_t packet = 0; packet < kPackets; ++packet) {
            while (taken.load() != packet)
                std::this_thread::yield();
            const auto then = Clock::now() + std::chrono::nanoseconds(packet % 1000 * 10);
            while (Clock::now() < then)
                std::this_thread::yield();
            nic.deliver();
        }
    });
    const auto receive = [&] {
        const std::uint32_t received = nic.take();
        taken.fetch_add(received);
        return received;
    };
    Clock::duration longest{};
    while (taken.load() < kPackets) {
        if (receive() > 0)
            continue;
        const Clock::time_point began = Clock::now();
        wait.wait(kPatience_ns, kNoWork, receive);
        longest = std::max(longest, Clock::now() - began);
    }
    sender.join();
    EXPECT_LT(longest, std::chrono::nanoseconds(kPatience_ns / 2));
}

}  // namespace
}  // namespace vipfwd::path
