// SPDX-License-Identifier: Apache-2.0
// What becomes of a flow in the course of its packets and of time, through all stages.
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>

#include "tests/dataplane/packet/pipeline_fixture.h"

namespace vipfwd::packet {
namespace {

class FlowLifeTest : public PipelineFixture {
  protected:
    static constexpr std::uint32_t kProof_ms = 1000 * kProofTime * kFlowTimeUnit_s;

    FlowAge age() { return {sample::kTimeouts, Moment::from_ms(now_ms_).s}; }
    FlowEntry* entry_of(const Packet& packet) {
        return state_->flows.find(
            state_->flows.place(packet.hash, world_.tables().services[packet.service].tag_base),
            age());
    }
    // The state of the flow after one more packet.
    FlowState state_after(const Spec& spec) { return state_of(*entry_of(send(spec).packet)); }
    void wait(std::uint32_t duration_ms) { now_ms_ += duration_ms; }
    // Brings a new flow into a state.
    void bring_to(FlowState state, const Spec& flow) {
        Spec packet = flow;
        packet.tcp_flags = kTcpSyn;
        send(packet);
        packet.tcp_flags = kTcpAck;
        if (state != FlowState::kOpening)
            send(packet);
        if (state == FlowState::kEstablished || state == FlowState::kClosing) {
            wait(kProof_ms);
            send(packet);
        }
        packet.tcp_flags = kTcpFin | kTcpAck;
        if (state == FlowState::kClosing)
            send(packet);
    }
    void set_state(std::uint32_t backend, abi::BackendState state) {
        world_.generation().backends[backend].state = static_cast<std::uint8_t>(state);
    }
    static Spec query() { return {.protocol = kIpProtocolUdp, .destination_port = 53}; }
    static Spec with_flags(unsigned flags, std::uint16_t port = 40000) {
        Spec spec;
        spec.source_port = port;
        spec.tcp_flags = static_cast<std::uint8_t>(flags);
        return spec;
    }
};

// State of the flow x state of its backend x packet. The ring has another backend by then.
TEST_F(FlowLifeTest, OnlyASynMovesAFlowAndOnlyFromABackendThatDoesNotServe) {
    using enum abi::BackendState;
    std::uint16_t port = 1;
    for (const FlowState state :
         {FlowState::kOpening, FlowState::kYoung, FlowState::kEstablished, FlowState::kClosing}) {
        for (const abi::BackendState backend : {kServing, kDraining, kRetired}) {
            for (const unsigned flags :
                 {unsigned{kTcpSyn}, unsigned{kTcpSyn | kTcpFin}, unsigned{kTcpSyn | kTcpRst},
                  unsigned{kTcpSyn | kTcpAck}, unsigned{kTcpAck}, unsigned{kTcpFin | kTcpAck},
                  unsigned{kTcpRst}, 0u}) {
                const Spec packet = with_flags(flags, ++port);
                fill_ring(0, 0);
                bring_to(state, packet);
                fill_ring(0, 1);
                set_state(0, backend);
                const bool is_syn = flags == kTcpSyn;
                const bool keeps = backend == kServing || (backend == kDraining && !is_syn);
                EXPECT_EQ(backend_of(packet), keeps ? 0u : 1u)
                    << static_cast<int>(state) << " " << static_cast<int>(backend) << " " << flags;
                // Packets that pin nothing leave the flow where it is, too.
                const bool moved = !keeps && (is_syn || (flags & kTcpAck) != 0);
                EXPECT_EQ(backend_of(with_flags(kTcpAck, port)),
                          moved || backend == kRetired ? 1u : 0u);
                set_state(0, kServing);
            }
        }
    }
}

TEST_F(FlowLifeTest, AForgedSynDoesNotChangeAnEstablishedConnection) {
    fill_ring(0, 0);
    bring_to(FlowState::kEstablished, {});
    fill_ring(0, 1);
    for (const unsigned flags : {unsigned{kTcpSyn}, unsigned{kTcpSyn | kTcpFin}, 0x29u, 0u})
        EXPECT_EQ(state_after(with_flags(flags)), FlowState::kEstablished) << flags;
    EXPECT_EQ(backend_of(ack()), 0u);
    EXPECT_EQ(counts_.hits, 1u);
}

// The client answers the backend's challenge with a reset, and connects again.
TEST_F(FlowLifeTest, AClientThatDiedAndReusesItsPortReachesTheBackendThatKnowsIt) {
    fill_ring(0, 0);
    bring_to(FlowState::kEstablished, {});
    fill_ring(0, 1);
    EXPECT_EQ(backend_of(with_flags(kTcpSyn)), 0u);
    EXPECT_EQ(backend_of(with_flags(kTcpRst)), 0u);
    EXPECT_EQ(backend_of(with_flags(kTcpSyn)), 0u);
    EXPECT_EQ(state_after(ack()), FlowState::kYoung);
}

TEST_F(FlowLifeTest, APortReusedOnADrainingBackendBeginsAFlowAnew) {
    fill_ring(0, 0);
    bring_to(FlowState::kEstablished, {});
    fill_ring(0, 1);
    set_state(0, abi::BackendState::kDraining);
    EXPECT_EQ(state_after(with_flags(kTcpSyn)), FlowState::kOpening);
    EXPECT_EQ(state_->flows.shares().proven(0), 0);
    EXPECT_EQ(backend_of(ack()), 1u);
}

TEST_F(FlowLifeTest, PacketsOfOneBurstAgreeOnTheBackend) {
    fill_ring(0, 0);
    bring_to(FlowState::kEstablished, {});
    fill_ring(0, 1);
    sample::Buffer buffers[] = {sample::Buffer(sample::ipv4(with_flags(kTcpSyn))),
                                sample::Buffer(sample::ipv4(ack())),
                                sample::Buffer(sample::ipv4(with_flags(kTcpSyn, 7))),
                                sample::Buffer(sample::ipv4(with_flags(kTcpAck, 7)))};
    auto burst = std::make_unique<Burst>();
    for (sample::Buffer& buffer : buffers)
        burst->frames[burst->count++] = buffer.frame();
    process(world_.tables(), *state_, Moment::from_ms(now_ms_), *burst);
    EXPECT_EQ(index_of(burst->packets[0]), 0u);
    EXPECT_EQ(index_of(burst->packets[1]), 0u);
    EXPECT_EQ(index_of(burst->packets[2]), 1u);
    EXPECT_EQ(index_of(burst->packets[3]), 1u);
    EXPECT_EQ(state_of(*entry_of(burst->packets[3])), FlowState::kYoung);
}

TEST_F(FlowLifeTest, OnlyTimeEstablishesAConnection) {
    EXPECT_EQ(state_after(with_flags(kTcpSyn)), FlowState::kOpening);
    wait(kProof_ms);
    EXPECT_EQ(state_after(with_flags(kTcpSyn)), FlowState::kOpening) << "a retransmitted SYN";
    for (int i = 0; i < 100; ++i)
        EXPECT_EQ(state_after(ack()), FlowState::kYoung);
    wait(kProof_ms);
    EXPECT_EQ(state_after(ack()), FlowState::kEstablished);
    EXPECT_EQ(state_after(with_flags(kTcpAck, 5)), FlowState::kYoung) << "a stray packet";
}

TEST_F(FlowLifeTest, AConnectionThatGoesOnAfterAForgedResetIsEstablishedAgain) {
    for (const unsigned flags : {unsigned{kTcpRst}, unsigned{kTcpFin | kTcpAck}}) {
        bring_to(FlowState::kEstablished, {});
        EXPECT_EQ(state_after(with_flags(flags)), FlowState::kClosing);
        EXPECT_EQ(state_after(ack()), FlowState::kClosing);
        wait(kProof_ms);
        EXPECT_EQ(state_after(ack()), FlowState::kEstablished);
    }
}

TEST_F(FlowLifeTest, OnlyTimeProvesAUdpFlow) {
    for (int i = 0; i < 100; ++i)
        EXPECT_EQ(state_after(query()), FlowState::kYoungUdp);
    wait(kProof_ms);
    EXPECT_EQ(state_after(query()), FlowState::kUdp);
}

// Few datagrams or many, in a row or one by one: from the first one on, no pause up to udp_s moves
// the flow.
TEST_F(FlowLifeTest, AUdpFlowKeepsItsBackendForPausesUpToItsTimeout) {
    for (const int in_a_row : {1, 2, 3, 10}) {
        for (const std::uint32_t pause_s : {1u, 6u, 59u, 61u, 299u, 300u}) {
            state_->flows = FlowTable(buckets_);
            std::fill(buckets_.begin(), buckets_.end(), FlowBucket());
            fill_ring(1, 0);
            for (int i = 0; i < in_a_row; ++i)
                backend_of(query());
            fill_ring(1, 1);
            for (int i = 0; i < 5; ++i) {
                wait(1000 * pause_s);
                state_->flows.sweep(state_->flows.bucket_count(), age());
                EXPECT_EQ(backend_of(query()), 0u) << in_a_row << " " << pause_s << " " << i;
            }
        }
    }
}

// The same for a connection of which few packets come from the client, as after a restart.
TEST_F(FlowLifeTest, AConnectionWithRarePacketsKeepsItsBackend) {
    fill_ring(0, 0);
    backend_of(ack());
    fill_ring(0, 1);
    for (const std::uint32_t pause_s : {75u, 7200u, 7440u, 61u}) {
        wait(1000 * pause_s);
        EXPECT_EQ(backend_of(ack()), 0u) << pause_s;
    }
}

TEST_F(FlowLifeTest, AFlowOfAServiceThatHasItsShareIsNotProvenButKept) {
    world_.generation().header.service_share_percent = 1;
    buckets_.resize(16);
    std::fill(buckets_.begin(), buckets_.end(), FlowBucket());
    state_->flows = FlowTable(buckets_);  // 128 entries: 1 of each service
    fill_ring(0, 0);
    send(with_flags(kTcpAck, 1));
    send(with_flags(kTcpAck, 2));
    wait(kProof_ms);
    EXPECT_EQ(state_after(with_flags(kTcpAck, 1)), FlowState::kEstablished);
    EXPECT_EQ(state_after(with_flags(kTcpAck, 2)), FlowState::kYoung);
    fill_ring(0, 1);
    wait(kProof_ms);
    EXPECT_EQ(backend_of(with_flags(kTcpAck, 2)), 0u);
    EXPECT_EQ(age().idle(*entry_of(send(with_flags(kTcpAck, 2)).packet)), 0u) << "used";
    send(query());
    wait(kProof_ms);
    EXPECT_EQ(state_after(query()), FlowState::kUdp) << "another service has a share of its own";
}

}  // namespace
}  // namespace vipfwd::packet
