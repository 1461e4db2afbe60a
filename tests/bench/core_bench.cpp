// SPDX-License-Identifier: Apache-2.0
// The packet core in cycles a packet: bursts made in memory, through process() and account().
// Prints a line of JSON a case, for scripts/bench. The reference is the least that a forwarder
// does: exchange the MAC addresses.
//
//   core_bench [--quick] [CASE ...]     cases whose name contains one of these; all if there are
//   none
#include <sys/mman.h>

#include <cstdlib>
#include <cstring>
#include <functional>
#include <memory>

#include "dataplane/packet/account.h"
#include "dataplane/packet/pipeline.h"
#include "tests/bench/measure.h"
#include "tests/bench/traffic.h"
#include "tests/dataplane/packet/sample.h"

namespace vipfwd::bench {
namespace {

using namespace packet;

constexpr std::uint32_t kBurstsPerSlice = 400;
constexpr std::uint16_t kFirstServicePort = 10'000;

struct Case {
    const char* name;
    bool v4 = true;  // clients, VIP and backends
    abi::Forward forward = abi::Forward::kIpip;
    std::uint64_t flows = 1 << 16;
    Order order = Order::kUniform;
    std::uint8_t tcp_flags = kTcpAck;
    std::uint64_t table_flows = 1 << 20;
    std::uint32_t services = 1;
    std::uint32_t pools = 1;
    std::uint32_t backends_per_pool = 10;
    std::uint32_t new_flows_per_s = 0;
};

constexpr std::uint64_t kMillion = 1 << 20;

const Case kCases[] = {
    {.name = "ipv4 ipip, 1 flow", .flows = 1},
    {.name = "ipv4 ipip, 4 K flows", .flows = 1 << 12},
    {.name = "ipv4 ipip, 64 K flows"},
    {.name = "ipv4 ipip, 1 M flows", .flows = kMillion},
    {.name = "ipv4 ipip, 1 M flows, Zipf", .flows = kMillion, .order = Order::kZipf},
    {.name = "ipv4 ipip, 1 M flows, sequential", .flows = kMillion, .order = Order::kSequential},
    {.name = "ipv4 ipip, 8 M flows", .flows = 8 * kMillion, .table_flows = 8 * kMillion},
    {.name = "ipv4 ipip, 16 M flows", .flows = 16 * kMillion, .table_flows = 16 * kMillion},
    {.name = "ipv4 ipip, new flows, 1 M table", .order = Order::kNew, .tcp_flags = kTcpSyn},
    {.name = "ipv4 ipip, SYN flood over budget",
     .order = Order::kNew,
     .tcp_flags = kTcpSyn,
     .new_flows_per_s = 10},
    {.name = "ipv4 ipip, ring only", .tcp_flags = kTcpRst},
    {.name = "ipv4 gue, 64 K flows", .forward = abi::Forward::kGue},
    {.name = "ipv4 l2, 64 K flows", .forward = abi::Forward::kL2},
    {.name = "ipv6 ipip, 1 flow", .v4 = false, .flows = 1},
    {.name = "ipv6 ipip, 1 M flows", .v4 = false, .flows = kMillion},
    {.name = "ipv6 gue, 64 K flows", .v4 = false, .forward = abi::Forward::kGue},
    {.name = "ipv4 ipip, 64 K flows, 4096 services", .services = 4096},
    {.name = "ipv4 ipip, 64 K flows, 65536 backends",
     .services = 64,
     .pools = 64,
     .backends_per_pool = 1024},
};

std::string numbered_address(bool v4, std::uint32_t number) {
    char text[64];
    if (v4)
        std::snprintf(text, sizeof text, "10.%u.%u.%u", 1 + (number >> 16), number >> 8 & 0xff,
                      number & 0xff);
    else
        std::snprintf(text, sizeof text, "fd00::1:%x:%x", number >> 16, number & 0xffff);
    return text;
}

// The sample world, with the services and backends of a case put in place of its own.
class BenchWorld {
  public:
    explicit BenchWorld(const Case& one) : world_(one.pools) {
        abi::GenerationHeader& header = world_.generation().header;
        header.service_count = header.pool_count = header.backend_count = 0;
        header.new_flows_per_s = one.new_flows_per_s;
        for (std::uint32_t pool = 0; pool < one.pools; ++pool) {
            std::vector<std::string> addresses;
            for (std::uint32_t i = 0; i < one.backends_per_pool; ++i)
                addresses.push_back(numbered_address(one.v4, pool * one.backends_per_pool + i));
            world_.add_pool(("pool" + std::to_string(pool)).c_str(), addresses);
        }
        for (std::uint32_t i = 0; i < one.services; ++i) {
            const auto port = static_cast<std::uint16_t>(kFirstServicePort + i);
            world_.add_service(one.v4 ? "10.0.0.100" : "fd00::100", kIpProtocolTcp, port, port,
                               i % one.pools);
            world_.generation().services[i].forward = static_cast<std::uint8_t>(one.forward);
        }
        world_.rebuild();
    }
    const Tables& tables() const { return world_.tables(); }

  private:
    sample::World world_;
};

// On hugepages, as far as the machine has any free.
std::span<FlowBucket> map_buckets(std::uint64_t count) {
    constexpr std::uint64_t kHugepage = 2 << 20;
    const std::uint64_t bytes =
        (count * sizeof(FlowBucket) + kHugepage - 1) / kHugepage * kHugepage;
    constexpr int kFlags = MAP_PRIVATE | MAP_ANONYMOUS;
    void* place =
        mmap(nullptr, bytes, PROT_READ | PROT_WRITE, kFlags | MAP_HUGETLB | MAP_POPULATE, -1, 0);
    if (place == MAP_FAILED) {
        place = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, kFlags, -1, 0);
        if (place == MAP_FAILED) {
            std::fprintf(stderr, "core_bench: no memory for the flow table\n");
            std::exit(1);
        }
        madvise(place, bytes, MADV_HUGEPAGE);
    }
    return {static_cast<FlowBucket*>(place), count};
}

TrafficSpec traffic_of(const Case& one) {
    sample::Spec spec = one.v4 ? sample::Spec() : sample::spec6();
    spec.destination_port = kFirstServicePort;
    spec.tcp_flags = one.tcp_flags;
    spec.payload = 6;
    return {.frame = one.v4 ? sample::ipv4(spec) : sample::ipv6(spec),
            .flows = one.flows,
            .order = one.order,
            .services = one.services};
}

void exchange_macs(Burst& burst) {
    for (Frame& frame : burst.all_frames()) {
        const auto destination = load<MacAddress>(frame.bytes(), 0);
        const auto source = load<MacAddress>(frame.bytes(), sizeof destination);
        store(frame.mutable_bytes(), source);
        store(frame.mutable_bytes() + sizeof source, destination);
    }
}

class CoreCase {
  public:
    explicit CoreCase(const Case& one)
        : case_(one),
          world_(one),
          tables_(world_.tables()),
          traffic_(traffic_of(one)),
          buckets_(map_buckets(FlowTable::bucket_count(one.table_flows))),
          datagrams_(64),
          memory_(std::make_unique<Memory>()),
          burst_(std::make_unique<Burst>()),
          services_(std::make_unique<abi::TrafficCounter[]>(abi::kMaxServices)),
          backends_(std::make_unique<abi::TrafficCounter[]>(abi::kMaxBackends)) {
        memory_->flows = FlowTable(buckets_);
        memory_->fragments = FragmentTable(datagrams_, 1);
    }
    ~CoreCase() { munmap(buckets_.data(), buckets_.size_bytes()); }

    void run(std::uint32_t slices) {
        const std::uint64_t warm_up = 2 * case_.flows / kBurstSize + 1000;
        for (std::uint64_t i = 0; i < warm_up; ++i)
            forward_burst();
        const Outcome outcome = interleave(
            {slices, double{kBurstsPerSlice} * kBurstSize}, [&] { repeat([&] { make_burst(); }); },
            [&] {
                repeat([&] {
                    make_burst();
                    exchange_macs(*burst_);
                });
            },
            [&] { repeat([&] { forward_burst(); }); }, [&] { check(); });
        print_line(case_.name, "cycles/packet", outcome.subject, "exchange MACs",
                   outcome.reference);
    }

  private:
    template <typename Step>
    static void repeat(const Step& step) {
        for (std::uint32_t i = 0; i < kBurstsPerSlice; ++i)
            step();
    }

    void make_burst() {
        traffic_.make(*burst_);
        asm volatile("" ::: "memory");  // as a device would read and write them
    }

    void forward_burst() {
        make_burst();
        const Events events = process(tables_, *memory_, now_, *burst_);
        account(tables_, burst_->all_packets(), events,
                {&worker_, services_.get(), backends_.get()});
        made_ += kBurstSize;
        asm volatile("" ::: "memory");
    }

    // All that was made has been forwarded, and what comes out is what it should be.
    void check() {
        forward_burst();
        if (worker_.forwarded_packets.read() != made_)
            fail("a packet was not forwarded");
        for (std::uint32_t i = 0; i < kBurstSize; ++i) {
            if (!is_encapsulated(burst_->frames[i], traffic_.original(i)))
                fail("a packet came out wrong");
        }
        if (case_.order == Order::kNew && case_.new_flows_per_s == 0)
            make_room();
    }

    bool is_encapsulated(const Frame& frame, std::span<const std::uint8_t> original) const {
        const auto inner = original.subspan(sizeof(EthernetHeader));
        const auto out = frame.bytes();
        if (out.size() < sizeof(EthernetHeader) + inner.size() ||
            std::memcmp(&out[out.size() - inner.size()], inner.data(), inner.size()) != 0)
            return false;
        if (case_.forward == abi::Forward::kL2)
            return out.size() == original.size();
        if (!case_.v4)
            return load<Ipv6Header>(out, 14).payload_length.host() == out.size() - 54;
        return load<Ipv4Header>(out, 14).total_length.host() == out.size() - 14 &&
               internet_sum(out.subspan(14, sizeof(Ipv4Header))) == 0xffff;
    }

    // A table of a million flows holds no more than these.
    void make_room() {
        if (memory_since_ + 2 * kBurstsPerSlice * kBurstSize < case_.table_flows) {
            memory_since_ += kBurstsPerSlice * kBurstSize;
            return;
        }
        std::memset(static_cast<void*>(buckets_.data()), 0, buckets_.size_bytes());
        memory_since_ = 0;
    }

    [[noreturn]] void fail(const char* what) const {
        std::fprintf(stderr, "core_bench: %s: %s\n", case_.name, what);
        std::exit(1);
    }

    Case case_;
    BenchWorld world_;
    const Tables& tables_;
    Traffic traffic_;
    std::span<FlowBucket> buckets_;
    std::vector<DatagramEntry> datagrams_;
    std::unique_ptr<Memory> memory_;
    std::unique_ptr<Burst> burst_;
    abi::WorkerCounters worker_{};
    std::unique_ptr<abi::TrafficCounter[]> services_;
    std::unique_ptr<abi::TrafficCounter[]> backends_;
    Moment now_ = Moment::from_ms(1'000'000);
    std::uint64_t made_ = 0;
    std::uint64_t memory_since_ = 0;
};

}  // namespace
}  // namespace vipfwd::bench

int main(int count, char** arguments) {
    using namespace vipfwd::bench;
    const std::vector<std::string> words(arguments + 1, arguments + count);
    const bool quick = !words.empty() && words[0] == "--quick";
    const std::vector<std::string> patterns(words.begin() + (quick ? 1 : 0), words.end());
    print_line("calibration: one dependent addition", "cycles", cycles_of_addition());
    for (const Case& one : kCases) {
        const std::string name = one.name;
        const auto wanted = [&](const std::string& pattern) {
            return name.find(pattern) != std::string::npos;
        };
        if (patterns.empty() || std::any_of(patterns.begin(), patterns.end(), wanted))
            CoreCase(one).run(quick ? 100 : 1000);
    }
}
