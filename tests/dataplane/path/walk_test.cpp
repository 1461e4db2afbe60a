// SPDX-License-Identifier: Apache-2.0
#include "dataplane/path/walk.h"

#include <gtest/gtest.h>

#include "tests/dataplane/packet/sample.h"
#include "tests/dataplane/path/fake_wire.h"

namespace vipfwd::path {
namespace {

namespace sample = packet::sample;
using abi::DropReason;

constexpr std::uint16_t kPart = 16;  // bytes of a fragment in these tests
constexpr std::uint64_t kStart_ms = 10'000;

// Records the frames that are handed off to other workers.
class FakeHandoff final : public Handoff {
  public:
    bool give(std::uint32_t worker, rte_mbuf* buffer, std::uint8_t) override {
        if (busy)
            return false;
        given.emplace_back(worker, buffer);
        return true;
    }
    std::uint32_t take(std::uint32_t, Buffers&, packet::Burst&) override { return 0; }
    bool has_frames(std::uint32_t) const override { return false; }

    bool busy = false;
    std::vector<std::pair<std::uint32_t, rte_mbuf*>> given;
};

class WalkTest : public testing::Test {
  protected:
    WalkTest() { world_.generation().header.timeouts = abi::kDefaultFlowTimeouts; }

    void start(std::uint32_t workers = 1) {
        Walk::Setup setup;
        setup.ports = {{10, true}};
        setup.kernel_ports = {{host::KernelPath::kNone}};
        setup.handoff = workers > 1 ? &handoff_ : nullptr;
        all_flows_ = {packet::FlowTable(buckets_)};
        setup.state.flows = all_flows_[0];
        setup.state.all_flows = all_flows_;
        setup.state.fragments = packet::FragmentTable(datagrams_, workers);
        walk_ = std::make_unique<Walk>(wire_, std::move(setup));
    }

    // Fragment `number` of a datagram to the service "dns".
    static sample::Bytes fragment(std::uint32_t number, bool is_last = false,
                                  std::uint16_t identification = 1) {
        sample::Spec spec;
        spec.protocol = packet::kIpProtocolUdp;
        spec.destination_port = 53;
        spec.payload = kPart - sizeof(packet::UdpHeader);
        spec.fragment = static_cast<std::uint16_t>(number * kPart / 8 |
                                                   (is_last ? 0 : packet::kIpv4MoreFragments));
        sample::Bytes bytes = sample::ipv4(spec);
        packet::store(&bytes[18], Be16::from_host(identification));
        sample::seal_ipv4(bytes);
        return bytes;
    }

    // Processes one burst of frames. Returns their buffers.
    std::vector<rte_mbuf*> receive(const std::vector<sample::Bytes>& frames) {
        std::vector<rte_mbuf*> made;
        burst_.count = 0;
        burst_.resumed = false;
        for (const sample::Bytes& bytes : frames) {
            made.push_back(wire_.copy_to_buffer(bytes));
            buffers_[burst_.count] = made.back();
            burst_.frames[burst_.count++] = wire_.frame(made.back(), 0);
        }
        counters_->received_packets.add(frames.size());
        walk_->process_burst(context(), buffers_, burst_);
        return made;
    }

    WorkerContext context() const {
        return {world_.tables(), view_,   packet::Moment::from_ms(now_ms_),
                nullptr,         nullptr, conflicts_.get()};
    }
    std::uint64_t dropped(DropReason reason) const {
        return counters_->dropped[static_cast<std::size_t>(reason)].read();
    }

    // Checks the equations at abi::WorkerCounters.
    void expect_balance() const {
        std::uint64_t outcomes = counters_->forwarded_packets.read() +
                                 counters_->to_kernel_packets.read() +
                                 counters_->answered_packets.read() + counters_->handed_out.read() +
                                 counters_->held.read();
        for (const abi::SharedCounter& reason : counters_->dropped)
            outcomes += reason.read();
        EXPECT_EQ(counters_->received_packets.read() + counters_->handed_in.read(), outcomes);
        EXPECT_EQ(counters_->transmitted_packets.read(),
                  counters_->forwarded_packets.read() + counters_->answered_packets.read() +
                      counters_->split_frames.read() + counters_->own_frames.read());
    }

    using Buffered = std::vector<rte_mbuf*>;
    sample::World world_;
    FakeWire wire_;
    FakeHandoff handoff_;
    std::vector<packet::FlowBucket> buckets_{16};
    std::vector<packet::FlowTable> all_flows_;
    std::vector<packet::DatagramBlock> datagrams_{1};
    std::unique_ptr<abi::WorkerCounters> counters_ = std::make_unique<abi::WorkerCounters>();
    std::vector<abi::TrafficCounter> services_{abi::kMaxServices};
    std::vector<abi::TrafficCounter> backends_{abi::kMaxBackends};
    packet::RegionCounters view_{counters_.get(), services_.data(), backends_.data()};
    std::unique_ptr<abi::ConflictLog[]> conflicts_;
    std::unique_ptr<Walk> walk_;
    Buffers buffers_{};
    packet::Burst burst_;
    std::uint64_t now_ms_ = kStart_ms;
};

TEST_F(WalkTest, AFragmentAheadOfTheFirstWaitsForIt) {
    start();
    const Buffered later = receive({fragment(2, true), fragment(1)});
    EXPECT_TRUE(wire_.sent[10].empty());
    EXPECT_TRUE(wire_.freed.empty());
    EXPECT_EQ(counters_->held.read(), 2u);
    expect_balance();
    const Buffered first = receive({fragment(0)});
    EXPECT_EQ(wire_.sent[10], (Buffered{first[0], later[0], later[1]}));
    EXPECT_EQ(counters_->held.read(), 0u);
    EXPECT_EQ(counters_->forwarded_packets.read(), 3u);
    expect_balance();
}

TEST_F(WalkTest, FragmentsInOneBurstLeaveInAnyOrder) {
    start();
    receive({fragment(1), fragment(0), fragment(2, true)});
    EXPECT_EQ(wire_.sent[10].size(), 3u);
    EXPECT_EQ(counters_->held.read(), 0u);
    expect_balance();
}

TEST_F(WalkTest, AFragmentWhoseFirstOneDoesNotComeIsDroppedInTime) {
    start();
    const Buffered later = receive({fragment(1)});
    now_ms_ += packet::kFragmentTimeout_ms - 1;
    walk_->expire_held(context());
    EXPECT_EQ(counters_->held.read(), 1u);
    now_ms_ += 1;
    walk_->expire_held(context());
    EXPECT_EQ(counters_->held.read(), 0u);
    EXPECT_EQ(wire_.freed, later);
    EXPECT_EQ(dropped(DropReason::kFragmentTimeout), 1u);
    expect_balance();
}

TEST_F(WalkTest, FlushReleasesAllHeldFragments) {
    start();
    receive({fragment(1, false, 1), fragment(1, false, 2)});
    walk_->flush(context());
    EXPECT_EQ(counters_->held.read(), 0u);
    EXPECT_EQ(wire_.freed.size(), 2u);
    EXPECT_EQ(dropped(DropReason::kFragmentTimeout), 2u);
    expect_balance();
}

TEST_F(WalkTest, TheNumberOfHeldFragmentsIsLimited) {
    start();
    wire_.room[10] = 2 * kHeldFrames;
    for (std::uint32_t number = 1; number <= kHeldFrames; ++number)
        receive({fragment(number)});
    EXPECT_EQ(counters_->held.read(), kHeldFrames);
    EXPECT_EQ(dropped(DropReason::kNoBuffer), 0u);
    const Buffered more = receive({fragment(kHeldFrames + 1)});
    EXPECT_EQ(dropped(DropReason::kNoBuffer), 1u);
    EXPECT_EQ(wire_.freed, more);
    expect_balance();
    receive({fragment(0)});
    EXPECT_EQ(counters_->held.read(), 0u);
    EXPECT_EQ(counters_->forwarded_packets.read(), kHeldFrames + 1);
    expect_balance();
}

// The numbers of the fragments that a flood sends of each of its datagrams.
class OrphanFlood : public WalkTest,
                    public testing::WithParamInterface<std::vector<std::uint32_t>> {};

INSTANTIATE_TEST_SUITE_P(Numbers, OrphanFlood,
                         testing::Values(std::vector<std::uint32_t>{1},
                                         std::vector<std::uint32_t>{1, 2},
                                         std::vector<std::uint32_t>{3, 2, 1},
                                         std::vector<std::uint32_t>{0}));

// 20,000 orphans a second, and datagrams of 8 KB each of whose fragments come in reverse order,
// over 20 ms: many more orphans than can be held arrive in the time that one may wait.
TEST_P(OrphanFlood, DoesNotDisplaceDatagramsThatAreCompleting) {
    constexpr std::uint32_t kDatagrams = 1000;
    constexpr std::uint32_t kFragments = 6;
    constexpr std::uint32_t kOrphansPerMs = 20;
    constexpr std::uint32_t kGap_ms = 4;
    datagrams_.resize(1024);  // as many as a worker has
    start();
    wire_.room[10] = 10 * kDatagrams * kFragments;
    wire_.buffers_left = 1u << 30;
    std::uint32_t orphans = 0;
    // Each millisecond, a datagram begins, and others go on.
    for (std::uint32_t ms = 0; ms < kDatagrams + kFragments * kGap_ms; ++ms) {
        std::vector<sample::Bytes> frames;
        for (std::uint32_t i = 0; i < kOrphansPerMs; ++i) {
            const std::size_t each = GetParam().size();
            const auto datagram = static_cast<std::uint32_t>(orphans / each);
            const std::uint32_t number = GetParam()[orphans++ % each];
            sample::Bytes orphan = fragment(number, false, static_cast<std::uint16_t>(datagram));
            const std::uint32_t source = 0x8000 | datagram >> 4;  // none of the other datagrams'
            packet::store(&orphan[28], Be16::from_host(static_cast<std::uint16_t>(source)));
            sample::seal_ipv4(orphan);
            frames.push_back(orphan);
        }
        for (std::uint32_t sent = 0; sent < kFragments; ++sent) {
            const std::uint32_t datagram = ms - sent * kGap_ms;
            const std::uint32_t number = kFragments - 1 - sent;
            if (datagram < kDatagrams)
                frames.push_back(fragment(number, sent == 0, static_cast<std::uint16_t>(datagram)));
        }
        receive(frames);
        ++now_ms_;
        walk_->expire_held(context());
    }
    const bool are_forwarded = GetParam()[0] == 0;
    EXPECT_EQ(counters_->forwarded_packets.read(),
              kDatagrams * kFragments + (are_forwarded ? orphans : 0));
    EXPECT_EQ(dropped(DropReason::kNoBuffer), 0u);
    EXPECT_EQ(dropped(DropReason::kFragmentTimeout) > 10'000u, !are_forwarded);
    expect_balance();
}

TEST_F(WalkTest, OfFragmentsOfOneDatagramNoneIsDisplacedByAnother) {
    start();
    wire_.room[10] = 2 * kHeldFrames;
    for (std::uint32_t number = 1; number < kHeldFrames; ++number)
        receive({fragment(number)});
    receive({fragment(1, false, 2)});
    receive({fragment(kHeldFrames)});
    EXPECT_EQ(dropped(DropReason::kFragmentTimeout), 1u) << "the one of the other datagram";
    EXPECT_EQ(dropped(DropReason::kNoBuffer), 0u);
    EXPECT_EQ(counters_->held.read(), kHeldFrames);
    expect_balance();
}

TEST_F(WalkTest, AFragmentIsHandedOffToTheOwnerOfItsDatagram) {
    start(2);
    for (std::uint16_t identification = 1; identification <= 20; ++identification)
        receive({fragment(1, false, identification)});
    ASSERT_FALSE(handoff_.given.empty());
    for (const auto& [worker, buffer] : handoff_.given) {
        EXPECT_EQ(worker, 1u);
        EXPECT_EQ(buffer->bytes().size(), fragment(1).size());
    }
    EXPECT_EQ(counters_->handed_out.read(), handoff_.given.size());
    EXPECT_EQ(counters_->held.read(), 20 - handoff_.given.size());
    EXPECT_TRUE(wire_.freed.empty());
    expect_balance();
}

TEST_F(WalkTest, IfTheOtherWorkerIsBusyThePacketIsDropped) {
    start(2);
    handoff_.busy = true;
    for (std::uint16_t identification = 1; identification <= 20; ++identification)
        receive({fragment(1, false, identification)});
    EXPECT_GT(dropped(DropReason::kWorkerBusy), 0u);
    EXPECT_EQ(dropped(DropReason::kWorkerBusy), wire_.freed.size());
    EXPECT_EQ(counters_->handed_out.read(), 0u);
    expect_balance();
}

// Also among packets that leave whole, are dropped, or are split too.
TEST_F(WalkTest, PacketsLeaveInTheOrderInWhichTheyCame) {
    start();
    world_.port().mtu = 600;
    const auto datagram = [](std::uint16_t number, bool is_big) {
        sample::Spec spec;
        spec.protocol = packet::kIpProtocolUdp;
        spec.destination_port = 53;
        spec.payload = is_big ? 1000 : 100;
        spec.fragment = 0;
        sample::Bytes bytes = sample::ipv4(spec);
        packet::store(&bytes[18], Be16::from_host(number));
        sample::seal_ipv4(bytes);
        return bytes;
    };
    std::vector<sample::Bytes> frames;
    for (std::uint16_t number = 1; number <= 12; ++number)
        frames.push_back(datagram(number, number % 5 == 0 || number == 6));
    sample::Bytes damaged = datagram(99, false);
    damaged[24] ^= 1;
    frames.insert(frames.begin() + 7, damaged);
    receive(frames);
    std::vector<std::uint16_t> left;
    for (const rte_mbuf* sent : wire_.sent[10]) {
        const auto number = packet::load<packet::Ipv4Header>(sent->bytes(), 34).identification;
        if (left.empty() || left.back() != number.host())
            left.push_back(number.host());
    }
    EXPECT_EQ(left, (std::vector<std::uint16_t>{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}));
    EXPECT_EQ(wire_.sent[10].size(), 15u);
    EXPECT_EQ(wire_.freed.size(), 4u) << "three originals, and the damaged one";
    expect_balance();
}

TEST_F(WalkTest, ASplitPacketIsForwardedOnce) {
    start();
    world_.port().mtu = 600;
    sample::Spec spec;
    spec.protocol = packet::kIpProtocolUdp;
    spec.destination_port = 53;
    spec.payload = 1000;
    spec.fragment = 0;
    receive({sample::ipv4({}), sample::ipv4(spec)});
    EXPECT_EQ(wire_.sent[10].size(), 3u);
    EXPECT_EQ(wire_.freed.size(), 1u);
    EXPECT_EQ(counters_->forwarded_packets.read(), 2u);
    EXPECT_EQ(counters_->split_frames.read(), 1u);
    EXPECT_EQ(services_[1].packets.read(), 1u);
    EXPECT_EQ(services_[1].bytes.read(), 1028u);
    expect_balance();
}

TEST_F(WalkTest, ABurstOnTheFastPathIsAccountedLikeAnyOther) {
    start();
    wire_.room[10] = 5;
    EXPECT_EQ(receive({sample::ipv4({}), sample::ipv4({}), sample::ipv4({})}), wire_.sent[10]);
    expect_balance();
    const Buffered more = receive({sample::ipv4({}), sample::ipv4({}), sample::ipv4({})});
    EXPECT_EQ(wire_.sent[10].size(), 5u);
    EXPECT_EQ(wire_.freed, Buffered{more[2]});
    EXPECT_EQ(dropped(DropReason::kTransmitFull), 1u);
    EXPECT_EQ(counters_->forwarded_packets.read(), 5u);
    EXPECT_EQ(services_[0].packets.read(), 5u);
    expect_balance();
}

TEST_F(WalkTest, AnAddressConflictIsCountedAndWrittenToTheLogOfTheWorker) {
    start();
    const auto claim = sample::arp(packet::kArpOperationReply, "10.0.0.100", "10.0.0.100");
    receive({claim});
    EXPECT_EQ(counters_->address_conflicts.read(), 1u) << "even if nobody reads of it";
    conflicts_ = std::make_unique<abi::ConflictLog[]>(abi::kMaxWorkers);
    receive({claim, claim});
    receive({claim});
    EXPECT_EQ(counters_->address_conflicts.read(), 4u);
    EXPECT_EQ(conflicts_[0].written.load(), 1u) << "a conflict that goes on, once in 100 ms";
    now_ms_ += 100;
    receive({sample::ipv4({}), claim});
    EXPECT_EQ(conflicts_[0].written.load(), 2u);
    EXPECT_EQ(conflicts_[0].read(1).vip, sample::ip("10.0.0.100"));
    EXPECT_EQ(conflicts_[0].read(1).at_ns, now_ms_ * 1'000'000);
    receive({sample::arp(packet::kArpOperationReply, "10.0.0.101", "10.0.0.101")});
    EXPECT_EQ(conflicts_[0].written.load(), 3u) << "another VIP";
    expect_balance();
}

TEST_F(WalkTest, APacketOfNoServiceTakesTheKernelPath) {
    start();
    sample::Spec spec;
    spec.destination = "10.0.0.9";
    receive({sample::ipv4(spec)});
    EXPECT_EQ(dropped(DropReason::kNoKernelPath), 1u);
    expect_balance();
}

}  // namespace
}  // namespace vipfwd::path
