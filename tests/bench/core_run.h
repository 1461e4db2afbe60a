// SPDX-License-Identifier: Apache-2.0
// Runs one case of core_bench: first all flows are inserted, then bursts are made and forwarded in
// slices.
#pragma once

#include <array>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "dataplane/packet/account.h"
#include "dataplane/packet/match.h"
#include "dataplane/packet/parse.h"
#include "dataplane/packet/pipeline.h"
#include "dataplane/packet/rewrite.h"
#include "dataplane/packet/select.h"
#include "dataplane/packet/track.h"
#include "tests/bench/core_cases.h"
#include "tests/bench/instructions.h"
#include "tests/bench/measure.h"
#include "tests/bench/result_line.h"

namespace vipfwd::bench {

inline constexpr std::uint32_t kBurstsPerSlice = 400;
inline constexpr double kPacketsPerSlice = double{kBurstsPerSlice} * packet::kBurstSize;
inline constexpr const char* kUnit = "clock cycles/packet";
inline constexpr const char* kReference = "exchange MACs";

inline void exchange_macs(packet::Burst& burst) {
    for (packet::Frame& frame : burst.all_frames()) {
        const auto destination = packet::load<MacAddress>(frame.bytes(), 0);
        const auto source = packet::load<MacAddress>(frame.bytes(), sizeof destination);
        packet::store(frame.mutable_bytes(), source);
        packet::store(frame.mutable_bytes() + sizeof source, destination);
    }
}

// The compiler must write the frames to memory and read them again, as if a device accessed them.
inline void compiler_barrier() {
    asm volatile("" ::: "memory");
}

class CoreRun {
  public:
    explicit CoreRun(const Case& one)
        : case_(one),
          world_(one.world),
          traffic_(whole_traffic_of(one)),
          burst_(std::make_unique<packet::Burst>()),
          held_(std::make_unique<packet::Burst>()) {
        begin_flows();
        if (is_whole(one))
            return;
        world_.empty_rings();
        traffic_ = Traffic(traffic_of(one));
    }

    void run(std::uint32_t slices) {
        const Outcome outcome = measure(
            slices, [&] { forward_burst(); }, [&] { check(); });
        Line(case_.name, kUnit)
            .samples(outcome.subject)
            .reference(kReference, outcome.reference)
            .print();
    }

    // Runs one slice for callgrind, and prints its number of packets.
    void count_instructions() {
        is_counted_ = true;
        {
            const Instrumented instrumented(case_.name);
            run_slice();
        }
        is_counted_ = false;
        check();
        Line(case_.name, "packets").value(kPacketsPerSlice).print();
    }

    void run_slice() {
        repeat([&] { forward_burst(); });
    }

    // Measures what each stage adds to the stages before it.
    void run_stages(std::uint32_t slices) {
        static constexpr const char* kStages[] = {"parse",  "match",   "track",
                                                  "select", "rewrite", "account"};
        Cycles before;
        for (std::uint32_t last = 0; last < std::size(kStages); ++last) {
            const Outcome outcome = measure(
                slices, [&] { go_through_stages(last); }, [] {});
            Line line(case_.name + ", stage " + kStages[last], kUnit);
            line.gate(outcome.subject);
            if (outcome.subject.are_enough()) {
                line.value(outcome.subject.median() - before);
                before = outcome.subject.median();
            }
            line.print();
        }
    }

  private:
    template <typename Subject, typename Between>
    Outcome measure(std::uint32_t slices, const Subject& subject, const Between& between) {
        return interleave(
            {slices, kPacketsPerSlice}, [&] { repeat([&] { make_burst(); }); },
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
        compiler_barrier();
    }

    void forward_burst() {
        make_burst();
        pass_burst();
    }

    void pass_burst() {
        process_and_account(*burst_);
        if (case_.shape == Shape::kFragmentsBack)
            resume_held();
        made_ += packet::kBurstSize;
        compiler_barrier();
    }

    void process_and_account(packet::Burst& burst) {
        std::optional<Collecting> collecting;
        if (is_counted_)
            collecting.emplace();
        const packet::BurstCounts counts =
            packet::process(world_.tables(), world_.state(), now_, burst);
        packet::account(world_.tables(), burst.all_packets(), counts, world_.counters());
    }

    // Resumes held fragments, as the dataplane does once the first fragments have arrived.
    void resume_held() {
        std::array<std::uint32_t, packet::kBurstSize> places;
        held_->count = 0;
        held_->resumed = true;
        for (std::uint32_t i = 0; i < packet::kBurstSize; ++i) {
            if (burst_->packets[i].action != packet::Action::kHold)
                continue;
            places[held_->count] = i;
            held_->frames[held_->count++] = burst_->frames[i];
        }
        process_and_account(*held_);
        for (std::uint32_t i = 0; i < held_->count; ++i)
            burst_->frames[places[i]] = held_->frames[i];
    }

    void go_through_stages(std::uint32_t last) {
        make_burst();
        const packet::Tables& tables = world_.tables();
        const packet::FlowAge age(tables.generation.header.timeouts, now_.s);
        const auto frames = burst_->all_frames();
        const auto packets = burst_->all_packets();
        packet::parse(frames, tables, packets);
        if (last >= 1)
            packet::match(tables, world_.state().ownership, packets);
        bool all_pinned = true;
        if (last >= 2)
            all_pinned = packet::track(tables, world_.state(), now_, age, packets);
        if (last >= 3 && !all_pinned)
            packet::select(tables, world_.state(), now_, age, packets);
        if (last >= 4)
            packet::rewrite(tables, world_.state(), now_, frames, packets);
        if (last >= 5)
            packet::account(tables, packets, {}, world_.counters());
        compiler_barrier();
    }

    // Checks that every packet was forwarded, and that the output is right.
    void check() {
        make_burst();
        for (std::uint32_t i = 0; i < packet::kBurstSize; ++i)
            originals_[i].assign(burst_->frames[i].bytes().begin(),
                                 burst_->frames[i].bytes().end());
        pass_burst();
        if (world_.counters().worker->forwarded_packets.read() != made_)
            fail("a packet was not forwarded");
        for (std::uint32_t i = 0; i < packet::kBurstSize; ++i) {
            if (!is_encapsulated(burst_->frames[i], originals_[i]))
                fail("a packet came out wrong");
        }
        if (case_.order == Order::kNew || case_.new_one_in != 0)
            make_room();
    }

    bool is_encapsulated(const packet::Frame& frame, std::span<const std::uint8_t> original) const {
        const auto inner = original.subspan(kIpAt);
        const auto out = frame.bytes();
        if (out.size() < original.size() ||
            std::memcmp(&out[out.size() - inner.size()], inner.data(), inner.size()) != 0)
            return false;
        if (!abi::forward_mode(case_.world.forward).is_tunnel)
            return out.size() == original.size();
        const std::size_t header_end = case_.world.v4 ? kIpv4PayloadAt : kIpv6PayloadAt;
        if (out.size() < header_end + inner.size())
            return false;
        if (!case_.world.v4)
            return packet::load<packet::Ipv6Header>(out, kIpAt).payload_length.host() ==
                   out.size() - header_end;
        return packet::load<packet::Ipv4Header>(out, kIpAt).total_length.host() ==
                   out.size() - kIpAt &&
               internet_sum(out.subspan(kIpAt, sizeof(packet::Ipv4Header))) == 0xffff;
    }

    // Empties the flow table before its entries are used up.
    void make_room() {
        since_room_ += kBurstsPerSlice * packet::kBurstSize;
        if (since_room_ + kBurstsPerSlice * packet::kBurstSize < case_.world.table_flows)
            return;
        world_.forget_flows();
        since_room_ = 0;
        if (case_.new_one_in != 0)
            begin_flows();
    }

    // Inserts every flow, and has it proven by a packet some time later.
    void begin_flows() {
        constexpr std::uint32_t kProof_ms = 1000 * packet::kProofTime * packet::kFlowTimeUnit_s;
        for (const std::uint32_t wait_ms : {0u, kProof_ms}) {
            now_ = packet::Moment::from_ms(now_.ms + wait_ms);
            for (std::uint64_t i = 0; i < 2 * case_.flows / packet::kBurstSize + 1000; ++i)
                forward_burst();
        }
    }

    [[noreturn]] void fail(const char* what) const {
        std::fprintf(stderr, "core_bench: %s: %s\n", case_.name.c_str(), what);
        std::exit(1);
    }

    Case case_;
    CoreWorld world_;
    Traffic traffic_;
    std::unique_ptr<packet::Burst> burst_;
    std::unique_ptr<packet::Burst> held_;
    std::array<std::vector<std::uint8_t>, packet::kBurstSize> originals_;  // of the burst checked
    packet::Moment now_ = packet::Moment::from_ms(1'000'000);
    std::uint64_t made_ = 0;
    std::uint64_t since_room_ = 0;
    bool is_counted_ = false;  // by callgrind
};

}  // namespace vipfwd::bench
