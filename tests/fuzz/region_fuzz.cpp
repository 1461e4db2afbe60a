// SPDX-License-Identifier: Apache-2.0
// A hostile control: a sound generation with any bytes changed and its checksums made right. What
// the validator lets pass must not lead the packet path out of bounds.
//
// Input: changes, each a place (32 bits, within what is used of a generation and its rings) and a
// byte.
#include <array>
#include <memory>
#include <vector>

#include "dataplane/abi/validate.h"
#include "tests/fuzz/bytes.h"
#include "tests/fuzz/gateway.h"

namespace vipfwd::fuzz {
namespace {

constexpr std::uint32_t kPools =
    3;  // that a Gateway's world uses, each with the ring of its number
constexpr std::uint32_t kSlots = 64;  // of a ring, that may be changed

struct Area {
    std::uint8_t* start;
    std::size_t size;
};

template <typename T>
Area area(T* start, std::size_t count) {
    return {reinterpret_cast<std::uint8_t*>(start), count * sizeof(T)};
}

// What is used of a generation and its rings.
std::array<Area, 9> areas_of(abi::Generation& generation, abi::RingStore* rings) {
    return {
        area(&generation.header, 1),  area(generation.ports, 2),      area(generation.vips, 4),
        area(generation.services, 9), area(generation.pools, kPools), area(generation.backends, 7),
        area(rings[0].slots, kSlots), area(rings[1].slots, kSlots),   area(rings[2].slots, kSlots)};
}

// As a control that means it would.
void seal(abi::Generation& generation, abi::RingStore* rings) {
    generation.header.magic = abi::kGenerationMagic;
    for (abi::PoolEntry& pool : std::span(generation.pools).first(kPools)) {
        pool.ring_store %= kPools;
        if (pool.ring_slots <= abi::kRingSlots)
            pool.ring_checksum =
                abi::checksum_of(std::span(rings[pool.ring_store].slots, pool.ring_slots));
    }
}

// A generation and its rings, changed by the input and put right again.
class Hostile {
  public:
    explicit Hostile(Gateway& gateway) : rings_(&gateway.world().ring(0)) {
        std::memcpy(static_cast<void*>(generation_.get()), &gateway.world().generation(),
                    sizeof *generation_);
        for (const Area& one : areas_of(*generation_, rings_))
            sound_.emplace_back(one.start, one.start + one.size);
    }

    void change(Input& input) {
        const auto areas = areas_of(*generation_, rings_);
        while (!input.empty()) {
            const auto place = input.take<std::uint32_t>();
            const Area& one = areas[place % areas.size()];
            one.start[place / areas.size() % one.size] = input.take<std::uint8_t>();
        }
        seal(*generation_, rings_);
    }
    void put_right() {
        const auto areas = areas_of(*generation_, rings_);
        for (std::size_t i = 0; i < areas.size(); ++i)
            std::memcpy(areas[i].start, sound_[i].data(), areas[i].size);
    }
    const abi::Generation& generation() const { return *generation_; }
    const abi::RingStore* rings() const { return rings_; }

  private:
    std::unique_ptr<abi::Generation> generation_ = std::make_unique<abi::Generation>();
    abi::RingStore* rings_;
    std::vector<std::vector<std::uint8_t>> sound_;
};

void use(Gateway& gateway) {
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
    hostile.put_right();
    hostile.change(input);
    abi::Generation& taken = gateway.world().generation();
    if (!abi::copy_generation(hostile.generation(), taken))
        return 0;
    taken.header.checksum = abi::checksum_of(taken);
    if (!abi::validate_tables(taken) || !check.validate(taken, hostile.rings()))
        return 0;
    gateway.world().rebuild();
    fuzz::use(gateway);
    return 0;
}
