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

constexpr int kDatagramsPerCallback = 4;  // of up to 32 KiB each: some milliseconds of work
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
    // Links first: an address can only be stored once its link is known.
    start_dump(Dump::kLinks);
}

// A new socket and new dumps: the same recovery for lost messages and for any other socket error.
void KernelFeed::start_over(const std::string& why) {
    if (!std::exchange(failure_logged_, true))
        spdlog::warn("{}; asking the kernel for everything again", why);
    watch_.reset();
    socket_.reset();
    dump_.reset();
    retry_.fire_after(kReconnect_ms);
}

void KernelFeed::receive() {
    for (int i = 0; socket_ && i < kDatagramsPerCallback; ++i) {
        Result<std::optional<std::vector<Message>>> received = socket_->receive();
        if (!received) {
            start_over(received.error().message);
            break;
        }
        if (!*received)
            break;
        for (const Message& message : **received)
            handle(message);
    }
    sink_.on_batch_end();
}

void KernelFeed::handle(const Message& message) {
    if (!dump_ || message.sequence != sequence_)
        return sink_.on_message(message);
    interrupted_ |= message.interrupted;
    const auto* refusal = std::get_if<Acknowledgement>(&message.body);
    if (refusal != nullptr)
        start_over(std::string("netlink: the kernel refused a dump: ") +
                   std::strerror(refusal->error));
    else if (std::holds_alternative<DumpEnd>(message.body))
        finish_dump();
    else
        sink_.on_message(message);
}

void KernelFeed::start_dump(Dump dump) {
    dump_ = dump;
    interrupted_ = false;
    sink_.on_dump_begin(dump);
    if (Result<void> sent = socket_->send(dump_request(dump, ++sequence_)); !sent)
        start_over(sent.error().message);
}

void KernelFeed::finish_dump() {
    const Dump done = *dump_;
    if (interrupted_)
        return start_dump(done);
    dump_.reset();
    sink_.on_dump_end(done);
    if (done == Dump::kLinks)
        return start_dump(Dump::kAddresses);
    if (done == Dump::kAddresses)
        return start_dump(Dump::kNeighbors);
    complete_ = true;
    failure_logged_ = false;
}

}  // namespace vipfwd::net
