// SPDX-License-Identifier: Apache-2.0
#include "control/group/peer_message.h"

#include <algorithm>
#include <array>

#include "control/group/wire_numbers.h"
#include "dataplane/abi/advert_auth.h"

namespace vipfwd::group {
namespace {

constexpr std::size_t kGroupIdAt = 5;
constexpr std::size_t kDigestsAt = kPeerHeaderBytes;
constexpr std::size_t kVersionAt = 20;
constexpr std::size_t kSessionAt = 40;

std::array<std::uint32_t table::GroupDigest::*, 3> digests() {
    return {&table::GroupDigest::key, &table::GroupDigest::services, &table::GroupDigest::backends};
}

bool is_printable(std::uint8_t byte) {
    return byte > ' ' && byte < 0x7f;
}

}  // namespace

std::optional<PeerMessageKind> kind_of(std::span<const std::uint8_t> bytes) {
    if (bytes.size() < kPeerHeaderBytes ||
        !std::ranges::equal(bytes.first(kPeerMagic.size()), kPeerMagic))
        return std::nullopt;
    for (const PeerMessageKind kind : {PeerMessageKind::kDigest, PeerMessageKind::kFindings,
                                       PeerMessageKind::kCommand, PeerMessageKind::kAnswer}) {
        if (bytes[4] == static_cast<std::uint8_t>(kind))
            return kind;
    }
    return std::nullopt;
}

std::uint8_t group_id_of(std::span<const std::uint8_t> bytes) {
    return bytes[kGroupIdAt];
}

std::vector<std::uint8_t> encode_header(PeerMessageKind kind, std::uint8_t group_id) {
    std::vector<std::uint8_t> bytes(kPeerMagic.begin(), kPeerMagic.end());
    bytes.push_back(static_cast<std::uint8_t>(kind));
    bytes.push_back(group_id);
    append_number(bytes, std::uint16_t{0});
    return bytes;
}

std::vector<std::uint8_t> encode(const PeerMessage& message) {
    std::vector<std::uint8_t> bytes = encode_header(PeerMessageKind::kDigest, message.group_id);
    for (const auto digest : digests())
        append_number(bytes, message.digest.*digest);
    bytes.resize(kSessionAt);
    for (std::size_t i = 0; i < message.version.size() && kVersionAt + i < bytes.size(); ++i)
        bytes[kVersionAt + i] = static_cast<std::uint8_t>(message.version[i]);
    append_number(bytes, message.session);
    return bytes;
}

std::optional<PeerMessage> decode_peer_message(std::span<const std::uint8_t> bytes) {
    if (bytes.size() < kSessionAt || kind_of(bytes) != PeerMessageKind::kDigest)
        return std::nullopt;
    PeerMessage message;
    message.group_id = group_id_of(bytes);
    std::size_t at = kDigestsAt;
    for (const auto digest : digests()) {
        message.digest.*digest = read_number<std::uint32_t>(bytes, at);
        at += sizeof(std::uint32_t);
    }
    for (std::size_t i = kVersionAt; i < kSessionAt && is_printable(bytes[i]); ++i)
        message.version += static_cast<char>(bytes[i]);
    if (bytes.size() >= kPeerMessageBytes)
        message.session = read_number<std::uint64_t>(bytes, kSessionAt);
    return message;
}

bool has_trailer(std::span<const std::uint8_t> bytes) {
    return bytes.size() >= kPeerHeaderBytes + abi::kAuthTrailerBytes &&
           std::ranges::equal(bytes.last(abi::kAuthTrailerBytes).first(abi::kAuthMagic.size()),
                              abi::kAuthMagic);
}

std::span<const std::uint8_t> without_trailer(std::span<const std::uint8_t> bytes) {
    return has_trailer(bytes) ? bytes.first(bytes.size() - abi::kAuthTrailerBytes) : bytes;
}

}  // namespace vipfwd::group
