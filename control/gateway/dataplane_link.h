// SPDX-License-Identifier: Apache-2.0
// Control's end of the handover socket: at most one dataplane, which comes and goes.
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
        // A dataplane says hello, with the region it has, if any: the fd of the one to use.
        std::function<Result<int>(abi::Fd handed_back)> hello;
        // It has been asked to stop, and waits until it owns no VIPs.
        std::function<void()> leaving;
        // It has become ready, has taken up or refused a generation, or is gone.
        std::function<void()> changed;
    };

    struct State {
        bool connected = false;
        bool ready = false;  // its ports are open and its workers run
        std::uint32_t pid = 0;
        std::uint64_t acknowledged_generation = 0;  // as it last said
        std::uint64_t rejected_generation = 0;      // 0: none
        std::string rejected_why;
    };

    DataplaneLink(Loop& loop, Events events) : loop_(loop), events_(std::move(events)) {}
    ~DataplaneLink();
    DataplaneLink(const DataplaneLink&) = delete;
    DataplaneLink& operator=(const DataplaneLink&) = delete;

    // Listens in the run directory. The socket goes away with this object.
    Result<void> listen(const std::string& run_directory);

    const State& state() const { return state_; }

    // Tells the dataplane, if there is one, to look for a new generation.
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
