// SPDX-License-Identifier: Apache-2.0
// The packet core in cycles a packet: bursts made in memory, through process() and account().
// Prints a line of JSON a case, for scripts/bench. The reference is the least that a forwarder
// does: exchange the MAC addresses.
//
//   core_bench [--quick] [CASE ...]     cases whose name contains one of these; all if there are
//   none
#include <cstdlib>
#include <cstring>
#include <memory>

#include "dataplane/packet/account.h"
#include "dataplane/packet/gather.h"
#include "dataplane/packet/match.h"
#include "dataplane/packet/parse.h"
#include "dataplane/packet/pipeline.h"
#include "dataplane/packet/rewrite.h"
#include "dataplane/packet/select.h"
#include "dataplane/packet/track.h"
#include "tests/bench/core_workers.h"
#include "tests/bench/core_world.h"
#include "tests/bench/measure.h"
#include "tests/bench/overflow.h"
#include "tests/bench/traffic.h"

namespace vipfwd::bench {
namespace {

using namespace packet;

constexpr std::uint32_t kBurstsPerSlice = 400;
constexpr const char* kUnit = "cycles/packet";
constexpr const char* kReference = "exchange MACs";

struct Case {
    const char* name;
    WorldSpec world{};
    std::uint64_t flows = 1 << 16;
    Order order = Order::kUniform;
    std::uint8_t tcp_flags = kTcpAck;
    std::uint32_t new_one_in = 0;  // so many packets is of a new flow; 0: none
};

constexpr std::uint64_t kMillion = 1 << 20;

const Case kCases[] = {
    {.name = "ipv4 ipip, 1 flow", .flows = 1},
    {.name = "ipv4 ipip, 4 K flows", .flows = 1 << 12},
    {.name = "ipv4 ipip, 64 K flows"},
    {.name = "ipv4 ipip, 1 M flows", .flows = kMillion},
    {.name = "ipv4 ipip, 1 M flows, Zipf", .flows = kMillion, .order = Order::kZipf},
    {.name = "ipv4 ipip, 1 M flows, sequential", .flows = kMillion, .order = Order::kSequential},
    {.name = "ipv4 ipip, 8 M flows", .world = {.table_flows = 8 * kMillion}, .flows = 8 * kMillion},
    {.name = "ipv4 ipip, 16 M flows",
     .world = {.table_flows = 16 * kMillion},
     .flows = 16 * kMillion},
    {.name = "ipv4 ipip, new flows, 1 M table", .order = Order::kNew, .tcp_flags = kTcpSyn},
    {.name = "ipv4 ipip, 64 K flows, one packet in 8 of a new flow", .new_one_in = 8},
    {.name = "ipv4 ipip, SYN flood over budget",
     .world = {.new_flows_per_s = 10},
     .order = Order::kNew,
     .tcp_flags = kTcpSyn},
    {.name = "ipv4 ipip, ring only", .tcp_flags = kTcpRst},
    {.name = "ipv4 gue, 64 K flows", .world = {.forward = abi::Forward::kGue}},
    {.name = "ipv4 l2, 64 K flows", .world = {.forward = abi::Forward::kL2}},
    {.name = "ipv6 ipip, 1 flow", .world = {.v4 = false}, .flows = 1},
    {.name = "ipv6 ipip, 1 M flows", .world = {.v4 = false}, .flows = kMillion},
    {.name = "ipv6 gue, 64 K flows", .world = {.v4 = false, .forward = abi::Forward::kGue}},
    {.name = "ipv4 ipip, 64 K flows, 4096 services", .world = {.services = 4096}},
    {.name = "ipv4 ipip, 64 K flows, 64 services, 64 pools, 640 backends",
     .world = {.services = 64, .pools = 64}},
    {.name = "ipv4 ipip, 64 K flows, 64 services, 64 pools, 65536 backends",
     .world = {.services = 64, .pools = 64, .backends_per_pool = 1024}},
};

TrafficSpec traffic_of(const Case& one) {
    sample::Spec spec = one.world.v4 ? sample::Spec() : sample::spec6();
    spec.destination_port = kFirstServicePort;
    spec.tcp_flags = one.tcp_flags;
    spec.payload = 6;
    return {.frame = one.world.v4 ? sample::ipv4(spec) : sample::ipv6(spec),
            .flows = one.flows,
            .order = one.order,
            .services = one.world.services,
            .new_one_in = one.new_one_in};
}

void exchange_macs(Burst& burst) {
    for (Frame& frame : burst.all_frames()) {
        const auto destination = load<MacAddress>(frame.bytes(), 0);
        const auto source = load<MacAddress>(frame.bytes(), sizeof destination);
        store(frame.mutable_bytes(), source);
        store(frame.mutable_bytes() + sizeof source, destination);
    }
}

// As a device would read and write them.
void forget_what_is_in_memory() {
    asm volatile("" ::: "memory");
}

class CoreCase {
  public:
    explicit CoreCase(const Case& one)
        : case_(one),
          world_(one.world),
          traffic_(traffic_of(one)),
          burst_(std::make_unique<Burst>()) {
        for (std::uint64_t i = 0; i < 2 * one.flows / kBurstSize + 1000; ++i)
            forward_burst();
    }

    void run(std::uint32_t slices) {
        const Outcome outcome = measure(
            slices, [&] { forward_burst(); }, [&] { check(); });
        Line(case_.name, kUnit)
            .samples(outcome.subject)
            .reference(kReference, outcome.reference)
            .print();
    }

    void run_slice() {
        repeat([&] { forward_burst(); });
    }

    // What each stage adds to those before it.
    void run_stages(std::uint32_t slices) {
        static constexpr const char* kStages[] = {"parse",  "match",   "track",
                                                  "select", "rewrite", "account"};
        double p5_before = 0;
        double before = 0;
        for (std::uint32_t last = 0; last < std::size(kStages); ++last) {
            const Outcome outcome = measure(
                slices, [&] { go_through_stages(last); }, [] {});
            Line(std::string(case_.name) + ", stage " + kStages[last], kUnit)
                .value(outcome.subject.median() - before)
                .p5(outcome.subject.p5() - p5_before)
                .print();
            before = outcome.subject.median();
            p5_before = outcome.subject.p5();
        }
    }

  private:
    template <typename Subject, typename Between>
    Outcome measure(std::uint32_t slices, const Subject& subject, const Between& between) {
        return interleave(
            {slices, double{kBurstsPerSlice} * kBurstSize}, [&] { repeat([&] { make_burst(); }); },
            [&] {
                repeat([&] {
                    make_burst();
                    exchange_macs(*burst_);
                });
            },
            [&] { repeat(subject); }, between);
    }

    template <typename Step>
    static void repeat(const Step& step) {
        for (std::uint32_t i = 0; i < kBurstsPerSlice; ++i)
            step();
    }

    void make_burst() {
        traffic_.make(*burst_);
        forget_what_is_in_memory();
    }

    void forward_burst() {
        make_burst();
        const Events events = process(world_.tables(), world_.memory(), now_, *burst_);
        account(world_.tables(), burst_->all_packets(), events, world_.counters());
        made_ += kBurstSize;
        forget_what_is_in_memory();
    }

    void go_through_stages(std::uint32_t last) {
        make_burst();
        const Tables& tables = world_.tables();
        const FlowAge age(tables.generation.header.timeouts, now_.s);
        const auto frames = burst_->all_frames();
        const auto packets = burst_->all_packets();
        parse(frames, tables, packets);
        if (last >= 1)
            match(tables, world_.memory().ownership, packets);
        bool all_pinned = true;
        if (last >= 2)
            all_pinned = track(tables, world_.memory(), now_, age, packets);
        if (last >= 3 && !all_pinned)
            select(tables, world_.memory(), now_, age, packets);
        if (last >= 4)
            rewrite(tables, world_.memory(), now_, frames, packets);
        if (last >= 5)
            account(tables, packets, {}, world_.counters());
        forget_what_is_in_memory();
    }

    // All that was made has been forwarded, and what comes out is what it should be.
    void check() {
        forward_burst();
        if (world_.counters().worker->forwarded_packets.read() != made_)
            fail("a packet was not forwarded");
        for (std::uint32_t i = 0; i < kBurstSize; ++i) {
            if (!is_encapsulated(burst_->frames[i], traffic_.original(i)))
                fail("a packet came out wrong");
        }
        if (case_.order == Order::kNew || case_.new_one_in != 0)
            make_room();
    }

    bool is_encapsulated(const Frame& frame, std::span<const std::uint8_t> original) const {
        const auto inner = original.subspan(sizeof(EthernetHeader));
        const auto out = frame.bytes();
        if (out.size() < sizeof(EthernetHeader) + inner.size() ||
            std::memcmp(&out[out.size() - inner.size()], inner.data(), inner.size()) != 0)
            return false;
        if (case_.world.forward == abi::Forward::kL2)
            return out.size() == original.size();
        if (!case_.world.v4)
            return load<Ipv6Header>(out, 14).payload_length.host() == out.size() - 54;
        return load<Ipv4Header>(out, 14).total_length.host() == out.size() - 14 &&
               internet_sum(out.subspan(14, sizeof(Ipv4Header))) == 0xffff;
    }

    // A table of a million flows holds no more than these: then it begins anew.
    void make_room() {
        since_room_ += kBurstsPerSlice * kBurstSize;
        if (since_room_ + kBurstsPerSlice * kBurstSize < case_.world.table_flows)
            return;
        std::memset(static_cast<void*>(world_.buckets().data()), 0, world_.buckets().size_bytes());
        since_room_ = 0;
        for (std::uint64_t i = 0; case_.new_one_in != 0 && i < 2 * case_.flows / kBurstSize; ++i)
            forward_burst();
    }

    [[noreturn]] void fail(const char* what) const {
        std::fprintf(stderr, "core_bench: %s: %s\n", case_.name, what);
        std::exit(1);
    }

    Case case_;
    CoreWorld world_;
    Traffic traffic_;
    std::unique_ptr<Burst> burst_;
    Moment now_ = Moment::from_ms(1'000'000);
    std::uint64_t made_ = 0;
    std::uint64_t since_room_ = 0;
};

}  // namespace
}  // namespace vipfwd::bench

int main(int count, char** arguments) {
    using namespace vipfwd::bench;
    const std::vector<std::string> words(arguments + 1, arguments + count);
    const bool quick = !words.empty() && words[0] == "--quick";
    const std::vector<std::string> patterns(words.begin() + (quick ? 1 : 0), words.end());
    const auto wanted = [&](const std::string& name) {
        return patterns.empty() ||
               std::any_of(patterns.begin(), patterns.end(), [&](const std::string& pattern) {
                   return name.find(pattern) != std::string::npos;
               });
    };
    const std::uint32_t slices = quick ? 100 : 1000;
    Line("calibration: one dependent addition", "cycles").samples(cycles_of_addition()).print();
    for (const Case& one : kCases) {
        if (wanted(one.name))
            CoreCase(one).run(slices);
    }
    if (wanted("stage"))
        CoreCase(kCases[2]).run_stages(slices);
    if (wanted("two workers")) {
        CoreCase workers[] = {CoreCase(kCases[2]), CoreCase(kCases[2])};
        const auto slice = [&](int worker) { workers[worker].run_slice(); };
        Line("ipv4 ipip, 64 K flows, two workers", "times one")
            .samples(rate_of_two(slices, slice))
            .print();
    }
    if (wanted("overflow"))
        print_overflows();
}
