// SPDX-License-Identifier: Apache-2.0
// The keyed hashes of flows and of a ring's backends, which both processes and all gateways of a
// group must compute alike, and the checksum of tables.
#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <span>

#include "dataplane/abi/address.h"

namespace vipfwd::abi {

// The secret that keys every hash: from `seed_file`, or random. Without it, an attacker can neither
// cause collisions nor predict which backend a flow gets.
struct HashKey {
    std::array<std::uint64_t, 2> words{};

    friend constexpr bool operator==(const HashKey&, const HashKey&) = default;
};

// Folded 64 x 64 -> 128 bit multiplication (the mixing step of wyhash, public domain).
constexpr std::uint64_t mix(std::uint64_t a, std::uint64_t b) {
    __extension__ using Wide = unsigned __int128;
    const Wide product = static_cast<Wide>(a) * b;
    return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}

inline constexpr std::uint64_t kHashOdd1 = 0x9e3779b97f4a7c15;
inline constexpr std::uint64_t kHashOdd2 = 0xd6e8feb86659fd93;

// One connection's identity. Addresses of both families; ports and protocol packed in one word.
struct FlowKey {
    IpAddress source;
    IpAddress destination;
    Be16 source_port;
    Be16 destination_port;
    std::uint8_t protocol = 0;
};

// The hash of flows: 64 well-mixed bits. The ring takes the high half, the flow table the low half.
// Construct it once for many flows.
class FlowHash {
  public:
    explicit constexpr FlowHash(const HashKey& key)
        : source_{kHashOdd2 ^ key.words[0], kHashOdd1 ^ key.words[1]},
          destination_{kHashOdd1 ^ key.words[1], kHashOdd2 ^ key.words[0]},
          last_{key.words[0], kHashOdd1 ^ key.words[1]} {}

    // The part of the hash that all flows to one destination share.
    constexpr std::uint64_t destination_part(const IpAddress& destination) const {
        const auto [d0, d1] = destination.words();
        return mix(d0 ^ destination_[0], d1 ^ destination_[1]);
    }

    constexpr std::uint64_t of(const IpAddress& source, std::uint64_t destination_part,
                               Be16 source_port, Be16 destination_port,
                               std::uint8_t protocol) const {
        const std::uint32_t ports =
            source_port.raw | static_cast<std::uint32_t>(destination_port.raw) << 16;
        const std::uint64_t ports_and_protocol = ports | std::uint64_t{protocol} << 32;
        const auto [s0, s1] = source.words();
        const std::uint64_t a = mix(s0 ^ source_[0], s1 ^ source_[1]);
        return mix(a ^ ports_and_protocol ^ last_[0], destination_part ^ last_[1]);
    }

  private:
    std::uint64_t source_[2];
    std::uint64_t destination_[2];
    std::uint64_t last_[2];
};

constexpr std::uint64_t flow_hash(const FlowKey& flow, const HashKey& key) {
    const FlowHash hash(key);
    return hash.of(flow.source, hash.destination_part(flow.destination), flow.source_port,
                   flow.destination_port, flow.protocol);
}

// The hash of an address, in independent streams numbered by `purpose`.
constexpr std::uint64_t address_hash(const IpAddress& address, std::uint64_t purpose,
                                     const HashKey& key) {
    const auto words = address.words();
    const std::uint64_t a = mix(words[0] ^ key.words[0] ^ kHashOdd1, words[1] ^ key.words[1]);
    return mix(a ^ purpose ^ key.words[1], kHashOdd2 ^ key.words[0]);
}

// Detects torn, truncated and corrupted tables; it is not a signature. For several spans, pass the
// checksum so far as `state`. Four sums take 16 bytes each in turn: they do not depend on each
// other, so that the CPU computes them in parallel.
inline std::uint64_t checksum(std::span<const std::byte> bytes, std::uint64_t state = kHashOdd2) {
    constexpr std::size_t kPieceBytes = 16;
    std::array<std::uint64_t, 4> sums;
    const auto add = [&](std::size_t lane, const std::byte* piece, std::size_t length) {
        std::array<std::uint64_t, 2> words{};
        std::memcpy(words.data(), piece, length);
        sums[lane] = mix(words[0] ^ kHashOdd1, words[1] ^ sums[lane]);
    };
    const std::uint64_t start = mix(state ^ bytes.size(), kHashOdd1);
    for (std::size_t lane = 0; lane < sums.size(); ++lane)
        sums[lane] = start + lane * kHashOdd2;
    for (; bytes.size() >= sums.size() * kPieceBytes;
         bytes = bytes.subspan(sums.size() * kPieceBytes)) {
        for (std::size_t lane = 0; lane < sums.size(); ++lane)
            add(lane, bytes.data() + lane * kPieceBytes, kPieceBytes);
    }
    for (std::size_t lane = 0; !bytes.empty(); ++lane) {
        const std::size_t length = bytes.size() < kPieceBytes ? bytes.size() : kPieceBytes;
        add(lane, bytes.data(), length);
        bytes = bytes.subspan(length);
    }
    std::uint64_t all = kHashOdd1;
    for (const std::uint64_t sum : sums)
        all = mix(sum ^ all, kHashOdd2);
    return all;
}

}  // namespace vipfwd::abi
