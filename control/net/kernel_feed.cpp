// SPDX-License-Identifier: Apache-2.0
#include "control/net/kernel_feed.h"

#include <linux/rtnetlink.h>
#include <spdlog/spdlog.h>

#include <array>
#include <cstring>
#include <utility>

namespace vipfwd::net {
namespace {

constexpr std::array<int, 9> kGroups = {
    RTNLGRP_LINK,        RTNLGRP_NEIGH,      RTNLGRP_IPV4_IFADDR,
    RTNLGRP_IPV6_IFADDR, RTNLGRP_IPV4_ROUTE, RTNLGRP_IPV6_ROUTE,
    RTNLGRP_IPV4_RULE,   RTNLGRP_IPV6_RULE,  RTNLGRP_NEXTHOP};

constexpr int kDatagramsPerTurn = 4;  // of up to 32 KiB: some milliseconds' worth
constexpr std::int64_t kReconnect_ms = 100;

}  // namespace

KernelFeed::KernelFeed(Loop& loop, Sink sink)
    : loop_(loop), sink_(std::move(sink)), retry_(loop, [this] { connect(); }) {}

void KernelFeed::open() {
    if (!socket_ && !retry_.armed())
        connect();
}

void KernelFeed::close() {
    watch_.reset();
    socket_.reset();
    retry_.cancel();
    dump_.reset();
    complete_ = false;
}

void KernelFeed::connect() {
    Result<NetlinkSocket> socket = NetlinkSocket::open(kGroups);
    if (!socket)
        return start_over(socket.error().message);
    socket_.emplace(std::move(*socket));
    watch_.emplace(loop_, socket_->fd(), FdWatch::Ready::kReadable, [this] { receive(); });
    // Addresses can only be placed once their links are known: links first.
    start_dump(Dump::kLinks);
}

// A fresh socket, and with it fresh dumps, is the one cure for lost messages and for whatever else
// may befall a socket.
void KernelFeed::start_over(const std::string& why) {
    if (!std::exchange(failing_, true))
        spdlog::warn("{}; asking for everything again", why);
    watch_.reset();
    socket_.reset();
    dump_.reset();
    retry_.fire_after(kReconnect_ms);
}

void KernelFeed::receive() {
    for (int i = 0; socket_ && i < kDatagramsPerTurn; ++i) {
        Result<std::optional<std::vector<Message>>> received = socket_->receive();
        if (!received) {
            start_over(received.error().message);
            break;
        }
        if (!*received)
            break;
        for (const Message& message : **received)
            take(message);
    }
    sink_.batch_ends();
}

void KernelFeed::take(const Message& message) {
    if (!dump_ || message.sequence != sequence_)
        return sink_.message(message);
    interrupted_ |= message.interrupted;
    const auto* refusal = std::get_if<Acknowledgement>(&message.body);
    if (refusal != nullptr)
        start_over(std::string("netlink: no dump: ") + std::strerror(refusal->error));
    else if (std::holds_alternative<DumpEnd>(message.body))
        dump_done();
    else
        sink_.message(message);
}

void KernelFeed::start_dump(Dump dump) {
    dump_ = dump;
    interrupted_ = false;
    sink_.dump_begins(dump);
    if (Result<void> sent = socket_->send(dump_request(dump, ++sequence_)); !sent)
        start_over(sent.error().message);
}

void KernelFeed::dump_done() {
    const Dump done = *dump_;
    if (interrupted_)
        return start_dump(done);
    dump_.reset();
    sink_.dump_ends(done);
    if (done == Dump::kLinks)
        return start_dump(Dump::kAddresses);
    if (done == Dump::kAddresses)
        return start_dump(Dump::kNeighbors);
    complete_ = true;
    failing_ = false;
}

}  // namespace vipfwd::net
