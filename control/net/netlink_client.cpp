// SPDX-License-Identifier: Apache-2.0
#include "control/net/netlink_client.h"

#include <utility>

namespace vipfwd::net {

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
