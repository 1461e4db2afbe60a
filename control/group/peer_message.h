// SPDX-License-Identifier: Apache-2.0
// What gateways of one group tell each other by UDP, beside their adverts (net/peer_socket.h), so
// that adverts stay as RFC 9568 has them. All numbers are big endian:
//
//    0  magic     4 bytes, "vfp1"
//    4  kind      1: a digest, as here; 2: see findings_report.h; 3 and 4: see command_message.h.
//                 Others are ignored
//    5  group     the id of the virtual router; interface and IP version are those of the packet
//    6  reserved  2 bytes, 0
//    8  digests   4 bytes each, of table::GroupDigest: key, services, backends
//   20  version   of the software: 20 bytes of ASCII, padded with zeros
//   40  session   8 bytes: a random number of the sender's process, which commands to it must have.
//                 Earlier versions end before it, and take no commands
//
// Later versions may append something. With a key (auth_key_file), the trailer of
// dataplane/abi/advert_auth.h is at the end. The MAC of an advert is none of a message: their first
// bytes differ.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "control/table/group_digest.h"

namespace vipfwd::group {

inline constexpr std::array<std::uint8_t, 4> kPeerMagic = {'v', 'f', 'p', '1'};

enum class PeerMessageKind : std::uint8_t { kDigest = 1, kFindings = 2, kCommand = 3, kAnswer = 4 };

inline constexpr std::size_t kPeerHeaderBytes = 8;  // up to "digests"
inline constexpr std::size_t kPeerMessageBytes = 48;

// The header of a message of that kind.
std::vector<std::uint8_t> encode_header(PeerMessageKind kind, std::uint8_t group_id);

// nullopt: it is no message of a gateway, or one of another kind. What has a kind has a header.
std::optional<PeerMessageKind> kind_of(std::span<const std::uint8_t> bytes);
// Requires a header.
std::uint8_t group_id_of(std::span<const std::uint8_t> bytes);

struct PeerMessage {
    std::uint8_t group_id = 0;
    table::GroupDigest digest;
    std::string version;
    std::uint64_t session = 0;  // 0: it takes no commands

    friend bool operator==(const PeerMessage&, const PeerMessage&) = default;
};

// Without a trailer. A version is cut after 20 bytes.
std::vector<std::uint8_t> encode(const PeerMessage& message);

// nullopt: it is no digest.
std::optional<PeerMessage> decode_peer_message(std::span<const std::uint8_t> bytes);

// Whether a message of any kind ends in what looks like a trailer.
bool has_trailer(std::span<const std::uint8_t> bytes);
// The message without it.
std::span<const std::uint8_t> without_trailer(std::span<const std::uint8_t> bytes);

}  // namespace vipfwd::group
