// SPDX-License-Identifier: Apache-2.0
// Decides which of the received adverts count for a group, and counts the others by the reason.
#pragma once

#include <array>
#include <cstdint>
#include <limits>
#include <variant>
#include <vector>

#include "control/config/model.h"
#include "control/group/group_inputs.h"
#include "control/net/advert_socket.h"
#include "control/vrrp/advert.h"
#include "control/vrrp/authenticate.h"
#include "dataplane/abi/advert_auth.h"

namespace vipfwd::group {

class AdvertFilter {
  public:
    AdvertFilter() { warned_at_ns_.fill(kNever_ns); }

    // Returns the advert if it could be decoded and is from a peer of the group; else counts the
    // reason and returns null. `decoded` is what vrrp::decode() returned.
    const vrrp::Advert* screen(const config::Group& group, const GroupInputs& inputs,
                               const std::variant<vrrp::Advert, vrrp::Discard>& decoded,
                               const IpAddress& source);
    // Verifies an advert of a group that has a key, and stores its sequence. False if it does not
    // count: it is not authentic, and the group requires authentication.
    bool authenticate(const config::Group& group, const GroupInputs& inputs,
                      const net::ReceivedAdvert& received, std::int64_t now_ns);
    void count_discard(vrrp::Discard why) { ++discards_[static_cast<std::size_t>(why)]; }
    // Counts an advert that the election has accepted, and compares its VIPs with the group's. A
    // difference is logged as a warning, as RFC 9568 §7.1 asks for.
    void note_accepted(const config::Group& group, const GroupInputs& inputs,
                       const vrrp::Advert& advert, const IpAddress& source, std::int64_t now_ns);
    // The configured VIPs have changed: the next advert is compared anew.
    void forget_vips() { last_vips_.clear(); }

    std::uint64_t accepted() const { return accepted_; }
    std::uint64_t unverified() const { return unverified_; }  // accepted, but not authentic
    // Whether the last accepted advert lists the VIPs that one of ours would list.
    bool last_has_our_vips() const { return last_has_our_vips_; }
    const std::array<std::uint64_t, vrrp::kDiscardCount>& discards() const { return discards_; }

  private:
    static constexpr std::int64_t kNever_ns = std::numeric_limits<std::int64_t>::min() / 2;

    vrrp::Authentication verify(const config::Group& group, const GroupInputs& inputs,
                                const net::ReceivedAdvert& received);
    void warn(const config::Group& group, const net::ReceivedAdvert& received,
              const vrrp::Authentication& result, std::int64_t now_ns);

    abi::AdvertSigner verifier_;
    std::array<std::int64_t, vrrp::kDiscardCount> warned_at_ns_;  // by Discard
    std::array<std::uint64_t, vrrp::kDiscardCount> discards_{};   // by Discard
    std::uint64_t accepted_ = 0;
    std::uint64_t unverified_ = 0;
    std::vector<IpAddress> last_vips_;  // that the last accepted advert listed
    bool last_has_our_vips_ = true;
    std::int64_t warned_of_vips_at_ns_ = kNever_ns;
};

}  // namespace vipfwd::group
