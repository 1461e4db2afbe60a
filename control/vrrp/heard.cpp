// SPDX-License-Identifier: Apache-2.0
#include "control/vrrp/heard.h"

#include <algorithm>

#include "dataplane/abi/hash.h"

namespace vipfwd::vrrp {

std::uint64_t sender_of(std::string_view group, const IpAddress& source, const abi::HmacKey& key) {
    std::uint64_t state = abi::checksum(std::as_bytes(std::span(key.block)));
    state = abi::checksum(std::as_bytes(std::span(group)), state);
    state = abi::checksum(std::as_bytes(std::span(source.bytes)), state);
    return std::max<std::uint64_t>(1, state);
}

std::uint64_t HeardSequences::highest(std::uint64_t sender) const {
    const auto found = std::ranges::find(
        words_, sender, [](const abi::HeardSequence& one) { return one.sender.load(); });
    return found == words_.end() ? 0 : found->sequence.load();
}

void HeardSequences::raise(std::uint64_t sender, std::uint64_t sequence) {
    abi::HeardSequence* place = &words_.front();
    for (abi::HeardSequence& one : words_) {
        if (one.sender.load() == sender) {
            one.sequence.store(std::max(one.sequence.load(), sequence));
            return;
        }
        if (one.sequence.load() < place->sequence.load())
            place = &one;
    }
    // A control that dies in between leaves nobody with another's sequence.
    place->sender.store(0);
    place->sequence.store(sequence);
    place->sender.store(sender);
}

}  // namespace vipfwd::vrrp
