// SPDX-License-Identifier: Apache-2.0
#include "control/gateway/dataplane_link.h"

#include <gtest/gtest.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <optional>
#include <vector>

#include "control/table/publish.h"
#include "dataplane/abi/clock.h"
#include "tests/control/gateway/fake_dataplane.h"

namespace vipfwd::gateway {
namespace {

class DataplaneLinkTest : public testing::Test {
  protected:
    DataplaneLinkTest() {
        abi::BootParameters boot{};
        boot.memory = static_cast<std::uint32_t>(abi::Memory::kNormal);
        publisher_.emplace(table::Publisher::create(boot).value());
        EXPECT_TRUE(link_.listen(directory_.path()));
    }
    bool run_until(const std::function<bool()>& condition) {
        return gateway::run_until(loop_, condition);
    }
    Result<int> on_hello(abi::Fd handed_back) {
        was_handed_back_ = static_cast<bool>(handed_back);
        if (!refusal_.empty())
            return Error{refusal_};
        return publisher_->region().fd();
    }

    test::SocketDirectory directory_;
    Loop loop_;
    std::optional<table::Publisher> publisher_;
    bool was_handed_back_ = false;
    std::string refusal_;
    int stopping_ = 0;
    int changes_ = 0;
    std::vector<std::string> recorded_;
    DataplaneLink link_{
        loop_,
        {.hello = [this](abi::Fd fd) { return on_hello(std::move(fd)); },
         .stopping = [this] { ++stopping_; },
         .changed = [this] { ++changes_; },
         .record = [this](const events::Event& event) { recorded_.push_back(event.change); }}};
};

TEST_F(DataplaneLinkTest, ADataplaneThatConnectsGetsTheRegion) {
    FakeDataplane dataplane(loop_, directory_.path());
    dataplane.connect();
    EXPECT_EQ(dataplane.region().region_id(), publisher_->region().region_id());
    EXPECT_FALSE(was_handed_back_);
    EXPECT_TRUE(link_.state().connected);
    EXPECT_FALSE(link_.state().ready);
    EXPECT_EQ(link_.state().pid, static_cast<std::uint32_t>(getpid()));
    EXPECT_EQ(changes_, 1);
}

TEST_F(DataplaneLinkTest, ARegionThatIsHandedBackArrives) {
    std::optional<abi::RegionMapping> kept;
    {
        FakeDataplane before(loop_, directory_.path());
        before.connect();
        kept = before.take_region();
    }
    ASSERT_TRUE(run_until([this] { return !link_.state().connected; }));
    FakeDataplane after(loop_, directory_.path());
    after.give_region(std::move(kept));
    after.connect();
    EXPECT_TRUE(was_handed_back_);
}

TEST_F(DataplaneLinkTest, WhatTheDataplaneReportsIsTheState) {
    FakeDataplane dataplane(loop_, directory_.path());
    dataplane.connect();
    dataplane.send({.kind = abi::MessageKind::kReady});
    EXPECT_TRUE(run_until([this] { return link_.state().ready; }));
    dataplane.send({.kind = abi::MessageKind::kAcknowledged, .generation = 3});
    EXPECT_TRUE(run_until([this] { return link_.state().acknowledged_generation == 3; }));
    abi::Message rejected{.kind = abi::MessageKind::kRejected, .generation = 4};
    std::string("port 0: VLAN out of bounds").copy(rejected.text, sizeof rejected.text - 1);
    dataplane.send(rejected);
    EXPECT_TRUE(run_until([this] { return link_.state().rejected_generation == 4; }));
    EXPECT_EQ(link_.state().rejected_reason, "port 0: VLAN out of bounds");
    EXPECT_EQ(stopping_, 0);
    dataplane.send({.kind = abi::MessageKind::kLeaving});
    EXPECT_TRUE(run_until([this] { return stopping_ == 1; }));
    EXPECT_EQ(recorded_, (std::vector<std::string>{"connected", "ready", "rejected generation 4",
                                                   "stopping"}));
}

TEST_F(DataplaneLinkTest, APublishedGenerationIsAnnounced) {
    link_.announce(1, 0);  // nobody is connected
    FakeDataplane dataplane(loop_, directory_.path());
    dataplane.connect();
    link_.announce(2, 0);
    const abi::Received received = dataplane.receive();
    EXPECT_EQ(received.message.kind, abi::MessageKind::kPublished);
    EXPECT_EQ(received.message.generation, 2u);
}

TEST_F(DataplaneLinkTest, TheStateTellsWhenAnAnnouncedGenerationWasAcknowledged) {
    FakeDataplane dataplane(loop_, directory_.path());
    dataplane.connect();
    EXPECT_FALSE(link_.state().announced);
    link_.announce(2, 1000);
    const DataplaneLink::Announced announced = link_.state().announced.value();
    EXPECT_EQ(announced.generation, 2u);
    EXPECT_EQ(announced.requested_ns, 1000);
    EXPECT_LE(announced.published_ns, monotonic_ns());
    EXPECT_FALSE(announced.acknowledged_ns);
    dataplane.send({.kind = abi::MessageKind::kAcknowledged, .generation = 1});
    EXPECT_TRUE(run_until([this] { return link_.state().acknowledged_generation == 1; }));
    EXPECT_FALSE(link_.state().announced->acknowledged_ns) << "an earlier one";
    dataplane.send({.kind = abi::MessageKind::kAcknowledged, .generation = 2});
    EXPECT_TRUE(run_until([this] { return link_.state().acknowledged_generation == 2; }));
    EXPECT_GE(link_.state().announced->acknowledged_ns, announced.published_ns);
}

TEST_F(DataplaneLinkTest, AWorkerThatWaitsIsWokenByTheDescriptorOfReady) {
    link_.wake_advert_worker();  // nobody is connected
    const abi::Fd wakeup(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
    std::uint64_t signals = 0;
    const auto is_woken = [&] {
        return read(wakeup.get(), &signals, sizeof signals) == sizeof signals;
    };
    {
        FakeDataplane dataplane(loop_, directory_.path());
        dataplane.connect();
        link_.wake_advert_worker();  // it has sent no descriptor yet
        dataplane.send({.kind = abi::MessageKind::kReady}, wakeup.get());
        ASSERT_TRUE(run_until([this] { return link_.state().ready; }));
        EXPECT_FALSE(is_woken());
        link_.wake_advert_worker();
        EXPECT_TRUE(is_woken());
    }
    ASSERT_TRUE(run_until([this] { return !link_.state().connected; }));
    link_.wake_advert_worker();
    EXPECT_FALSE(is_woken());
}

TEST_F(DataplaneLinkTest, TheStateEndsWithTheConnection) {
    {
        FakeDataplane dataplane(loop_, directory_.path());
        dataplane.connect();
        dataplane.send({.kind = abi::MessageKind::kReady});
        ASSERT_TRUE(run_until([this] { return link_.state().ready; }));
    }
    EXPECT_TRUE(run_until([this] { return !link_.state().connected; }));
    EXPECT_FALSE(link_.state().ready);
    EXPECT_EQ(link_.state().pid, 0u);
    EXPECT_EQ(recorded_, (std::vector<std::string>{"connected", "ready", "disconnected"}));
}

TEST_F(DataplaneLinkTest, ASecondDataplaneIsRefusedAndTheFirstStays) {
    FakeDataplane first(loop_, directory_.path());
    first.connect();
    FakeDataplane second(loop_, directory_.path());
    EXPECT_TRUE(second.is_closed_by_control());
    EXPECT_TRUE(link_.state().connected);
}

TEST_F(DataplaneLinkTest, WhoSaysNothingKeepsNobodyOutAndIsDisconnected) {
    const std::string path = abi::handover_socket_path(directory_.path());
    std::vector<abi::Fd> silent;
    for (int i = 0; i < 20; ++i)
        silent.push_back(test::connect_to(path, SOCK_SEQPACKET));
    FakeDataplane dataplane(loop_, directory_.path());
    dataplane.connect();
    EXPECT_TRUE(link_.state().connected);
    for (const abi::Fd& one : silent) {
        char byte = 0;
        EXPECT_TRUE(run_until([&] { return recv(one.get(), &byte, 1, MSG_DONTWAIT) == 0; }));
    }
    EXPECT_TRUE(link_.state().connected);
}

TEST_F(DataplaneLinkTest, AnotherUserIsRefused) {
    if (geteuid() != 0)
        GTEST_SKIP() << "needs root, to become another user";
    const std::string path = abi::handover_socket_path(directory_.path());
    ASSERT_EQ(chmod(path.c_str(), 0666), 0);
    ASSERT_EQ(chmod(directory_.path().c_str(), 0755), 0);
    const pid_t child = fork();
    if (child == 0) {
        const bool other = setuid(65534) == 0;
        const abi::Fd socket = test::connect_to(path, SOCK_SEQPACKET);
        (void)abi::send_message(socket.get(), {.kind = abi::MessageKind::kHello});
        char byte = 0;
        const bool refused = recv(socket.get(), &byte, 1, 0) <= 0;
        _exit(other && socket && refused ? 0 : 1);
    }
    int status = -1;
    EXPECT_TRUE(run_until([&] { return waitpid(child, &status, WNOHANG) == child; }));
    EXPECT_EQ(status, 0);
    EXPECT_EQ(changes_, 0);
}

TEST_F(DataplaneLinkTest, AnErrorOfHelloOrOfTheProtocolDisconnects) {
    refusal_ = "no memory";
    {
        FakeDataplane refused(loop_, directory_.path());
        refused.send({.kind = abi::MessageKind::kHello});
        EXPECT_TRUE(refused.is_closed_by_control());
    }
    refusal_.clear();
    {
        FakeDataplane confused(loop_, directory_.path());
        confused.connect();
        confused.send({.kind = abi::MessageKind::kRegion});
        EXPECT_TRUE(confused.is_closed_by_control());
    }
    const abi::Fd stranger =
        test::connect_to(abi::handover_socket_path(directory_.path()), SOCK_SEQPACKET);
    ASSERT_EQ(write(stranger.get(), "hello", 5), 5);
    char byte = 0;
    EXPECT_TRUE(run_until([&] { return recv(stranger.get(), &byte, 1, MSG_DONTWAIT) == 0; }));
    FakeDataplane dataplane(loop_, directory_.path());
    dataplane.connect();
    EXPECT_TRUE(link_.state().connected) << "the next one is served";
}

}  // namespace
}  // namespace vipfwd::gateway
