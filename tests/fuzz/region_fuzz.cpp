// SPDX-License-Identifier: Apache-2.0
// A hostile control: a sound generation with any bytes changed and its checksums made right. What
// the validator lets pass must not lead the packet path out of bounds.
//
// Input: changes, each a place (32 bits, within what is used of a generation and its rings) and a
// byte.
#include <memory>

#include "dataplane/abi/validate.h"
#include "tests/fuzz/bytes.h"
#include "tests/fuzz/gateway.h"

namespace vipfwd::fuzz {
namespace {

constexpr std::uint32_t kRings = 8;  // that a Gateway's world has

struct Area {
    std::uint8_t* start;
    std::size_t size;
};

template <typename T>
Area area(T* start, std::size_t count) {
    return {reinterpret_cast<std::uint8_t*>(start), count * sizeof(T)};
}

// A change of one byte, somewhere in what is used.
void change(abi::Generation& generation, abi::RingStore* rings, std::uint32_t place,
            std::uint8_t value) {
    const Area areas[] = {area(&generation.header, 1),     area(generation.ports, 2),
                          area(generation.vips, 4),        area(generation.services, 9),
                          area(generation.pools, 3),       area(generation.backends, 7),
                          area(rings[place % 3].slots, 64)};
    const Area& one = areas[place % std::size(areas)];
    one.start[place / std::size(areas) % one.size] = value;
}

// As a control that means it would.
void seal(abi::Generation& generation, abi::RingStore* rings) {
    generation.header.magic = abi::kGenerationMagic;
    for (std::uint32_t i = 0; i < std::min(generation.header.pool_count, abi::kMaxPools); ++i) {
        abi::PoolEntry& pool = generation.pools[i];
        pool.ring_store %= kRings;
        if (pool.ring_slots <= abi::kRingSlots)
            pool.ring_checksum =
                abi::checksum_of(std::span(rings[pool.ring_store].slots, pool.ring_slots));
    }
}

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
    static const auto sound = [] {
        auto copy = std::make_unique<abi::Generation>();
        std::memcpy(static_cast<void*>(copy.get()), &gateway.world().generation(), sizeof *copy);
        return copy;
    }();
    static auto hostile = std::make_unique<abi::Generation>();
    std::memcpy(static_cast<void*>(hostile.get()), sound.get(), sizeof *hostile);
    abi::RingStore* const rings = &gateway.world().ring(0);
    for (std::uint32_t pool = 0; pool < 3; ++pool) {
        for (std::uint32_t slot = 0; slot < 64; ++slot)
            rings[pool].slots[slot] = static_cast<std::uint16_t>(slot % 2);
    }

    fuzz::Input input(data, size);
    while (!input.empty()) {
        const auto place = input.take<std::uint32_t>();
        fuzz::change(*hostile, rings, place, input.take<std::uint8_t>());
    }
    fuzz::seal(*hostile, rings);
    abi::Generation& taken = gateway.world().generation();
    if (!abi::copy_generation(*hostile, taken))
        return 0;
    taken.header.checksum = abi::checksum_of(taken);
    static abi::RingCheck check;
    if (!abi::validate_tables(taken) || !check.validate(taken, rings))
        return 0;
    gateway.world().rebuild();
    fuzz::use(gateway);
    return 0;
}
