// SPDX-License-Identifier: Apache-2.0
// Control's end of the handover socket (dataplane/abi/handover.h). At most one dataplane is
// connected at a time; it may disconnect and connect again.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "control/loop/loop.h"
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
    };

    struct State {
        bool connected = false;
        bool ready = false;  // its ports are open and its workers run
        std::uint32_t pid = 0;
        std::uint64_t acknowledged_generation = 0;  // the last one
        std::uint64_t rejected_generation = 0;      // the last one; 0: none
        std::string rejected_reason;
    };

    DataplaneLink(Loop& loop, Events events) : loop_(loop), events_(std::move(events)) {}
    ~DataplaneLink();
    DataplaneLink(const DataplaneLink&) = delete;
    DataplaneLink& operator=(const DataplaneLink&) = delete;

    // Listens in the run directory. The destructor removes the socket.
    Result<void> listen(const std::string& run_directory);

    const State& state() const { return state_; }

    // Tells the dataplane, if one is connected, that a generation was published.
    void announce(std::uint64_t generation);

  private:
    void accept();
    void read();
    void handle(abi::Received received);
    void disconnect();

    Loop& loop_;
    Events events_;
    std::string path_;
    abi::Fd listener_;
    std::unique_ptr<FdWatch> listener_watch_;
    abi::Fd peer_;
    std::unique_ptr<FdWatch> peer_watch_;
    State state_;
};

}  // namespace vipfwd::gateway
