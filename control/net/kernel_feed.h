// SPDX-License-Identifier: Apache-2.0
// A stream of rtnetlink messages: one dump of all links, addresses and neighbors, then every change
// to them, to routes and to rules. If messages were lost (the socket's queue overran), the feed
// dumps everything again.
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
        std::function<void(const Message&)> on_message;
        std::function<void(Dump)> on_dump_begin;
        std::function<void(Dump)> on_dump_end;  // objects not seen since its begin do not exist
        std::function<void()> on_batch_end;     // after one or more calls of the above
    };

    KernelFeed(Loop& loop, Sink sink);
    KernelFeed(const KernelFeed&) = delete;
    KernelFeed& operator=(const KernelFeed&) = delete;

    // Idempotent. Keeps retrying if no socket can be opened.
    void open();
    void close();
    // True once all dumps have been delivered since open().
    bool complete() const { return complete_; }

  private:
    void connect();
    void receive();
    void handle(const Message& message);
    void start_dump(Dump dump);
    void finish_dump();
    void start_over(const std::string& why);

    Loop& loop_;
    Sink sink_;
    std::optional<NetlinkSocket> socket_;
    std::optional<FdWatch> watch_;
    Timer retry_;
    std::optional<Dump> dump_;  // in progress
    std::uint32_t sequence_ = 0;
    bool interrupted_ = false;  // the dump in progress is inconsistent and will be repeated
    bool complete_ = false;
    bool failure_logged_ = false;  // since the dumps last completed
};

}  // namespace vipfwd::net
