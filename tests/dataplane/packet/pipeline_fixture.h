// SPDX-License-Identifier: Apache-2.0
// A fixture that sends frames through all stages, with the tables of sample.h.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <vector>

#include "dataplane/packet/pipeline.h"
#include "tests/dataplane/packet/sample.h"

namespace vipfwd::packet {

class PipelineFixture : public ::testing::Test {
  protected:
    using Bytes = sample::Bytes;
    using Spec = sample::Spec;

    struct Out {
        Packet packet;
        Bytes bytes;
    };

    PipelineFixture() {
        state_->flows = FlowTable(buckets_);
        state_->fragments = FragmentTable(datagrams_, 1);
        state_->unpinned = UnpinnedFlows(unpinned_);
    }

    Out send(const Bytes& bytes, std::uint32_t headroom = 128, bool resumed = false) {
        sample::Buffer buffer(bytes, headroom);
        auto burst = std::make_unique<Burst>();
        burst->count = 1;
        burst->resumed = resumed;
        burst->frames[0] = buffer.frame();
        counts_ = process(world_.tables(), *state_, Moment::from_ms(now_ms_), *burst);
        return {burst->packets[0], sample::bytes_of(burst->frames[0])};
    }
    Out send(const Spec& spec) { return send(sample::ipv4(spec)); }
    Out send6(const Spec& spec) { return send(sample::ipv6(spec)); }

    void expect_drop(const Bytes& bytes, DropReason reason) {
        const Out out = send(bytes);
        EXPECT_EQ(out.packet.action, Action::kDrop);
        EXPECT_EQ(abi::name(out.packet.reason), abi::name(reason));
        EXPECT_EQ(out.bytes, bytes) << "a dropped frame is unchanged";
    }
    void expect_kernel(const Bytes& bytes) {
        const Out out = send(bytes);
        EXPECT_EQ(out.packet.action, Action::kToKernel);
        EXPECT_EQ(out.bytes, bytes);
    }

    // Index within the pool.
    std::uint32_t index_of(const Packet& packet) {
        EXPECT_EQ(packet.action, Action::kForward);
        const abi::PoolEntry& pool =
            world_.generation().pools[world_.generation().services[packet.service].pool];
        return packet.backend - pool.backend_base;
    }
    std::uint32_t backend_of(const Spec& spec) { return index_of(send(spec).packet); }
    void fill_ring(std::size_t pool, std::uint16_t index) {
        for (std::uint16_t& slot : world_.ring(pool))
            slot = index;
    }
    static Spec ack() {
        Spec spec;
        spec.tcp_flags = kTcpAck;
        return spec;
    }

    sample::World world_;
    std::vector<FlowBucket> buckets_ = std::vector<FlowBucket>(1024);
    std::vector<DatagramBlock> datagrams_ = std::vector<DatagramBlock>(1);
    std::vector<UnpinnedFlows::Place> unpinned_ = std::vector<UnpinnedFlows::Place>(1024);
    std::unique_ptr<WorkerState> state_ = std::make_unique<WorkerState>();
    std::uint64_t now_ms_ = 1'000'000;
    BurstCounts counts_;
};

}  // namespace vipfwd::packet
