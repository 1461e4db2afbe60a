// SPDX-License-Identifier: Apache-2.0
#include "dataplane/packet/flow_rules.h"

#include <gtest/gtest.h>

#include <iterator>

namespace vipfwd::packet {
namespace {

constexpr FlowEvent kEvents[] = {FlowEvent::kOpen, FlowEvent::kUse, FlowEvent::kEnd,
                                 FlowEvent::kNothing};

Packet tcp(unsigned flags, Kind kind = Kind::kFlow) {
    Packet packet;
    packet.kind = kind;
    packet.protocol = kIpProtocolTcp;
    packet.tcp_flags = static_cast<std::uint8_t>(flags);
    return packet;
}

Packet udp(Kind kind = Kind::kFlow) {
    Packet packet;
    packet.kind = kind;
    packet.protocol = kIpProtocolUdp;
    return packet;
}

// The flags that matter, in all combinations; PSH, URG, ECE and CWR change nothing.
TEST(FlowRules, FlagsTellWhatAPacketDoesToItsConnection) {
    constexpr unsigned kS = kTcpSyn;
    constexpr unsigned kA = kTcpAck;
    constexpr unsigned kF = kTcpFin;
    constexpr unsigned kR = kTcpRst;
    struct Case {
        unsigned flags;
        FlowEvent event;
        bool begins;
    };
    const Case cases[] = {
        {0, FlowEvent::kNothing, false},
        {kS, FlowEvent::kOpen, true},
        {kA, FlowEvent::kUse, true},
        {kS | kA, FlowEvent::kUse, true},
        {kF, FlowEvent::kNothing, false},
        {kF | kA, FlowEvent::kEnd, true},
        {kR, FlowEvent::kEnd, false},
        {kR | kA, FlowEvent::kEnd, false},
        {kR | kF, FlowEvent::kEnd, false},
        {kR | kF | kA, FlowEvent::kEnd, false},
        {kS | kF, FlowEvent::kNothing, false},
        {kS | kF | kA, FlowEvent::kNothing, false},
        {kS | kR, FlowEvent::kNothing, false},
        {kS | kR | kA, FlowEvent::kNothing, false},
        {kS | kR | kF, FlowEvent::kNothing, false},
        {kS | kR | kF | kA, FlowEvent::kNothing, false},
    };
    static_assert(std::size(cases) == 16);
    for (const Case& one : cases) {
        for (const unsigned others : {0u, 0xe8u}) {
            const Packet packet = tcp(one.flags | others);
            EXPECT_EQ(event_of(packet), one.event) << one.flags;
            EXPECT_EQ(opens_flow(packet), one.event == FlowEvent::kOpen) << one.flags;
            EXPECT_EQ(first_state(packet) != FlowState::kFree, one.begins) << one.flags;
        }
    }
}

TEST(FlowRules, OnlyPacketsWithPortsOfTheirOwnBeginFlows) {
    EXPECT_NE(first_state(udp()), FlowState::kFree);
    EXPECT_NE(first_state(udp(Kind::kFirstFragment)), FlowState::kFree);
    EXPECT_EQ(first_state(udp(Kind::kLaterFragment)), FlowState::kFree);
    EXPECT_EQ(first_state(udp(Kind::kIcmpError)), FlowState::kFree);
    EXPECT_EQ(event_of(udp()), FlowEvent::kUse);
    EXPECT_EQ(event_of(tcp(0, Kind::kLaterFragment)), FlowEvent::kUse);
    EXPECT_EQ(event_of(tcp(kTcpAck, Kind::kIcmpError)), FlowEvent::kNothing);
}

TEST(FlowRules, AFlowBeginsUnproven) {
    EXPECT_EQ(first_state(tcp(kTcpSyn)), FlowState::kOpening);
    EXPECT_EQ(first_state(tcp(kTcpAck)), FlowState::kYoung);
    EXPECT_EQ(first_state(tcp(kTcpFin | kTcpAck)), FlowState::kClosing);
    EXPECT_EQ(first_state(udp()), FlowState::kYoungUdp);
}

TEST(FlowRules, EveryStateChangesAsTheTableSays) {
    using enum FlowState;
    struct Row {
        FlowState state;
        FlowChange soon[4];  // by kEvents, within kProofTime of the stamp
        FlowChange later[4];
    };
    const Row rows[] = {
        {kOpening,
         {{kOpening, true}, {kYoung, true}, {kClosing, true}, {kOpening, false}},
         {{kOpening, true}, {kYoung, true}, {kClosing, true}, {kOpening, false}}},
        {kYoung,
         {{kYoung, false}, {kYoung, false}, {kClosing, true}, {kYoung, false}},
         {{kYoung, false}, {kEstablished, true}, {kClosing, true}, {kYoung, false}}},
        {kEstablished,
         {{kEstablished, true}, {kEstablished, true}, {kClosing, true}, {kEstablished, false}},
         {{kEstablished, true}, {kEstablished, true}, {kClosing, true}, {kEstablished, false}}},
        {kClosing,
         {{kOpening, true}, {kClosing, false}, {kClosing, true}, {kClosing, false}},
         {{kOpening, true}, {kEstablished, true}, {kClosing, true}, {kClosing, false}}},
    };
    for (const Row& row : rows) {
        for (std::size_t i = 0; i < std::size(kEvents); ++i) {
            const int state = static_cast<int>(row.state);
            EXPECT_EQ(change_of(row.state, kEvents[i], false), row.soon[i]) << state << " " << i;
            EXPECT_EQ(change_of(row.state, kEvents[i], true), row.later[i]) << state << " " << i;
        }
    }
    EXPECT_EQ(change_of(kYoungUdp, FlowEvent::kUse, false), (FlowChange{kYoungUdp, false}));
    EXPECT_EQ(change_of(kYoungUdp, FlowEvent::kUse, true), (FlowChange{kUdp, true}));
    EXPECT_EQ(change_of(kUdp, FlowEvent::kUse, false), (FlowChange{kUdp, true}));
    EXPECT_EQ(change_of(kUdp, FlowEvent::kUse, true), (FlowChange{kUdp, true}));
}

// So that whoever can send packets quickly, but is not there a while later, proves nothing.
TEST(FlowRules, NoPacketsWithinTheProofTimeProveAFlow) {
    for (const FlowState first : {FlowState::kOpening, FlowState::kYoung, FlowState::kClosing}) {
        for (const FlowEvent a : kEvents) {
            for (const FlowEvent b : kEvents) {
                for (const FlowEvent c : kEvents) {
                    FlowState state = first;
                    for (const FlowEvent event : {a, b, c})
                        state = change_of(state, event, false).state;
                    EXPECT_FALSE(is_proven(state));
                }
            }
        }
    }
}

TEST(FlowRules, ASynMovesAFlowOnlyFromABackendThatGetsNoNewOnes) {
    using enum abi::BackendState;
    for (const FlowEvent event : kEvents) {
        EXPECT_TRUE(keeps_backend(kServing, event));
        EXPECT_EQ(keeps_backend(kDraining, event), event != FlowEvent::kOpen);
        EXPECT_FALSE(keeps_backend(kRetired, event));
    }
}

}  // namespace
}  // namespace vipfwd::packet
