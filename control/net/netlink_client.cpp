// SPDX-License-Identifier: Apache-2.0
#include "control/net/netlink_client.h"

#include <cerrno>
#include <utility>
#include <variant>

namespace vipfwd::net {

int error_of(const std::optional<Message>& answer) {
    const auto* verdict = answer ? std::get_if<Acknowledgement>(&answer->body) : nullptr;
    return verdict != nullptr ? verdict->error : ENOBUFS;
}

std::optional<Message> NetlinkClient::request(
    const std::function<Request(std::uint32_t sequence)>& make) {
    if (!socket_) {
        Result<NetlinkSocket> opened = NetlinkSocket::open({});
        if (!opened)
            return std::nullopt;
        socket_.emplace(std::move(*opened));
    }
    const std::uint32_t sequence = ++sequence_;
    Result<Message> answer = socket_->exchange(make(sequence), sequence);
    if (!answer) {
        socket_.reset();
        return std::nullopt;
    }
    return std::move(*answer);
}

}  // namespace vipfwd::net
