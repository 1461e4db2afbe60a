// SPDX-License-Identifier: Apache-2.0
// How an idle worker waits for packets of its receive queues, of any driver, and for all else that
// ends its wait (host/kernel_wait.h).
//
// Some drivers have a descriptor that is readable as long as packets are there: a socket, or a tap.
// Others have an interrupt, which a worker that polls does not need: the worker arms it before it
// waits, and disarms it afterwards. A packet that came before that does not interrupt, which is why
// the worker looks into its queues once more when they are armed.
#pragma once

#include <cstdint>
#include <vector>

#include "dataplane/host/kernel_wait.h"
#include "dataplane/path/wire.h"

namespace vipfwd::path {

// What tells a worker that waits of packets in a receive queue.
struct alignas(8) QueueWakeup {  // read and written as a whole, see open_devices.h
    int fd = -1;                 // becomes readable; -1: nothing does
    host::KernelWait::Kind kind = host::KernelWait::Kind::kPackets;
    bool needs_arming = false;  // by Wire::arm()
};

// For one worker. It does not allocate while there is room in the KernelWait.
class QueueWait {
  public:
    QueueWait(Wire& wire, host::KernelWait& wait, std::size_t room) : wire_(wire), wait_(wait) {
        armed_.reserve(room);
    }

    // The queues to wait for from now on: begin with clear().
    void clear();
    void add(std::uint16_t device, std::uint16_t queue, QueueWakeup wakeup);
    // Whether packets in any of the queues would end a wait.
    bool can_wait() const { return can_wait_; }

    // Returns at once if `has_work()`, which is called after others can see that the worker waits,
    // or if the `receive()` that follows returns more than 0. receive() processes the packets that
    // are in the queues, and is called once they are armed; not if no queue needs that.
    // True if the wait ended because of packets in a queue.
    template <typename HasWork, typename Receive>
    bool wait(std::uint64_t longest_ns, HasWork has_work, Receive receive) {
        if (armed_.empty())
            return wait_.wait(longest_ns, has_work);
        can_wait_ = arm();
        const bool told_of_packets =
            can_wait_ && wait_.wait(longest_ns, [&] { return has_work() || receive() > 0; });
        disarm();
        return told_of_packets;
    }

  private:
    struct Queue {
        std::uint16_t device;
        std::uint16_t queue;
    };

    bool arm();
    void disarm();

    Wire& wire_;
    host::KernelWait& wait_;
    std::vector<Queue> armed_;  // during a wait
    bool can_wait_ = false;
};

}  // namespace vipfwd::path
