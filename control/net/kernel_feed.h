// SPDX-License-Identifier: Apache-2.0
// Everything the kernel has to say about links, addresses and neighbors, once, and every change to
// them, to routes and to rules from then on. When changes were lost (the socket's queue overran) it
// says everything again.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "control/loop/loop.h"
#include "control/net/netlink_socket.h"

namespace vipfwd::net {

class KernelFeed {
  public:
    // Called from the loop.
    struct Sink {
        std::function<void(const Message&)> message;
        std::function<void(Dump)> dump_begins;
        std::function<void(Dump)> dump_ends;  // what did not come since it began is not there
        std::function<void()> batch_ends;  // nothing more for now; called after each of the above
    };

    KernelFeed(Loop& loop, Sink sink);
    KernelFeed(const KernelFeed&) = delete;
    KernelFeed& operator=(const KernelFeed&) = delete;

    // Starts, unless started. Goes on trying if the system has no socket for it.
    void open();
    void close();
    // True if it has said everything once since open().
    bool complete() const { return complete_; }

  private:
    void connect();
    void receive();
    void take(const Message& message);
    void start_dump(Dump dump);
    void dump_done();
    void start_over(const std::string& why);

    Loop& loop_;
    Sink sink_;
    std::optional<NetlinkSocket> socket_;
    std::optional<FdWatch> watch_;
    Timer retry_;
    std::optional<Dump> dump_;  // under way
    std::uint32_t sequence_ = 0;
    bool interrupted_ = false;  // something changed while the kernel dumped
    bool complete_ = false;
    bool failing_ = false;  // since it last said everything; and we said so
};

}  // namespace vipfwd::net
