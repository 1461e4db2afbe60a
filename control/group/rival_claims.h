// SPDX-License-Identifier: Apache-2.0
// VIPs of ours that another gateway advertises in another virtual router.
//
// An election decides among the gateways of one virtual router. If two gateways have a VIP in
// groups of different ids or versions, because one file was edited and the other was not yet, each
// may be active in its own, and both would answer for the VIP. They settle it by the adverts that
// both receive: the VIP is left to the virtual router that goes first, which is the one of the
// lower id, and of the higher version if the ids are equal. All times are nanoseconds of
// CLOCK_MONOTONIC.
//
// Adverts list the VIPs of their own IP version only, so that rivals do not learn which VIPs of the
// other version a group has. These are left to whoever advertises them, and also to a rival to
// which any VIP is left that the group's adverts list: it may have them, too.
//
// A group that requires authentication leaves nothing to others, as anybody could forge such an
// advert; one with peers heeds these only.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "control/config/model.h"
#include "control/vrrp/advert.h"
#include "dataplane/abi/address.h"
#include "dataplane/abi/address_hash.h"
#include "dataplane/abi/time_units.h"

namespace vipfwd::group {

class RivalClaims {
  public:
    // A claim ends this long after the rival's last advert, or 4 of its intervals if that is more.
    static constexpr std::int64_t kLasts_ns = 200 * kNanosecondsPerMs;

    // Takes over the groups, whose VIPs are in one of them each. Claims stay if they still go
    // first.
    void configure(std::span<const config::Group> groups);

    // Notes any advert that could be decoded, whatever its id. One of priority 0 ends the rival's
    // claims.
    void note(const vrrp::Advert& advert, const IpAddress& source, std::int64_t now_ns);

    // The VIPs that this gateway must not answer for now, sorted.
    std::vector<IpAddress> left_to_rivals(std::int64_t now_ns) const;
    // One sentence or two for each rival to which VIPs of that group are left now.
    std::vector<std::string> describe(const std::string& group, std::int64_t now_ns) const;

  private:
    struct Member {
        std::string group;
        std::uint32_t id = 0;
        std::uint8_t version = 0;
        bool is_v4 = true;  // the IP version of its adverts
        std::vector<IpAddress> peers;
        bool heeds_rivals = true;
        std::vector<IpAddress> unlisted;  // its VIPs of the other IP version
    };
    struct Claim {
        std::uint8_t id = 0;
        std::uint8_t version = 0;
        IpAddress source;
        std::int64_t until_ns = 0;
    };
    template <typename Value>
    using ByVip = std::unordered_map<IpAddress, Value, AddressHash>;

    static bool goes_first(std::uint8_t id, std::uint8_t version, const IpAddress& vip,
                           const Member& ours);

    std::vector<Member> members_;
    ByVip<std::size_t> member_of_;  // index into members_
    ByVip<Claim> claims_;           // the first virtual router of those that claim it
};

}  // namespace vipfwd::group
