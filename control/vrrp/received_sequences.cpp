// SPDX-License-Identifier: Apache-2.0
#include "control/vrrp/received_sequences.h"

#include <algorithm>

#include "dataplane/abi/hash.h"

namespace vipfwd::vrrp {

std::uint64_t sender_of(std::string_view group, const IpAddress& source, const abi::HmacKey& key) {
    std::uint64_t state = abi::checksum(std::as_bytes(std::span(key.block)));
    state = abi::checksum(std::as_bytes(std::span(group)), state);
    state = abi::checksum(std::as_bytes(std::span(source.bytes)), state);
    return std::max<std::uint64_t>(1, state);
}

std::uint64_t ReceivedSequences::highest(std::uint64_t sender) const {
    const auto found = std::ranges::find(
        entries_, sender, [](const abi::ReceivedSequence& one) { return one.sender.load(); });
    return found == entries_.end() ? 0 : found->sequence.load();
}

void ReceivedSequences::raise(std::uint64_t sender, std::uint64_t sequence) {
    abi::ReceivedSequence* oldest = &entries_.front();
    for (abi::ReceivedSequence& one : entries_) {
        if (one.sender.load() == sender) {
            one.sequence.store(std::max(one.sequence.load(), sequence));
            return;
        }
        if (one.sequence.load() < oldest->sequence.load())
            oldest = &one;
    }
    // In this order, because control may die in between: no sender inherits the sequence of
    // another.
    oldest->sender.store(0);
    oldest->sequence.store(sequence);
    oldest->sender.store(sender);
}

}  // namespace vipfwd::vrrp
