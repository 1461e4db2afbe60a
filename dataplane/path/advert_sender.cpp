// SPDX-License-Identifier: Apache-2.0
#include "dataplane/path/advert_sender.h"

#include <cstring>
#include <numeric>
#include <span>
#include <utility>

#include "dataplane/abi/clock.h"

namespace vipfwd::path {
namespace {

struct AdvertPath {
    IpAddress source;
    IpAddress destination;
};

// As the IP header has them, right in front of `vrrp`.
AdvertPath path_of(const std::uint8_t* vrrp, abi::AdvertAuth family) {
    AdvertPath path;
    if (family == abi::AdvertAuth::kIpv6) {
        std::memcpy(&path, vrrp - sizeof path, sizeof path);
        return path;
    }
    std::array<Be32, 2> ends;
    std::memcpy(&ends, vrrp - sizeof ends, sizeof ends);
    return {IpAddress::from_v4(ends[0]), IpAddress::from_v4(ends[1])};
}

}  // namespace

void AdvertSender::speak(const WorkerContext& context) {
    for (std::uint32_t i = 0; i < packet::kBurstSize; ++i) {
        const auto speech = scheduler_.next(context.tables, frame_);
        if (!speech)
            break;
        if (speech->signer != nullptr && !sign(context, *speech))
            continue;
        rte_mbuf* buffer = wire_.make(std::span(frame_).first(speech->bytes));
        if (buffer == nullptr)
            break;
        if (speech->port != port_)
            send(context);
        port_ = speech->port;
        lengths_[count_] = speech->bytes;
        burst_[count_++] = buffer;
    }
    send(context);
}

// Nothing is sent unsigned: no peer would take it.
bool AdvertSender::sign(const WorkerContext& context, const packet::OutgoingFrame& speech) {
    const abi::GroupEntry& group = *speech.signer;
    const std::uint64_t sequence = abi::take_next_sequence(
        context.last_sequences[group.lease], context.leases->groups[group.lease].last_sequence,
        clock_ns(CLOCK_REALTIME));
    const std::span payload = std::span(frame_).first(speech.bytes).subspan(speech.vrrp_offset);
    const AdvertPath path =
        path_of(frame_.data() + speech.vrrp_offset, static_cast<abi::AdvertAuth>(group.auth));
    return signer_.sign(payload, path.source, path.destination, group.auth_key, sequence);
}

// What a port does not take is lost, as on any wire: adverts come again, announcements too.
void AdvertSender::send(const WorkerContext& context) {
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
