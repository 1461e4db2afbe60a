// SPDX-License-Identifier: Apache-2.0
// A worker's wait in the kernel: until one of its descriptors tells of packets, another thread or
// process signals, or a time is over. An idle worker that waits takes almost no CPU time.
//
// No signal is lost. A signal before the wait makes an eventfd readable, which ends the wait at
// once. signal_if_waiting() reads whether the worker waits after its caller has stored the work;
// wait() looks for work after it has stored that the worker waits. Both functions have a full
// fence between store and load, so at least one of the two threads sees what the other has stored.
#pragma once

#include <poll.h>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "dataplane/abi/handover.h"
#include "dataplane/abi/result.h"

namespace vipfwd::host {

class KernelWait {
  public:
    // What a descriptor that becomes readable needs after the wait.
    enum class Kind : std::uint8_t {
        kPackets,  // nothing: it stays readable until the packets are taken
        kEventfd,  // wait() reads it, so that it becomes readable again with the next event
    };

    // The kind of a descriptor on which a driver of DPDK announces packets; nullopt: of
    // another kind, which wait() cannot handle.
    static std::optional<Kind> kind_of(int fd);

    // With room for `descriptors` descriptors.
    static Result<std::unique_ptr<KernelWait>> create(std::size_t descriptors);

    // For other threads: call them after storing what the worker is to see.

    void signal() { abi::signal_eventfd(signal_); }
    // For what happens often: makes no system call unless the worker waits. Requires that
    // `has_work` of wait() looks at what the caller has stored.
    void signal_if_waiting() {
        std::atomic_thread_fence(std::memory_order_seq_cst);
        if (waiting_.load(std::memory_order_relaxed))
            signal();
    }
    // The eventfd, for another process: abi::signal_eventfd().
    int fd() const { return signal_.get(); }

    // For the worker; they do not allocate.

    // The descriptors to wait for from now on: begin with clear(). At most as many as there is room
    // for.
    void clear() { count_ = 1; }
    void add(int fd, Kind kind);
    // Returns at once if `has_work()`, which is called after others can see that the worker waits.
    // True if the wait ended because a descriptor told of packets.
    template <typename HasWork>
    bool wait(std::uint64_t longest_ns, HasWork has_work) {
        waiting_.store(true, std::memory_order_relaxed);
        std::atomic_thread_fence(std::memory_order_seq_cst);
        const bool told_of_packets = !has_work() && poll(longest_ns);
        waiting_.store(false, std::memory_order_relaxed);
        return told_of_packets;
    }

  private:
    KernelWait(abi::Fd signal, std::size_t descriptors);
    bool poll(std::uint64_t longest_ns);

    abi::Fd signal_;
    std::vector<pollfd> watched_;  // the first one is signal_
    std::vector<Kind> kinds_;      // of the descriptors in watched_
    std::size_t count_ = 1;        // of those in use
    std::atomic<bool> waiting_ = false;
};

}  // namespace vipfwd::host
