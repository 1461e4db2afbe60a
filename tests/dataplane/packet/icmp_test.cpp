// SPDX-License-Identifier: Apache-2.0
// ICMP errors about flows.
#include "tests/dataplane/packet/pipeline_fixture.h"

namespace vipfwd::packet {
namespace {

using sample::Bytes;
using sample::Spec;

class IcmpTest : public PipelineFixture {
  protected:
    // The start of a packet that the backend of the flow `spec` sent to the client, as a router
    // quotes it.
    static Bytes quote(Spec spec, bool v4, std::size_t length) {
        std::swap(spec.source, spec.destination);
        std::swap(spec.source_port, spec.destination_port);
        const Bytes frame = v4 ? sample::ipv4(spec) : sample::ipv6(spec);
        return {frame.begin() + 14,
                frame.begin() + 14 + static_cast<long>(std::min(length, frame.size() - 14))};
    }
    static Bytes error(bool v4, int type, std::uint8_t code, std::uint32_t rest,
                       const Bytes& quoted) {
        Spec spec = v4 ? Spec{} : sample::spec6();
        spec.source = v4 ? "10.9.9.9" : "fd09::9";  // a router on the path
        spec.protocol = v4 ? kIpProtocolIcmp : kIpProtocolIcmpv6;
        spec.payload = sizeof(IcmpHeader) + quoted.size();
        Bytes frame = v4 ? sample::ipv4(spec) : sample::ipv6(spec);
        const std::size_t at = v4 ? 34 : 54;
        store(frame.data() + at,
              IcmpHeader{static_cast<std::uint8_t>(type), code, {}, Be32::from_host(rest)});
        std::copy(quoted.begin(), quoted.end(), frame.begin() + static_cast<long>(at + 8));
        return frame;
    }
    static Bytes error(const Bytes& quoted) { return error(true, 3, 4, 1400, quoted); }
};

TEST_F(IcmpTest, AnErrorFollowsTheFlowItIsAbout) {
    for (const std::size_t length : {28, 40, 60}) {
        Spec flow = ack();
        flow.source_port = static_cast<std::uint16_t>(100 + length);
        flow.payload = 20;
        fill_ring(0, 1);
        EXPECT_EQ(backend_of(flow), 1u);
        fill_ring(0, 2);
        const Bytes in = error(quote(flow, true, length));
        const Out out = send(in);
        EXPECT_EQ(index_of(out.packet), 1u) << length;
        EXPECT_EQ(Bytes(out.bytes.begin() + 34, out.bytes.end()), Bytes(in.begin() + 14, in.end()));
        EXPECT_EQ(counts_.inserts + counts_.hits + counts_.missed, 0u)
            << "an ICMP error does not use the flow";
    }
}

TEST_F(IcmpTest, AnIcmpv6ErrorFollowsItsFlowToo) {
    Spec flow = sample::spec6();
    flow.tcp_flags = kTcpAck;
    fill_ring(2, 1);
    EXPECT_EQ(index_of(send6(flow).packet), 1u);
    fill_ring(2, 0);
    for (const int type : {1, 2, 3, 4})
        EXPECT_EQ(index_of(send(error(false, type, 0, 1400, quote(flow, false, 48))).packet), 1u);
}

TEST_F(IcmpTest, WithoutAFlowTheRingDecides) {
    fill_ring(0, 2);
    EXPECT_EQ(index_of(send(error(quote(ack(), true, 28))).packet), 2u);
    fill_ring(0, 1);
    EXPECT_EQ(index_of(send(error(quote(ack(), true, 28))).packet), 1u)
        << "an ICMP error pins nothing";
}

TEST_F(IcmpTest, WithoutPinningTheRingDecides) {
    fill_ring(0, 1);
    EXPECT_EQ(backend_of(ack()), 1u);
    world_.generation().services[0].flags = abi::kServiceRingOnly;
    fill_ring(0, 2);
    EXPECT_EQ(index_of(send(error(quote(ack(), true, 28))).packet), 2u);
}

TEST_F(IcmpTest, AnErrorFindsItsFlowAtAnotherWorker) {
    std::vector<FlowBucket> other_buckets(1024);
    const FlowTable tables[] = {FlowTable(buckets_), FlowTable(other_buckets)};
    state_->flows = tables[1];
    fill_ring(0, 1);
    EXPECT_EQ(backend_of(ack()), 1u);
    state_->flows = tables[0];
    state_->all_flows = tables;
    fill_ring(0, 2);
    EXPECT_EQ(index_of(send(error(quote(ack(), true, 28))).packet), 1u);
}

TEST_F(IcmpTest, OptionsAndExtensionHeadersOfTheQuoteAreSkipped) {
    Spec flow = ack();
    flow.options = 12;
    EXPECT_EQ(send(error(quote(flow, true, 20 + 12 + 8))).packet.action, Action::kForward);
    expect_drop(error(quote(flow, true, 20 + 12 + 7)), DropReason::kIcmpInner);
    Spec flow6 = sample::spec6();
    flow6.extensions = {kIpProtocolTcp, 0, 0, 0, 0, 0, 0, 0};
    flow6.first_header = kIpProtocolDestinationOptions;
    EXPECT_EQ(send(error(false, 2, 0, 1400, quote(flow6, false, 56))).packet.action,
              Action::kForward);
    expect_drop(error(false, 2, 0, 1400, quote(flow6, false, 55)), DropReason::kIcmpInner);
}

TEST_F(IcmpTest, ErrorsAboutNoFlowOfAServiceAreDropped) {
    const auto reason = DropReason::kIcmpInner;
    for (std::size_t length = 0; length < 28; ++length)
        expect_drop(error(quote(ack(), true, length)), reason);
    Spec other = ack();
    other.destination = "10.0.0.101";
    expect_drop(error(quote(other, true, 28)), reason);  // sent to a VIP that is not the quoted one
    Spec no_service = ack();
    no_service.destination_port = 4444;
    expect_drop(error(quote(no_service, true, 28)), reason);
    Spec later_fragment = ack();
    later_fragment.fragment = 0x2001;
    expect_drop(error(quote(later_fragment, true, 28)), reason);
    Spec icmp = ack();
    icmp.protocol = kIpProtocolIcmp;
    icmp.payload = 8;
    expect_drop(error(quote(icmp, true, 28)), reason);
    Spec first_fragment = ack();
    first_fragment.fragment = 0x2000;
    EXPECT_EQ(send(error(quote(first_fragment, true, 28))).packet.action, Action::kForward);
}

TEST_F(IcmpTest, ErrorsThatMayConcernALocalServiceGoToTheKernel) {
    world_.generation().vips[0].flags = abi::kVipIsLocal;
    Spec local = ack();
    local.destination_port = 4444;
    EXPECT_EQ(send(error(quote(local, true, 28))).packet.action, Action::kToKernel);
    EXPECT_EQ(send(error(quote(ack(), true, 28))).packet.action, Action::kForward);
}

TEST_F(IcmpTest, RedirectsAreDroppedAndOtherTypesGoToTheKernel) {
    expect_drop(error(true, 5, 0, 0, quote(ack(), true, 28)), DropReason::kIcmpRedirect);
    expect_drop(error(false, 137, 0, 0, Bytes(40)), DropReason::kIcmpRedirect);
    for (const int type : {0, 9, 13, 17})
        expect_kernel(error(true, type, 0, 0, quote(ack(), true, 28)));
    for (const int type : {129, 133, 134, 136})
        expect_kernel(error(false, type, 0, 0, Bytes(40)));
}

TEST_F(IcmpTest, ImpossiblePathMtusAreForwardedAndCounted) {
    for (const std::uint32_t mtu : {0u, 68u, 575u}) {
        EXPECT_EQ(send(error(true, 3, 4, mtu, quote(ack(), true, 28))).packet.action,
                  Action::kForward);
        EXPECT_EQ(counts_.small_mtu, 1u) << mtu;
    }
    send(error(true, 3, 4, 576, quote(ack(), true, 28)));
    EXPECT_EQ(counts_.small_mtu, 0u);
    send(error(true, 3, 1, 0, quote(ack(), true, 28)));
    EXPECT_EQ(counts_.small_mtu, 0u) << "it does not report an MTU";
    send(error(false, 2, 0, 1279, quote(sample::spec6(), false, 48)));
    EXPECT_EQ(counts_.small_mtu, 1u);
    send(error(false, 2, 0, 1280, quote(sample::spec6(), false, 48)));
    EXPECT_EQ(counts_.small_mtu, 0u);
}

TEST_F(IcmpTest, AnErrorThatIsTooBigIsNotAnswered) {
    Spec flow = ack();
    flow.payload = 1430;
    expect_drop(error(quote(flow, true, 1470)), DropReason::kTooBig);
}

}  // namespace
}  // namespace vipfwd::packet
