// SPDX-License-Identifier: Apache-2.0
// Conditions that the network brings about and that an operator should know of, for as long as they
// last: a condition is noted whenever it is seen, and ends when it was not seen for some time. Each
// is told apart by its reason, its source and its VIP. All times are nanoseconds of
// CLOCK_MONOTONIC.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "dataplane/abi/address.h"
#include "dataplane/abi/time_units.h"

namespace vipfwd::group {

struct Warning {
    std::string reason = {};  // a word: "foreign_vips", "address_conflict"
    std::string source = {};  // who causes it: an IP or MAC address
    IpAddress vip = {};       // that it is about; none: about no single one
    std::string text = {};    // what happened and what to do about it, as one sentence or two
    std::uint64_t count = 0;
    std::uint64_t age_ms = 0;  // since it was last seen
};

class Warnings {
  public:
    // A sender can forge sources, so only the last ones are kept.
    static constexpr std::size_t kMost = 8;
    // How long a condition lasts after it was seen.
    static constexpr std::int64_t kLasts_ns = 30 * kNanosecondsPerS;
    // A condition that lasts is logged again after that time. Conditions of one reason, whatever
    // their sources, are logged at most once in kPerReason_ns.
    static constexpr std::int64_t kLogAgain_ns = 300 * kNanosecondsPerS;
    static constexpr std::int64_t kPerReason_ns = 10 * kNanosecondsPerS;

    struct Key {
        std::string reason;
        std::string source;
        IpAddress vip = {};

        friend bool operator==(const Key&, const Key&) = default;
    };

    // Notes that a condition was seen, which then lasts for `lasts_ns`. Returns the text if it is
    // to be logged now. `describe` writes the text; it is called only if the text is needed.
    std::optional<std::string> note(const Key& key, std::int64_t now_ns, std::int64_t lasts_ns,
                                    const std::function<std::string()>& describe);
    // Ends all conditions. One that is seen again is a new one.
    void clear() { conditions_.clear(); }

    // Those that last, in the order in which they began.
    std::vector<Warning> list(std::int64_t now_ns) const;

  private:
    struct Condition {
        Key key;
        std::string text;
        std::uint64_t count = 0;
        std::int64_t seen_ns = 0;
        std::int64_t until_ns = 0;
        std::optional<std::int64_t> logged_ns;
    };

    Condition& find(const Key& key, std::int64_t now_ns);
    bool is_log_due(const Condition& condition, std::int64_t now_ns) const;

    std::vector<Condition> conditions_;              // in the order in which they began
    std::map<std::string, std::int64_t> logged_ns_;  // by reason
};

}  // namespace vipfwd::group
