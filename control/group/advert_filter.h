// SPDX-License-Identifier: Apache-2.0
// Decides which of the received adverts count for a group, and counts the others by the reason.
// What an operator should know about adverts becomes a warning: in the log, and in warnings().
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <string_view>
#include <variant>
#include <vector>

#include "control/config/model.h"
#include "control/group/group_inputs.h"
#include "control/group/warnings.h"
#include "control/net/advert_socket.h"
#include "control/vrrp/advert.h"
#include "control/vrrp/authenticate.h"
#include "dataplane/abi/advert_auth.h"

namespace vipfwd::group {

class AdvertFilter {
  public:
    enum class Authenticity : std::uint8_t {
        kRejected,    // not authentic, and the group requires authentication
        kUnverified,  // the group has no key or does not require authentication
        kVerified,
    };

    // Returns the advert if it could be decoded, has the group's id and is from a peer of the
    // group; else counts the reason and returns null. `decoded` is what vrrp::decode() returned.
    const vrrp::Advert* screen(const config::Group& group, const GroupInputs& inputs,
                               const std::variant<vrrp::Advert, vrrp::Discard>& decoded,
                               const IpAddress& source, std::int64_t now_ns);
    // Verifies an advert of a group that has a key, and stores its sequence. Counts an advert that
    // is rejected.
    Authenticity authenticate(const config::Group& group, const GroupInputs& inputs,
                              const net::ReceivedAdvert& received, std::int64_t now_ns);
    // Whether an advert decides on the ownership of the group's VIPs, by the VIPs that it lists.
    // One that lists none of them is from another virtual router with the same id: it is counted as
    // kForeignVips and must not reach the election. Such an advert decides nevertheless if
    //  - the configuration says so (config::ForeignVips::kObey), as RFC 9568 has it;
    //  - its list may be cut short, because an advert has no room for more;
    //  - the group has VIPs of the other IP version, which no advert lists, and the sender is a
    //    gateway of the group: it has the key, is among the peers, or has listed a VIP of the group
    //    before.
    bool decides(const config::Group& group, const GroupInputs& inputs, const vrrp::Advert& advert,
                 const IpAddress& source, Authenticity authenticity, std::int64_t now_ns);
    // Counts an advert that does not count, and warns of it if it concerns the group. `advert`:
    // null if it could not be decoded.
    void discard(const config::Group& group, vrrp::Discard why, const vrrp::Advert* advert,
                 const IpAddress& source, std::int64_t now_ns);
    // Counts an advert that the election has accepted, and compares its VIPs with the group's. A
    // difference is a warning, as RFC 9568 §7.1 asks for.
    void note_accepted(const config::Group& group, const GroupInputs& inputs,
                       const vrrp::Advert& advert, const IpAddress& source, std::int64_t now_ns);
    // The configuration has changed: adverts are compared with it anew.
    void forget_comparisons();

    std::uint64_t accepted() const { return accepted_; }
    std::uint64_t unverified() const { return unverified_; }  // accepted, but not authentic
    // Whether the last accepted advert lists the VIPs that one of ours would list.
    bool last_has_our_vips() const { return last_has_our_vips_; }
    const std::array<std::uint64_t, vrrp::kDiscardCount>& discards() const { return discards_; }
    std::vector<Warning> warnings(std::int64_t now_ns) const { return warnings_.list(now_ns); }

  private:
    // A sender can forge its address, so only the last ones are remembered.
    static constexpr std::size_t kMostMembers = 8;

    vrrp::Authentication verify(const config::Group& group, const GroupInputs& inputs,
                                const net::ReceivedAdvert& received);
    bool lists_our_vips(const config::Group& group, const vrrp::Advert& advert);
    void remember_member(const IpAddress& source);
    void count(vrrp::Discard why) { ++discards_[static_cast<std::size_t>(why)]; }
    void warn(const config::Group& group, std::string_view reason, const IpAddress& source,
              std::int64_t now_ns, std::uint32_t interval_ms,
              const std::function<std::string()>& describe);

    abi::AdvertSigner verifier_;
    std::array<std::uint64_t, vrrp::kDiscardCount> discards_{};  // by Discard
    std::uint64_t accepted_ = 0;
    std::uint64_t unverified_ = 0;
    std::vector<IpAddress> sorted_vips_;  // the group's; empty: not known yet
    std::vector<IpAddress> members_;      // that have listed a VIP of the group, the newest last
    std::vector<IpAddress> last_vips_;    // that the last accepted advert listed
    bool last_has_our_vips_ = true;
    Warnings warnings_;
};

}  // namespace vipfwd::group
