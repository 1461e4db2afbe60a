// SPDX-License-Identifier: Apache-2.0
// Control's end of the handover socket (dataplane/abi/handover.h). At most one dataplane is
// connected at a time; it may disconnect and connect again. Only root and control's own user may
// connect. A process becomes the dataplane by its hello: one that says nothing keeps nobody out,
// and is disconnected after two seconds.
#pragma once

#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <string>

#include "control/events/event.h"
#include "control/loop/loop.h"
#include "control/loop/unix_listener.h"
#include "dataplane/abi/handover.h"
#include "dataplane/abi/result.h"

namespace vipfwd::gateway {

class DataplaneLink {
  public:
    struct Events {
        // A dataplane connects, with the region that it has, if any. Returns the fd of the region
        // that it is to use.
        std::function<Result<int>(abi::Fd handed_back)> hello;
        // It has been asked to stop, and waits until it owns no VIPs.
        std::function<void()> stopping;
        // state() has changed.
        std::function<void()> changed;
        events::Record record;
    };

    // How long the last generation that was announced took, since it was asked for.
    struct Announced {
        std::uint64_t generation = 0;
        std::int64_t requested_ns = 0;  // of the monotonic clock
        std::int64_t published_ns = 0;
        std::optional<std::int64_t> acknowledged_ns = {};  // by all workers
    };

    struct State {
        bool connected = false;
        bool ready = false;  // its ports are open and its workers run
        std::uint32_t pid = 0;
        std::uint64_t acknowledged_generation = 0;  // the last one
        std::uint64_t rejected_generation = 0;      // the last one; 0: none
        std::string rejected_reason;
        std::optional<Announced> announced;  // none: none to this dataplane
    };

    DataplaneLink(Loop& loop, Events events) : loop_(loop), events_(std::move(events)) {}
    DataplaneLink(const DataplaneLink&) = delete;
    DataplaneLink& operator=(const DataplaneLink&) = delete;

    // Listens in the run directory, see UnixListener.
    Result<void> listen(const std::string& run_directory);

    const State& state() const { return state_; }

    // Tells the dataplane, if one is connected, that a generation was published, which was asked
    // for at that time of the monotonic clock.
    void announce(std::uint64_t generation, std::int64_t requested_ns);

    // Wakes the worker that sends adverts, if it waits in the kernel: a lease has changed.
    void wake_advert_worker();

  private:
    // A process that has connected, but has not said hello yet.
    struct Newcomer {
        UnixPeer peer;
        std::optional<Timer> deadline;
        std::optional<FdWatch> watch;
    };

    void meet(UnixPeer peer);
    void greet(std::list<Newcomer>::iterator newcomer);
    void welcome(abi::Received hello);
    void read();
    void handle(abi::Received received);
    void disconnect();
    void record(events::Level level, std::string change, std::string cause = {}) const;

    Loop& loop_;
    Events events_;
    std::unique_ptr<UnixListener> listener_;
    std::list<Newcomer> newcomers_;  // the one that has waited longest comes first
    abi::Fd peer_;
    std::unique_ptr<FdWatch> peer_watch_;
    abi::Fd advert_wakeup_;  // an eventfd of the dataplane; none: its workers never wait
    State state_;
};

}  // namespace vipfwd::gateway
