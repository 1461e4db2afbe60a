// SPDX-License-Identifier: Apache-2.0
#include "dataplane/path/advert_sender.h"

#include <cstring>
#include <numeric>
#include <span>
#include <utility>

#include "dataplane/abi/clock.h"

namespace vipfwd::path {
namespace {

struct AdvertAddresses {
    IpAddress source;
    IpAddress destination;
};

// The addresses of the IP header that ends where `vrrp` begins.
AdvertAddresses addresses_of(const std::uint8_t* vrrp, abi::AdvertAuth family) {
    AdvertAddresses ip;
    if (family == abi::AdvertAuth::kIpv6) {
        std::memcpy(&ip, vrrp - sizeof ip, sizeof ip);
        return ip;
    }
    std::array<Be32, 2> addresses;
    std::memcpy(&addresses, vrrp - sizeof addresses, sizeof addresses);
    return {IpAddress::from_v4(addresses[0]), IpAddress::from_v4(addresses[1])};
}

}  // namespace

void AdvertSender::update(const WorkerContext& context, const abi::LeaseArea& leases,
                          std::uint64_t now_ns, bool healthy) {
    if (context.conflicts != nullptr)
        read_conflicts(context, leases, now_ns);
    scheduler_.update(context.tables, leases, now_ns, healthy);
}

void AdvertSender::read_conflicts(const WorkerContext& context, const abi::LeaseArea& leases,
                                  std::uint64_t now_ns) {
    const auto note = [&](const abi::AddressConflict& conflict) {
        scheduler_.note_conflict(conflict, now_ns);
    };
    control_reader_.read(leases.conflicts, note);
    for (std::size_t worker = 0; worker < conflict_readers_.size(); ++worker)
        conflict_readers_[worker].read(context.conflicts[worker], note);
}

void AdvertSender::send_due(const WorkerContext& context) {
    for (std::uint32_t i = 0; i < packet::kBurstSize; ++i) {
        const auto outgoing = scheduler_.next(context.tables, frame_);
        if (!outgoing)
            break;
        if (outgoing->signer != nullptr && !sign(context, *outgoing))
            continue;
        rte_mbuf* buffer = wire_.copy_to_buffer(std::span(frame_).first(outgoing->bytes));
        if (buffer == nullptr)
            break;
        if (outgoing->port != port_)
            send_burst(context);
        port_ = outgoing->port;
        lengths_[count_] = outgoing->bytes;
        burst_[count_++] = buffer;
    }
    send_burst(context);
}

// False if libcrypto fails. The advert is not sent then: no peer would accept it without a MAC.
bool AdvertSender::sign(const WorkerContext& context, const packet::OutgoingFrame& outgoing) {
    const abi::GroupEntry& group = *outgoing.signer;
    const std::uint64_t sequence = abi::take_next_sequence(
        context.last_sequences[group.lease], context.leases->groups[group.lease].last_sequence,
        clock_ns(CLOCK_REALTIME));
    const std::span payload = std::span(frame_).first(outgoing.bytes).subspan(outgoing.vrrp_offset);
    const AdvertAddresses ip = addresses_of(frame_.data() + outgoing.vrrp_offset,
                                            static_cast<abi::AdvertAuth>(group.auth));
    return signer_.sign(payload, ip.source, ip.destination, group.auth_key, sequence);
}

// Frames that the port does not accept are lost: adverts and announcements are repeated anyway.
void AdvertSender::send_burst(const WorkerContext& context) {
    if (count_ == 0)
        return;
    const std::span burst = std::span(burst_).first(std::exchange(count_, 0));
    const std::uint32_t sent = transmitter_.offer(port_, burst);
    wire_.free(burst.subspan(sent));
    const std::uint64_t bytes = std::accumulate(lengths_.begin(), lengths_.begin() + sent, 0ull);
    abi::WorkerCounters& counters = *context.counters.worker;
    counters.own_frames.add(sent);
    counters.transmitted_packets.add(sent);
    counters.transmitted_bytes.add(bytes);
}

}  // namespace vipfwd::path
