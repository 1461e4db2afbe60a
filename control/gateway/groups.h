// SPDX-License-Identifier: Apache-2.0
// All groups of this gateway: hears others' adverts, keeps the elections' time and the leases
// fresh.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "control/gateway/group.h"
#include "control/gateway/kernel_addresses.h"
#include "control/loop/loop.h"
#include "control/net/advert_socket.h"
#include "control/table/publish.h"

namespace vipfwd::gateway {

class Groups {
  public:
    // How the gateway is, as far as it decides about groups.
    struct View {
        abi::LeaseArea* leases = nullptr;
        const abi::DataplaneStatus* status = nullptr;
        const table::Tables* in_force = nullptr;
        bool dataplane_works = false;
        bool next_hops_known = true;
        std::vector<net::PortFacts> ports;  // as configured
        std::function<Verdict(std::size_t port)> link;
        std::function<std::string(std::size_t port)> interface_name;  // empty: there is none
    };

    // `look` is called whenever a view is needed, `on_settled` whenever something may have changed
    // about who owns what; both outlive this.
    Groups(Loop& loop, std::function<View()> look, std::function<void()> on_settled);
    Groups(const Groups&) = delete;
    Groups& operator=(const Groups&) = delete;

    // What is configured now. A group that is no more gives its VIPs up.
    void configure(const config::Config& config);
    // Something of the view has changed.
    void follow();

    // The dataplane wants to stop, see Group::leave().
    void leave();

    // For the operator. An error says why it cannot be. The others of its set are handed over, too.
    Result<void> hand_over(const std::string& name);
    Result<void> set_priority(const std::string& name, std::optional<std::uint8_t> priority);
    Result<void> set_enabled(const std::string& name, bool enabled);

    std::vector<api::GroupDescription> describe() const;
    // Of the groups with kernel_address, as they were followed last.
    std::vector<LocalVips> local_vips() const;

  private:
    // Where some groups' adverts are heard.
    struct Ear {
        net::AdvertSocket socket;
        std::unique_ptr<FdWatch> watch;
    };
    using Place = std::pair<std::string, bool>;  // interface, is_v4

    void hurry();
    void bind_sets(std::vector<Situation>& situations) const;
    void listen(const Place& place);
    void hear_all();
    void hear(const Place& place, const net::ReceivedAdvert& received);
    void on_time();
    void settle();
    void advertise(Group& group);
    Result<void> command(const std::string& name, const std::function<Result<void>(Group&)>& act);

    Loop& loop_;
    std::function<View()> look_;
    std::function<void()> on_settled_;
    std::vector<std::unique_ptr<Group>> groups_;
    std::map<Place, Ear> ears_;
    std::map<Place, std::string> deaf_;  // why, as it was logged
    std::map<const Group*, Place> places_;
    bool urgent_ = false;
    Tracks tracks_;
    Timer deadline_;
    Timer pulse_;
};

}  // namespace vipfwd::gateway
