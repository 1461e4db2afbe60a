// SPDX-License-Identifier: Apache-2.0
// The tables and the state of a worker, with the services and backends of a case.
#pragma once

#include <sys/mman.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "dataplane/packet/account.h"
#include "dataplane/packet/worker_state.h"
#include "tests/bench/traffic.h"
#include "tests/dataplane/packet/sample.h"

namespace vipfwd::bench {

struct WorldSpec {
    bool v4 = true;  // VIP and backends
    abi::Forward forward = abi::Forward::kIpip;
    std::uint8_t protocol = packet::kIpProtocolTcp;
    std::uint32_t services = 1;  // of ports from kFirstServicePort up; pools take turns
    std::uint32_t pools = 1;
    std::uint32_t backends = 10;  // of all pools together, equally many in each
    bool ring_only = false;       // the services do not pin their flows
    std::uint32_t new_flows_per_s = 0;
    std::uint16_t service_share_percent = 100;
    std::uint64_t table_flows = 1 << 20;
};

inline std::string numbered_address(bool v4, std::uint32_t number) {
    char text[64];
    if (v4)
        std::snprintf(text, sizeof text, "10.%u.%u.%u", 1 + (number >> 16), number >> 8 & 0xff,
                      number & 0xff);
    else
        std::snprintf(text, sizeof text, "fd00::1:%x:%x", number >> 16, number & 0xffff);
    return text;
}

// On hugepages, if enough are free.
class Buckets {
  public:
    explicit Buckets(std::uint64_t count) {
        constexpr std::uint64_t kHugepage = 2 << 20;
        const std::uint64_t bytes =
            (count * sizeof(packet::FlowBucket) + kHugepage - 1) / kHugepage * kHugepage;
        constexpr int kFlags = MAP_PRIVATE | MAP_ANONYMOUS;
        constexpr int kProtection = PROT_READ | PROT_WRITE;
        void* place = mmap(nullptr, bytes, kProtection, kFlags | MAP_HUGETLB | MAP_POPULATE, -1, 0);
        if (place == MAP_FAILED) {
            place = mmap(nullptr, bytes, kProtection, kFlags, -1, 0);
            if (place == MAP_FAILED) {
                std::fprintf(stderr, "core_bench: no memory for a flow table\n");
                std::exit(1);
            }
            madvise(place, bytes, MADV_HUGEPAGE);
        }
        mapped_ = {static_cast<std::byte*>(place), bytes};
        buckets_ = {static_cast<packet::FlowBucket*>(place), count};
    }
    ~Buckets() { munmap(mapped_.data(), mapped_.size()); }
    Buckets(const Buckets&) = delete;
    Buckets& operator=(const Buckets&) = delete;

    std::span<packet::FlowBucket> all() const { return buckets_; }

  private:
    std::span<std::byte> mapped_;
    std::span<packet::FlowBucket> buckets_;
};

class CoreWorld {
  public:
    explicit CoreWorld(const WorldSpec& spec)
        : sample_(spec.pools),
          buckets_(packet::FlowTable::bucket_count(spec.table_flows)),
          datagrams_(8),
          unpinned_(1 << 17),
          state_(std::make_unique<packet::WorkerState>()),
          services_(std::make_unique<abi::TrafficCounter[]>(abi::kMaxServices)),
          backends_(std::make_unique<abi::TrafficCounter[]>(abi::kMaxBackends)) {
        state_->flows = packet::FlowTable(buckets_.all());
        state_->all_flows = std::span(&state_->flows, 1);
        state_->fragments = packet::FragmentTable(datagrams_, 1);
        state_->unpinned = packet::UnpinnedFlows(unpinned_);
        fill(spec);
        tables_ = &sample_.tables();
    }

    const packet::Tables& tables() const { return *tables_; }
    packet::WorkerState& state() { return *state_; }
    packet::RegionCounters counters() { return {&worker_, services_.get(), backends_.get()}; }

    // Empties the flow table.
    void forget_flows() {
        std::memset(static_cast<void*>(buckets_.all().data()), 0, buckets_.all().size_bytes());
        state_->flows = packet::FlowTable(buckets_.all());
    }

    // Empties the rings, so that from here on only known flows have backends.
    void empty_rings() {
        for (std::uint32_t pool = 0; pool < tables().generation.header.pool_count; ++pool) {
            for (std::uint16_t& slot : sample_.ring(pool))
                slot = abi::kNoBackend;
        }
    }

  private:
    // Replaces the services and backends of the sample.
    void fill(const WorldSpec& spec) {
        abi::GenerationHeader& header = sample_.generation().header;
        header.service_count = header.pool_count = header.backend_count = 0;
        header.new_flows_per_s = spec.new_flows_per_s;
        header.service_share_percent = spec.service_share_percent;
        const std::uint32_t each = spec.backends / spec.pools;
        for (std::uint32_t pool = 0; pool < spec.pools; ++pool) {
            std::vector<std::string> addresses;
            for (std::uint32_t i = 0; i < each; ++i)
                addresses.push_back(numbered_address(spec.v4, pool * each + i));
            sample_.add_pool(("pool" + std::to_string(pool)).c_str(), addresses);
        }
        for (std::uint32_t i = 0; i < spec.services; ++i) {
            const auto port = static_cast<std::uint16_t>(kFirstServicePort + i);
            sample_.add_service(spec.v4 ? "10.0.0.100" : "fd00::100", spec.protocol, port, port,
                                i % spec.pools);
            sample_.generation().services[i].forward = static_cast<std::uint8_t>(spec.forward);
            sample_.generation().services[i].flags = spec.ring_only ? abi::kServiceRingOnly : 0;
        }
        sample_.rebuild();
    }

    packet::sample::World sample_;
    const packet::Tables* tables_;
    Buckets buckets_;
    std::vector<packet::DatagramBlock> datagrams_;
    std::vector<packet::UnpinnedFlows::Place> unpinned_;
    std::unique_ptr<packet::WorkerState> state_;
    abi::WorkerCounters worker_{};
    std::unique_ptr<abi::TrafficCounter[]> services_;
    std::unique_ptr<abi::TrafficCounter[]> backends_;
};

}  // namespace vipfwd::bench
