// SPDX-License-Identifier: Apache-2.0
#include "dataplane/io/herald.h"

#include <span>

namespace vipfwd::io {

void Herald::speak(const Turn& turn) {
    for (std::uint32_t i = 0; i < packet::kBurstSize; ++i) {
        const auto speech = speaker_.next(turn.tables, frame_);
        if (!speech || !send(turn, *speech))
            return;
    }
}

// What a port does not take is lost, as on any wire: adverts come again, announcements too.
bool Herald::send(const Turn& turn, const packet::Speech& speech) {
    rte_mbuf* buffer = wire_.make(std::span(frame_).first(speech.bytes));
    if (buffer == nullptr)
        return false;
    if (transmitter_.offer(speech.port, {&buffer, 1}) == 0) {
        wire_.free({&buffer, 1});
        return false;
    }
    abi::WorkerCounters& counters = *turn.counters.worker;
    counters.own_frames.add(1);
    counters.transmitted_packets.add(1);
    counters.transmitted_bytes.add(speech.bytes);
    return true;
}

}  // namespace vipfwd::io
