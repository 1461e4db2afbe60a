// SPDX-License-Identifier: Apache-2.0
// The packet core with small tables, for fuzzers: sends frames through all stages, and checks what
// must hold for every outcome.
#pragma once

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <vector>

#include "dataplane/packet/account.h"
#include "dataplane/packet/pipeline.h"
#include "dataplane/packet/rewrite.h"
#include "tests/dataplane/packet/sample.h"

namespace vipfwd::fuzz {

inline void require(bool holds, const char* what) {
    if (holds)
        return;
    std::fprintf(stderr, "violated: %s\n", what);
    std::abort();
}

class Gateway {
  public:
    Gateway() {
        state_->flows = packet::FlowTable(buckets_);
        state_->all_flows = std::span(&state_->flows, 1);
        state_->fragments = packet::FragmentTable(datagrams_, 1);
        state_->unpinned = packet::UnpinnedFlows(unpinned_);
    }

    packet::sample::World& world() { return world_; }
    void pass_time(std::uint64_t ms) { now_ms_ += ms; }

    // Copies the frames into buffers of exactly their size and `headroom`. `further` (or empty):
    // how many bytes each frame has in further buffers.
    void send(const std::vector<std::vector<std::uint8_t>>& frames, std::uint32_t headroom,
              bool resumed = false, const std::vector<std::uint32_t>& further = {}) {
        std::vector<packet::sample::Buffer> buffers;
        packet::Burst& burst = *burst_;
        burst.count = 0;
        burst.resumed = resumed;
        for (const auto& frame : frames) {
            buffers.emplace_back(frame, headroom);
            burst.frames[burst.count] =
                buffers.back().chain(further.empty() ? 0 : further[burst.count]);
            ++burst.count;
        }
        const packet::BurstCounts counts =
            packet::process(world_.tables(), *state_, packet::Moment::from_ms(now_ms_), burst);
        packet::account(world_.tables(), burst.all_packets(), counts,
                        {&worker_, services_.get(), backends_.get()});
        for (std::uint32_t i = 0; i < burst.count; ++i)
            check(frames[i], further.empty() ? 0 : further[i], burst.frames[i], burst.packets[i]);
        for (std::uint32_t i = 0; i < state_->conflicts.count; ++i)
            check(state_->conflicts.all[i]);
    }

  private:
    void check(const abi::AddressConflict& conflict) {
        const packet::Tables& tables = world_.tables();
        const std::uint32_t vip = tables.index.find_vip(tables.generation, conflict.vip);
        require(vip != packet::kNone && tables.generation.vips[vip].lease == abi::kNoGroup,
                "a conflict is about a VIP that is owned");
        require(conflict.sender != tables.ports[conflict.port].mac,
                "no conflict is with the gateway itself");
    }

    void check(const std::vector<std::uint8_t>& in, std::uint32_t further, const packet::Frame& out,
               const packet::Packet& packet) {
        using packet::Action;
        require(packet.action != Action::kUndecided, "every packet is decided");
        const bool rewritten =
            packet.action == Action::kForward || packet.action == Action::kAnswer;
        if (!rewritten) {
            require(packet::sample::bytes_of(out) == in && out.length() == in.size() + further,
                    "what is not sent is unchanged");
            require(packet.action != Action::kDrop ||
                        static_cast<std::size_t>(packet.reason) < abi::kDropReasonCount,
                    "a drop has a reason");
        }
        if (packet.action == Action::kForward || packet.action == Action::kSplit) {
            const auto& generation = world_.generation();
            const abi::PoolEntry& pool = generation.pools[generation.services[packet.service].pool];
            require(packet.backend - pool.backend_base < pool.backend_count,
                    "a packet goes to a backend of its own service");
        }
        if (packet.action == Action::kForward)
            require(out.length() <= in.size() + further + 64, "a tunnel adds what a tunnel adds");
    }

    packet::sample::World world_;
    std::vector<packet::FlowBucket> buckets_ = std::vector<packet::FlowBucket>(4);
    std::vector<packet::DatagramBlock> datagrams_ = std::vector<packet::DatagramBlock>(1);
    std::vector<packet::UnpinnedFlows::Place> unpinned_ =
        std::vector<packet::UnpinnedFlows::Place>(8);
    std::unique_ptr<packet::WorkerState> state_ = std::make_unique<packet::WorkerState>();
    std::unique_ptr<packet::Burst> burst_ = std::make_unique<packet::Burst>();
    abi::WorkerCounters worker_{};
    std::unique_ptr<abi::TrafficCounter[]> services_ =
        std::make_unique<abi::TrafficCounter[]>(abi::kMaxServices);
    std::unique_ptr<abi::TrafficCounter[]> backends_ =
        std::make_unique<abi::TrafficCounter[]>(abi::kMaxBackends);
    std::uint64_t now_ms_ = 1'000'000;
};

}  // namespace vipfwd::fuzz
