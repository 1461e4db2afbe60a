// SPDX-License-Identifier: Apache-2.0
// The health of one backend changes: measures control until the change is in force in the region,
// and the dataplane's main thread until it can offer the change to its workers.
#include <algorithm>
#include <cstring>
#include <memory>
#include <thread>

#include "control/table/ring.h"
#include "dataplane/abi/table_list.h"
#include "tests/bench/table_cases.h"
#include "tests/bench/table_sides.h"

namespace vipfwd::bench {
namespace {

constexpr std::size_t kPublishRounds = 300;
constexpr std::size_t kRoundsOfAllRings = 20;
constexpr std::size_t kRoundsOfHosts = 20;

// The least that publishing needs: building and copying the ring of the changed pool.
class OneRing {
  public:
    OneRing() {
        for (std::uint16_t i = 0; i < kBackendsPerPool; ++i)
            members_.push_back({numbered_address(0x0a020000, i), 100, i});
    }
    void make() {
        table::build_ring(members_, {{11, 22}}, slots_);
        std::copy(slots_.begin(), slots_.end(), copy_.begin());
        asm volatile("" : : "r"(copy_.data()) : "memory");
    }

  private:
    std::vector<table::RingMember> members_;
    std::vector<std::uint16_t> slots_ = std::vector<std::uint16_t>(abi::kDefaultRingSlots);
    std::vector<std::uint16_t> copy_ = std::vector<std::uint16_t>(abi::kDefaultRingSlots);
};

// The least that taking a generation needs: a plain copy of its used parts.
class PlainCopy {
  public:
    explicit PlainCopy(std::size_t bytes) : from_(bytes, 'x'), to_(bytes, ' ') {}
    void make() {
        std::memcpy(to_.data(), from_.data(), to_.size());
        asm volatile("" : : "r"(to_.data()) : "memory");
    }

  private:
    std::string from_;
    std::string to_;
};

struct PublishTimes {
    Samples build, publish, both, one_ring, take, copy, take_all;
};

void print(const PublishTimes& times, const std::string& pools, std::size_t control_bytes,
           std::size_t taken_bytes) {
    const char* const ring = "one ring built and copied";
    const double ring_us = times.one_ring.median();
    Line("publish of one change of health, " + pools, "us")
        .samples(times.both)
        .reference(ring, ring_us)
        .print();
    Line("publish of one change of health, build alone, " + pools, "us")
        .samples(times.build)
        .print();
    Line("publish of one change of health, writing alone, " + pools, "us")
        .samples(times.publish)
        .print();
    Line("publish of one change of health, written to the region, " + pools, "bytes")
        .value(static_cast<double>(control_bytes))
        .print();
    const std::string copy = "copy of " + std::to_string(taken_bytes) + " bytes";
    Line("acquire of one change, " + pools, "us")
        .samples(times.take)
        .reference(copy, times.copy)
        .print();
    Line("acquire of one change, copied, " + pools, "bytes")
        .value(static_cast<double>(taken_bytes))
        .print();
    Line("acquire of everything, " + pools, "us").samples(times.take_all).print();
}

// A host fails that is a backend of each pool.
void measure_host(const Effort& effort, std::size_t pools) {
    const unsigned threads = std::max(1u, std::thread::hardware_concurrency());
    ControlSide control(pools, pools, threads);
    Samples build, publish;
    for (std::size_t round = 0; round < effort.rounds(kRoundsOfHosts); ++round) {
        control.flip();
        const ControlSide::Cost cost = control.publish();
        build.add(cost.build_us);
        publish.add(cost.publish_us);
    }
    const std::string where = std::to_string(pools) + " pools";
    Line("host of all pools down, build alone, " + where, "us").samples(build).print();
    Line("host of all pools down, writing alone, " + where, "us").samples(publish).print();
}

}  // namespace

void measure_publish(const Effort& effort) {
    OneRing ring;
    for (const std::size_t pools : kPools) {
        ControlSide control(pools);
        DataplaneSide dataplane(control);
        const auto snapshots = std::make_unique<path::Snapshot[]>(2);
        dataplane.take(snapshots[0]);
        const std::size_t bytes = abi::used_bytes(snapshots[0].tables.generation.header);
        PlainCopy copy(bytes);
        PublishTimes times;
        ControlSide::Cost cost;
        for (std::size_t round = 0; round < effort.rounds(kPublishRounds); ++round) {
            control.flip();
            cost = control.publish();
            times.build.add(cost.build_us);
            times.publish.add(cost.publish_us);
            times.both.add(cost.all_us());
            times.one_ring.add(us_of([&] { ring.make(); }));
            times.take.add(us_of([&] { dataplane.take(snapshots[round % 2]); }));
            times.copy.add(us_of([&] { copy.make(); }));
        }
        for (std::size_t round = 0; round < effort.rounds(kRoundsOfAllRings); ++round) {
            dataplane.forget_rings();
            snapshots[round % 2].is_complete = false;
            times.take_all.add(us_of([&] { dataplane.take(snapshots[round % 2]); }));
        }
        print(times, std::to_string(pools) + " pools",
              bytes + cost.rings * abi::kDefaultRingSlots * sizeof(std::uint16_t), bytes);
        measure_host(effort, pools);
    }
}

}  // namespace vipfwd::bench
