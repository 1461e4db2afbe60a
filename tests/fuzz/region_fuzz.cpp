// SPDX-License-Identifier: Apache-2.0
// Acts as a hostile control: changes any bytes of a valid generation, and corrects its checksums. A
// generation that passes validation must not lead the packet path out of bounds.
//
// Input: changes, each a position (32 bits, within what a generation and its rings use) and the
// byte to write there.
#include <cstdint>
#include <memory>
#include <vector>

#include "dataplane/abi/ring_store.h"
#include "dataplane/abi/table_list.h"
#include "dataplane/abi/validate.h"
#include "tests/fuzz/bytes.h"
#include "tests/fuzz/gateway.h"

namespace vipfwd::fuzz {
namespace {

constexpr std::uint32_t kPools = 3;   // of the tables of Gateway; pool i has ring i
constexpr std::uint32_t kSlots = 64;  // of each ring that may be changed
constexpr std::uint32_t kMostSlots =
    2 * abi::kRingStoreSlots;  // of a ring; there is room for these

struct Area {
    std::uint8_t* start;
    std::size_t size;
};

template <typename T>
Area area(T* start, std::size_t count) {
    return {reinterpret_cast<std::uint8_t*>(start), count * sizeof(T)};
}

// The parts that may be changed: the header, the used entries of each table and one more, the
// rings.
std::vector<Area> areas_of(abi::Generation& generation, std::uint16_t* rings) {
    std::vector<Area> areas = {area(&generation.header, 1)};
    abi::for_each_table([&](const auto& table) {
        areas.push_back(area(generation.*table.entries, generation.header.*table.count + 1));
    });
    for (std::uint32_t ring = 0; ring < kPools; ++ring)
        areas.push_back(area(rings + abi::first_slot_of(ring), kSlots));
    return areas;
}

// Corrects the magic and the checksums of the rings, as a hostile control would.
void seal(abi::Generation& generation, std::uint16_t* rings) {
    generation.header.magic = abi::kGenerationMagic;
    for (abi::PoolEntry& pool : std::span(generation.pools).first(kPools)) {
        pool.ring_store %= kPools;
        pool.ring_slots %= kMostSlots;
        pool.ring_checksum = abi::checksum_of(abi::ring_of(pool, rings));
    }
}

// A generation and its rings, changed by the input and restored afterwards.
class Hostile {
  public:
    explicit Hostile(Gateway& gateway) : rings_(gateway.world().rings()) {
        std::memcpy(static_cast<void*>(generation_.get()), &gateway.world().generation(),
                    sizeof *generation_);
        areas_ = areas_of(*generation_, rings_);
        for (const Area& one : areas_)
            valid_.emplace_back(one.start, one.start + one.size);
    }

    void change(Input& input) {
        while (!input.empty()) {
            const auto position = input.take<std::uint32_t>();
            const Area& one = areas_[position % areas_.size()];
            one.start[position / areas_.size() % one.size] = input.take<std::uint8_t>();
        }
        seal(*generation_, rings_);
    }
    void restore() {
        for (std::size_t i = 0; i < areas_.size(); ++i)
            std::memcpy(areas_[i].start, valid_[i].data(), areas_[i].size);
    }
    const abi::Generation& generation() const { return *generation_; }
    const std::uint16_t* rings() const { return rings_; }

  private:
    std::unique_ptr<abi::Generation> generation_ = std::make_unique<abi::Generation>();
    std::uint16_t* rings_;
    std::vector<Area> areas_;
    std::vector<std::vector<std::uint8_t>> valid_;  // by area
};

void send_packets(Gateway& gateway) {
    using namespace packet::sample;
    Spec v6 = spec6();
    Spec ack;
    ack.tcp_flags = packet::kTcpAck;
    std::vector<std::vector<std::uint8_t>> frames{
        ipv4({}),
        ipv4(ack),
        ipv6(v6),
        ipv4({.destination_port = 8050}),
        ipv4({.protocol = packet::kIpProtocolUdp, .destination_port = 53}),
        arp(packet::kArpOperationRequest, "10.0.0.50", "10.0.0.100"),
        ipv4({.payload = 1450})};
    gateway.send(frames, 128);
}

}  // namespace
}  // namespace vipfwd::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace vipfwd;
    static fuzz::Gateway gateway;
    static fuzz::Hostile hostile(gateway);
    static abi::RingCheck check;
    fuzz::Input input(data, size);
    hostile.restore();
    hostile.change(input);
    abi::Generation& taken = gateway.world().generation();
    if (!abi::copy_generation(hostile.generation(), taken))
        return 0;
    taken.header.checksum = abi::checksum_of(taken);
    if (!abi::validate_tables(taken) || !check.validate(taken, hostile.rings()))
        return 0;
    gateway.world().rebuild();
    fuzz::send_packets(gateway);
    return 0;
}
