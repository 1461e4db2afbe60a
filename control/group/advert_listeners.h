// SPDX-License-Identifier: Apache-2.0
// The sockets that receive the adverts of peers: one for each interface and address family over
// which a group elects.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>

#include "control/loop/loop.h"
#include "control/net/advert_socket.h"

namespace vipfwd::group {

// Where adverts are received: an interface and an address family.
struct ListenPoint {
    std::string interface;  // empty: the group's port has no interface (yet)
    bool is_v4 = true;

    friend auto operator<=>(const ListenPoint&, const ListenPoint&) = default;
};

class AdvertListeners {
  public:
    // `on_readable` is called from the loop when adverts have arrived.
    AdvertListeners(Loop& loop, std::function<void()> on_readable)
        : loop_(loop), on_readable_(std::move(on_readable)) {}

    // Listens at exactly `points`. A socket whose interface was recreated is opened anew; one that
    // cannot be opened is tried again at the next call, and the reason is logged once.
    void listen_at(const std::set<ListenPoint>& points);
    // The open socket, or null.
    net::AdvertSocket* find(const ListenPoint& point);

    // Passes on everything that has arrived by now.
    void drain(const std::function<void(const ListenPoint&, const net::ReceivedAdvert&)>& sink);

  private:
    struct Listener {
        net::AdvertSocket socket;
        std::unique_ptr<FdWatch> watch;
    };

    void open(const ListenPoint& point);

    Loop& loop_;
    std::function<void()> on_readable_;
    std::map<ListenPoint, Listener> listeners_;
    std::map<ListenPoint, std::string> listen_errors_;  // as they were logged
};

}  // namespace vipfwd::group
