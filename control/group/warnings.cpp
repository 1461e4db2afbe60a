// SPDX-License-Identifier: Apache-2.0
#include "control/group/warnings.h"

#include <algorithm>

namespace vipfwd::group {

std::optional<std::string> Warnings::note(const Key& key, std::int64_t now_ns,
                                          std::int64_t lasts_ns,
                                          const std::function<std::string()>& describe) {
    Condition& condition = find(key, now_ns);
    ++condition.count;
    condition.seen_ns = now_ns;
    condition.until_ns = std::max(condition.until_ns, now_ns + lasts_ns);
    const bool log = is_log_due(condition, now_ns);
    if (log || condition.text.empty())
        condition.text = describe();
    if (!log)
        return std::nullopt;
    condition.logged_ns = now_ns;
    logged_ns_[key.reason] = now_ns;
    return condition.text;
}

// The condition, which begins if it does not last. If there are too many, the one that was not seen
// for the longest time ends.
Warnings::Condition& Warnings::find(const Key& key, std::int64_t now_ns) {
    std::erase_if(conditions_, [&](const Condition& one) { return one.until_ns <= now_ns; });
    const auto found = std::ranges::find(conditions_, key, &Condition::key);
    if (found != conditions_.end())
        return *found;
    if (conditions_.size() == kMost)
        conditions_.erase(std::ranges::min_element(conditions_, {}, &Condition::seen_ns));
    Condition& begun = conditions_.emplace_back();
    begun.key = key;
    return begun;
}

bool Warnings::is_log_due(const Condition& condition, std::int64_t now_ns) const {
    if (condition.logged_ns && now_ns - *condition.logged_ns < kLogAgain_ns)
        return false;
    const auto last = logged_ns_.find(condition.key.reason);
    return last == logged_ns_.end() || now_ns - last->second >= kPerReason_ns;
}

std::vector<Warning> Warnings::list(std::int64_t now_ns) const {
    std::vector<Warning> all;
    for (const Condition& one : conditions_) {
        if (one.until_ns > now_ns)
            all.push_back(
                {.reason = one.key.reason,
                 .source = one.key.source,
                 .vip = one.key.vip,
                 .text = one.text,
                 .count = one.count,
                 .age_ms = static_cast<std::uint64_t>((now_ns - one.seen_ns) / kNanosecondsPerMs)});
    }
    return all;
}

}  // namespace vipfwd::group
