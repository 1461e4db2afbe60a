// SPDX-License-Identifier: Apache-2.0
#include "dataplane/io/herald.h"

#include <numeric>
#include <span>
#include <utility>

namespace vipfwd::io {

void Herald::speak(const Turn& turn) {
    for (std::uint32_t i = 0; i < packet::kBurstSize; ++i) {
        const auto speech = speaker_.next(turn.tables, frame_);
        if (!speech)
            break;
        rte_mbuf* buffer = wire_.make(std::span(frame_).first(speech->bytes));
        if (buffer == nullptr)
            break;
        if (speech->port != port_)
            send(turn);
        port_ = speech->port;
        lengths_[count_] = speech->bytes;
        burst_[count_++] = buffer;
    }
    send(turn);
}

// What a port does not take is lost, as on any wire: adverts come again, announcements too.
void Herald::send(const Turn& turn) {
    if (count_ == 0)
        return;
    const std::span burst = std::span(burst_).first(std::exchange(count_, 0));
    const std::uint32_t sent = transmitter_.offer(port_, burst);
    wire_.free(burst.subspan(sent));
    const std::uint64_t bytes = std::accumulate(lengths_.begin(), lengths_.begin() + sent, 0ull);
    abi::WorkerCounters& counters = *turn.counters.worker;
    counters.own_frames.add(sent);
    counters.transmitted_packets.add(sent);
    counters.transmitted_bytes.add(bytes);
}

}  // namespace vipfwd::io
