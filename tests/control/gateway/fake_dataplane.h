// SPDX-License-Identifier: Apache-2.0
// The dataplane's end of the handover socket, driven by a test on the loop of the code under test.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <functional>
#include <optional>
#include <string>
#include <utility>

#include "control/loop/loop.h"
#include "dataplane/abi/clock.h"
#include "dataplane/abi/handover.h"
#include "dataplane/abi/mapping.h"
#include "tests/control/loop/deadline.h"
#include "tests/control/loop/unix_sockets.h"

namespace vipfwd::gateway {

using test::run_until;

class FakeDataplane {
  public:
    FakeDataplane(Loop& loop, const std::string& run_directory)
        : loop_(loop),
          socket_(test::connect_to(abi::handover_socket_path(run_directory), SOCK_SEQPACKET)) {}

    bool is_connected() const { return static_cast<bool>(socket_); }
    void send(const abi::Message& message, int fd = -1) {
        const Result<void> sent = abi::send_message(socket_.get(), message, fd);
        EXPECT_TRUE(sent) << sent.error().message;
    }
    // Says hello, with the region it has, and maps the region that control answers with. Without a
    // region it starts, by the parameters in the region that it gets.
    void connect() {
        const bool starts = !region_;
        send({.kind = abi::MessageKind::kHello}, region_ ? region_->fd() : -1);
        abi::Received answer = receive();
        ASSERT_EQ(answer.message.kind, abi::MessageKind::kRegion);
        region_.emplace(
            abi::RegionMapping::map(std::move(answer.fd), abi::RegionSide::kDataplane).value());
        if (starts)
            status().booted = region_->control().boot;
    }
    // Reports itself ready, with one worker that forwards by the generation in force.
    void become_ready() {
        abi::DataplaneStatus& shared = status();
        shared.pid.store(static_cast<std::uint32_t>(getpid()));
        acknowledge();
        send({.kind = abi::MessageKind::kReady});
    }
    // The worker takes up the generation in force.
    void acknowledge() {
        beat();
        status().workers[0].generation.store(generation());
        send({.kind = abi::MessageKind::kAcknowledged, .generation = generation()});
    }
    void beat() {
        status().workers[0].heartbeat_ns.store(static_cast<std::uint64_t>(monotonic_ns()));
    }
    std::uint64_t generation() const {
        return abi::ActiveGeneration::unpack(region_->control().active.load()).generation;
    }
    abi::DataplaneStatus& status() { return region_->status_for_writing(); }
    const abi::RegionMapping& region() const { return *region_; }
    // Keeps the region over a reconnection, as the dataplane does.
    std::optional<abi::RegionMapping> take_region() { return std::exchange(region_, std::nullopt); }
    void give_region(std::optional<abi::RegionMapping> region) { region_ = std::move(region); }

    // The next message, or the end of the connection.
    abi::Received receive() {
        abi::Received received;
        run_until(loop_, [&] {
            Result<abi::Received> next = abi::receive_message(socket_.get());
            EXPECT_TRUE(next);
            received = std::move(*next);
            return received.outcome != abi::Received::Outcome::kNothingYet;
        });
        return received;
    }
    bool is_closed_by_control() { return receive().outcome == abi::Received::Outcome::kClosed; }

  private:
    Loop& loop_;
    abi::Fd socket_;
    std::optional<abi::RegionMapping> region_;
};

}  // namespace vipfwd::gateway
