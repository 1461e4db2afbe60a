// SPDX-License-Identifier: Apache-2.0
#include "dataplane/packet/gather.h"

#include "tests/dataplane/packet/pipeline_fixture.h"

namespace vipfwd::packet {
namespace {

using sample::Bytes;
using sample::Spec;

class GatherTest : public PipelineFixture {
  protected:
    // A fragment of a UDP datagram to the service "dns".
    static Bytes fragment(std::size_t offset, std::size_t length, bool is_last,
                          std::uint16_t id = 1) {
        Spec spec{.protocol = kIpProtocolUdp, .destination_port = 53, .payload = 4000};
        Bytes whole = sample::ipv4(spec);
        const Bytes payload(whole.begin() + 34 + static_cast<long>(offset),
                            whole.begin() + 34 + static_cast<long>(offset + length));
        Bytes frame(whole.begin(), whole.begin() + 34);
        frame.insert(frame.end(), payload.begin(), payload.end());
        auto ip = load<Ipv4Header>(frame, 14);
        ip.total_length = Be16::from_host(static_cast<std::uint16_t>(20 + length));
        ip.identification = Be16::from_host(id);
        ip.fragment = Be16::from_host(
            static_cast<std::uint16_t>(offset / 8 | (is_last ? 0 : kIpv4MoreFragments)));
        store(frame.data() + 14, ip);
        sample::seal_ipv4(frame);
        return frame;
    }
    static Bytes fragment6(std::size_t offset, std::size_t length, bool is_last) {
        Spec spec = sample::spec6();
        spec.protocol = kIpProtocolUdp;
        spec.destination_port = 53;
        spec.payload = offset == 0 ? length - 8 : 0;
        const auto field = static_cast<std::uint16_t>(offset | (is_last ? 0 : kIpv6MoreFragments));
        spec.extensions = {kIpProtocolUdp,
                           0,
                           static_cast<std::uint8_t>(field >> 8),
                           static_cast<std::uint8_t>(field),
                           9,
                           9,
                           9,
                           9};
        spec.first_header = kIpProtocolFragment;
        Bytes frame = sample::ipv6(spec);
        frame.resize(14 + 40 + 8 + length, 0x5a);
        store(frame.data() + 18, Be16::from_host(static_cast<std::uint16_t>(8 + length)));
        return frame;
    }
};

TEST_F(GatherTest, LaterFragmentsFollowTheFirst) {
    const Out first = send(fragment(0, 1400, false));
    const Out middle = send(fragment(1400, 1400, false));
    const Out last = send(fragment(2800, 100, true));
    const std::uint32_t backend = index_of(first.packet);
    EXPECT_EQ(index_of(middle.packet), backend);
    EXPECT_EQ(index_of(last.packet), backend);
    EXPECT_EQ(counts_.hits, 1u) << "the flow was pinned by the first fragment";
}

TEST_F(GatherTest, FragmentsGoToTheBackendOfTheirFlow) {
    fill_ring(1, 0);
    const Spec whole{.protocol = kIpProtocolUdp, .destination_port = 53};
    EXPECT_EQ(backend_of(whole), 0u);
    fill_ring(1, 1);
    EXPECT_EQ(index_of(send(fragment(0, 1400, false)).packet), 0u);
    EXPECT_EQ(index_of(send(fragment(1400, 100, true)).packet), 0u);
}

TEST_F(GatherTest, FragmentsAheadOfTheFirstOneAreHeldAndResumed) {
    const Bytes last = fragment(1400, 100, true);
    const Out held = send(last);
    ASSERT_EQ(held.packet.action, Action::kHold);
    EXPECT_EQ(held.bytes, last);
    EXPECT_EQ(state_->fragments.held_state(held.packet.held, held.packet.held_serial, now_ms_),
              FragmentTable::HeldState::kWaiting);
    const Out first = send(fragment(0, 1400, false));
    EXPECT_EQ(state_->fragments.held_state(held.packet.held, held.packet.held_serial, now_ms_),
              FragmentTable::HeldState::kKnown);
    const Out resumed = send(last, 128, true);
    EXPECT_EQ(index_of(resumed.packet), index_of(first.packet));
    EXPECT_EQ(resumed.packet.service, 1u);
}

TEST_F(GatherTest, WithoutAFirstFragmentTheOthersTimeOut) {
    const Bytes last = fragment(1400, 100, true);
    ASSERT_EQ(send(last).packet.action, Action::kHold);
    now_ms_ += kFragmentTimeout_ms;
    const Out late = send(last, 128, true);
    EXPECT_EQ(late.packet.action, Action::kDrop);
    EXPECT_EQ(late.packet.reason, DropReason::kFragmentTimeout);
}

TEST_F(GatherTest, OverlapsAndDuplicatesAreDropped) {
    send(fragment(0, 1400, false));
    expect_drop(fragment(0, 1400, false), DropReason::kFragmentDuplicate);
    expect_drop(fragment(1392, 1400, false), DropReason::kFragmentOverlap);
    expect_drop(fragment(2792, 8, true), DropReason::kFragmentOverlap);
}

TEST_F(GatherTest, DatagramsAreToldApartByIdentification) {
    send(fragment(0, 1400, false, 1));
    EXPECT_EQ(send(fragment(1400, 100, true, 2)).packet.action, Action::kHold);
    EXPECT_EQ(send(fragment(1400, 100, true, 1)).packet.action, Action::kForward);
}

TEST_F(GatherTest, Ipv6FragmentsFollowTheFirstToo) {
    const Out first = send(fragment6(0, 1400, false));
    const Out last = send(fragment6(1400, 99, true));
    EXPECT_EQ(first.packet.service, 6u);
    EXPECT_EQ(index_of(first.packet), index_of(last.packet));
}

TEST_F(GatherTest, FragmentsToNoVipGoToTheKernel) {
    Bytes frame = fragment(1400, 100, true);
    store(frame.data() + 30, sample::ip("10.0.0.1").v4());
    sample::seal_ipv4(frame);
    expect_kernel(frame);
}

TEST_F(GatherTest, FragmentsOfOtherProtocolsGoToTheKernel) {
    Bytes frame = fragment(1400, 100, true);
    frame[23] = 50;  // ESP
    sample::seal_ipv4(frame);
    expect_kernel(frame);
}

TEST_F(GatherTest, FragmentsAreHandedOffToTheOwnerOfTheirDatagram) {
    state_->fragments = FragmentTable(datagrams_, 2);
    int here = 0;
    for (std::uint16_t id = 0; id < 100; ++id) {
        state_->worker = 0;
        const Out at_first = send(fragment(0, 1400, false, id));
        state_->worker = 1;
        const Out at_second = send(fragment(0, 1400, false, id));
        EXPECT_NE(at_first.packet.action == Action::kHandOff,
                  at_second.packet.action == Action::kHandOff);
        if (at_first.packet.action == Action::kHandOff) {
            EXPECT_EQ(at_first.packet.worker, 1u);
        } else {
            EXPECT_EQ(at_second.packet.worker, 0u);
            ++here;
        }
    }
    EXPECT_GT(here, 20);
    EXPECT_LT(here, 80);
}

TEST_F(GatherTest, FragmentsFindTheirFlowAtAnotherWorker) {
    std::vector<FlowBucket> other_buckets(1024);
    const Spec whole{.protocol = kIpProtocolUdp, .destination_port = 53};
    fill_ring(1, 0);
    state_->flows = FlowTable(other_buckets);
    EXPECT_EQ(backend_of(whole), 0u);
    const FlowTable tables[] = {FlowTable(buckets_), FlowTable(other_buckets)};
    state_->flows = tables[0];
    state_->all_flows = tables;
    fill_ring(1, 1);
    EXPECT_EQ(index_of(send(fragment(0, 1400, false)).packet), 0u);
    EXPECT_EQ(counts_.inserts, 1u) << "the flow is pinned at this worker, too";
}

}  // namespace
}  // namespace vipfwd::packet
