// SPDX-License-Identifier: Apache-2.0
// Cycles a packet of the packet core: bursts of 64-byte frames, made in memory, through process()
// and account(). What making them costs is not counted. Prints a line a case: p5 and p50 over
// slices of some hundred microseconds, in TSC cycles.
//
//   core_bench [CASE ...]
#include <x86intrin.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "dataplane/packet/account.h"
#include "dataplane/packet/pipeline.h"
#include "tests/dataplane/packet/sample.h"

namespace vipfwd::packet {
namespace {

constexpr std::uint32_t kHeadroom = 128;
constexpr std::uint32_t kBufferBytes = 2048;
constexpr std::uint32_t kSlices = 4000;
constexpr std::uint32_t kBurstsPerSlice = 100;

struct Case {
    const char* name;
    bool v4;
    std::uint64_t flows;
    std::uint8_t tcp_flags;
};

constexpr Case kCases[] = {
    {"ipv4 ipip, 1 flow", true, 1, kTcpAck},
    {"ipv4 ipip, 64 K flows", true, 1 << 16, kTcpAck},
    {"ipv4 ipip, 1 M flows", true, 1 << 20, kTcpAck},
    {"ipv4 ipip, ring only", true, 1 << 16, kTcpRst},
    {"ipv6 ipip, 1 M flows", false, 1 << 20, kTcpAck},
};

class Bench {
  public:
    explicit Bench(const Case& one)
        : case_(one),
          buckets_(FlowTable::bucket_count(1 << 20)),
          datagrams_(64),
          frame_(one.v4 ? sample::ipv4(spec4()) : sample::ipv6(spec6())),
          memory_(std::make_unique<Memory>()),
          burst_(std::make_unique<Burst>()),
          services_(std::make_unique<abi::TrafficCounter[]>(abi::kMaxServices)),
          backends_(std::make_unique<abi::TrafficCounter[]>(abi::kMaxBackends)),
          buffers_(kBurstSize * kBufferBytes) {
        memory_->flows = FlowTable(buckets_);
        memory_->fragments = FragmentTable(datagrams_, 1);
        world_.generation().header.new_flows_per_s = 0;
    }

    void run() {
        for (std::uint64_t i = 0; i < 2 * case_.flows / kBurstSize + 1000; ++i)
            cycles_of_burst();
        std::vector<double> slices;
        for (std::uint32_t slice = 0; slice < kSlices; ++slice) {
            std::uint64_t cycles = 0;
            for (std::uint32_t i = 0; i < kBurstsPerSlice; ++i)
                cycles += cycles_of_burst();
            slices.push_back(static_cast<double>(cycles) / (kBurstsPerSlice * kBurstSize));
        }
        std::sort(slices.begin(), slices.end());
        std::printf("%-24s p5 %6.1f  p50 %6.1f c/p\n", case_.name, slices[kSlices / 20],
                    slices[kSlices / 2]);
        std::fflush(stdout);
    }

  private:
    sample::Spec spec4() const {
        sample::Spec spec;
        spec.tcp_flags = case_.tcp_flags;
        spec.payload = 6;
        return spec;
    }
    sample::Spec spec6() const {
        sample::Spec spec = sample::spec6();
        spec.tcp_flags = case_.tcp_flags;
        spec.payload = 6;
        return spec;
    }

    // Flow number n is a client address; flows come in a fixed random-looking order.
    void fill(std::uint32_t place) {
        std::uint8_t* const head = &buffers_[place * kBufferBytes + kHeadroom];
        std::memcpy(head, frame_.data(), frame_.size());
        const std::uint32_t flow = static_cast<std::uint32_t>(next_++ * 2654435761u) &
                                   static_cast<std::uint32_t>(case_.flows - 1);
        const Be32 client = Be32::from_host(0x0b000000 + flow);
        if (case_.v4) {
            auto ip = load<Ipv4Header>({head, frame_.size()}, 14);
            ip.source = client;
            ip.checksum = {};
            store(head + 14, ip);
            ip.checksum = internet_checksum({head + 14, sizeof ip});
            store(head + 14, ip);
        } else {
            store(head + 14 + 8 + 12, client);
        }
        const auto bytes = static_cast<std::uint32_t>(frame_.size());
        burst_->frames[place] = {head, bytes, bytes, kHeadroom, 0};
    }

    std::uint64_t cycles_of_burst() {
        burst_->count = kBurstSize;
        for (std::uint32_t i = 0; i < kBurstSize; ++i)
            fill(i);
        const std::uint64_t before = __rdtsc();
        const Events events =
            process(world_.tables(), *memory_, Moment::from_ms(1'000'000), *burst_);
        account(world_.tables(), burst_->all_packets(), events,
                {&worker_, services_.get(), backends_.get()});
        const std::uint64_t after = __rdtsc();
        for (const Packet& packet : burst_->all_packets()) {
            if (packet.action != Action::kForward) {
                std::fprintf(stderr, "%s: a packet was not forwarded\n", case_.name);
                std::exit(1);
            }
        }
        return after - before;
    }

    Case case_;
    sample::World world_;
    std::vector<FlowBucket> buckets_;
    std::vector<DatagramEntry> datagrams_;
    sample::Bytes frame_;
    std::unique_ptr<Memory> memory_;
    std::unique_ptr<Burst> burst_;
    abi::WorkerCounters worker_{};
    std::unique_ptr<abi::TrafficCounter[]> services_;
    std::unique_ptr<abi::TrafficCounter[]> backends_;
    std::vector<std::uint8_t> buffers_;
    std::uint64_t next_ = 0;
};

}  // namespace
}  // namespace vipfwd::packet

int main(int count, char** arguments) {
    for (const auto& one : vipfwd::packet::kCases) {
        const auto wanted = [&](const char* pattern) {
            return std::string(one.name).find(pattern) != std::string::npos;
        };
        if (count == 1 || std::any_of(arguments + 1, arguments + count, wanted))
            vipfwd::packet::Bench(one).run();
    }
}
