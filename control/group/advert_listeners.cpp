// SPDX-License-Identifier: Apache-2.0
#include "control/group/advert_listeners.h"

#include <spdlog/spdlog.h>

#include <utility>

namespace vipfwd::group {

void AdvertListeners::listen_at(const std::set<ListenPoint>& points) {
    std::erase_if(listeners_, [&](const auto& entry) {
        return !points.contains(entry.first) || !entry.second.socket.interface_exists();
    });
    for (const ListenPoint& point : points) {
        if (!point.interface.empty() && !listeners_.contains(point))
            open(point);
    }
}

void AdvertListeners::open(const ListenPoint& point) {
    Result<net::AdvertSocket> socket = net::AdvertSocket::open(point.interface, point.is_v4);
    if (!socket) {
        const std::string& error = socket.error().message;
        if (std::exchange(listen_errors_[point], error) != error)
            spdlog::error("{}; retrying", error);
        return;
    }
    listen_errors_.erase(point);
    Listener& listener =
        listeners_.emplace(point, Listener{std::move(*socket), nullptr}).first->second;
    listener.watch = std::make_unique<FdWatch>(loop_, listener.socket.fd(),
                                               FdWatch::Ready::kReadable, on_readable_);
}

net::AdvertSocket* AdvertListeners::find(const ListenPoint& point) {
    const auto found = listeners_.find(point);
    return found == listeners_.end() ? nullptr : &found->second.socket;
}

void AdvertListeners::drain(
    const std::function<void(const ListenPoint&, const net::ReceivedAdvert&)>& sink) {
    for (auto& [point, listener] : listeners_) {
        listener.socket.drain(
            [&sink, &where = point](const net::ReceivedAdvert& advert) { sink(where, advert); });
    }
}

}  // namespace vipfwd::group
