// SPDX-License-Identifier: Apache-2.0
#include "control/group/peer_findings.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "dataplane/abi/address_text.h"
#include "dataplane/abi/time_units.h"

namespace vipfwd::group {
namespace {

using events::Event;
using events::Level;
using events::Object;

constexpr std::size_t kNamesInWarning = 3;

// Of a backend without a result here or there, nothing can be said yet.
bool is_comparable(std::uint8_t here, std::uint8_t there) {
    return ((here | there) & table::kFoundUnknown) == 0;
}

// What differs, for people; empty if nothing does. That another backend is the writer here is said
// of that one only.
std::string describe_difference(std::uint8_t here, std::uint8_t there, const std::string& peer) {
    if (!is_comparable(here, there))
        return {};
    const int differing = here ^ there;
    if ((differing & table::kFoundDown) != 0)
        return (here & table::kFoundDown) != 0 ? "down here, but up at " + peer
                                               : "up here, but down at " + peer;
    if ((differing & table::kTakenOut) != 0)
        return (here & table::kTakenOut) != 0 ? "taken out here, but not at " + peer
                                              : "taken out at " + peer + ", but not here";
    if ((differing & here & table::kIsWriter) != 0)
        return "the backend that serves here, but not at " + peer;
    return {};
}

std::int64_t grace_of(const config::Pool* pool) {
    if (pool == nullptr || pool->check.type == config::CheckType::kNone)
        return PeerFindings::kGrace_ns;
    const config::Check& check = pool->check;
    const std::int64_t attempts = std::max(check.rise, check.fall) + std::int64_t{1};
    return std::max(PeerFindings::kGrace_ns,
                    (attempts * check.interval_ms + check.timeout_ms) * kNanosecondsPerMs);
}

// Whether both gateways have the same backends in the report's range.
bool has_same_members(const FindingsReport& report, const OwnFindings& own) {
    std::uint32_t count = 0;
    std::uint64_t members = 0;
    for (const table::BackendFinding& finding : own.findings) {
        if (report.covers(finding.key)) {
            ++count;
            members += finding.key;
        }
    }
    return count == report.count && members == report.members;
}

Event event_of(const std::string& backend, const std::string& text) {
    return {.level = Level::kWarning, .object = Object::kBackend, .name = backend, .change = text};
}

}  // namespace

void PeerFindings::note(const IpAddress& source, const FindingsReport& report,
                        const OwnFindings& own, const config::Config& config, std::int64_t now_ns) {
    if (!peers_.contains(source) && peers_.size() == kMostPeers)
        return;
    Peer& peer = peers_[source];
    peer.heard_ns = now_ns;
    Differences before = take_covered(peer.differences, report);
    std::erase_if(peer.writers, [&](const auto& entry) { return report.covers(entry.first); });
    if (!has_same_members(report, own))
        return;
    bool has_difference = false;
    for (const table::BackendFinding& finding : own.findings) {
        if (!report.covers(finding.key))
            continue;
        auto known = before.extract(finding.key);
        const std::uint8_t there = report.state_of(finding.key);
        if (report.is_owner && (there & table::kIsWriter) != 0)
            peer.writers[finding.key] = {own.tables->pools[finding.pool].name,
                                         own.tables->backends[finding.backend].address};
        std::string text = describe_difference(finding.state, there, to_string(source));
        if (!known.empty()) {
            known.mapped().has_ended = text.empty() && is_comparable(finding.state, there);
            peer.differences.insert(std::move(known));
        }
        if (text.empty() || (!peer.differences.contains(finding.key) &&
                             peer.differences.size() >= kMostDifferences))
            continue;
        has_difference = true;
        Difference& difference = peer.differences[finding.key];
        if (difference.text != text)
            difference = begin_difference(std::move(text), finding, own, config, now_ns);
    }
    if (has_difference)
        ++peer.reports;
}

PeerFindings::Difference PeerFindings::begin_difference(std::string text,
                                                        const table::BackendFinding& finding,
                                                        const OwnFindings& own,
                                                        const config::Config& config,
                                                        std::int64_t now_ns) {
    const std::string_view pool_name = own.tables->pools[finding.pool].name;
    const config::Pool* const pool = config::find_pool(config, pool_name);
    const IpAddress& address = own.tables->backends[finding.backend].address;
    return {.backend = fmt::format("{}/{}", pool_name, config::backend_name(pool, address)),
            .text = std::move(text),
            .since_ns = now_ns,
            .grace_ns = grace_of(pool)};
}

// Those of backends that either gateway does not have any more end without a word.
PeerFindings::Differences PeerFindings::take_covered(Differences& differences,
                                                     const FindingsReport& report) {
    Differences taken;
    for (auto one = differences.lower_bound(report.first);
         one != differences.end() && report.covers(one->first);)
        taken.insert(differences.extract(one++));
    return taken;
}

bool PeerFindings::differs(const IpAddress& source, std::uint64_t key) const {
    const auto peer = peers_.find(source);
    return peer != peers_.end() && peer->second.differences.contains(key);
}

std::vector<Event> PeerFindings::update(std::int64_t now_ns,
                                        const IsOfOtherGroup& is_of_other_group) {
    std::vector<Event> told;
    std::erase_if(peers_, [&](const auto& entry) {
        return now_ns - entry.second.heard_ns >= PeerDigests::kForgotten_ns;
    });
    for (auto& [source, peer] : peers_) {
        std::size_t left_out = 0;
        const auto tell = [&](Event event) {
            if (told.size() < kMostEvents)
                told.push_back(std::move(event));
            else
                ++left_out;
        };
        for (auto& [key, difference] : peer.differences) {
            if (difference.has_ended && difference.is_told) {
                tell({.object = Object::kBackend,
                      .name = difference.backend,
                      .change = "found alike here and at " + to_string(source)});
            } else if (!difference.has_ended && !difference.is_told) {
                // Where it ends, it ends some seconds earlier or later than here.
                if (is_of_other_group && is_of_other_group(source, key))
                    difference.since_ns = now_ns;
                if (now_ns - difference.since_ns < difference.grace_ns)
                    continue;
                difference.is_told = true;
                tell(event_of(difference.backend, difference.text));
            }
        }
        std::erase_if(peer.differences, [](const auto& entry) { return entry.second.has_ended; });
        if (left_out > 0)
            told.push_back(event_of({}, fmt::format("{} more are found otherwise, or alike again, "
                                                    "at {}",
                                                    left_out, to_string(source))));
    }
    return told;
}

table::PoolWriters PeerFindings::writers_at(const IpAddress& source) const {
    table::PoolWriters writers;
    const auto peer = peers_.find(source);
    if (peer == peers_.end())
        return writers;
    for (const auto& [key, writer] : peer->second.writers)
        writers[writer.pool] = writer.backend;
    return writers;
}

std::vector<Warning> PeerFindings::warnings(std::int64_t now_ns) const {
    std::vector<Warning> all;
    for (const auto& [source, peer] : peers_) {
        std::string text;
        std::size_t count = 0;
        for (const auto& [key, difference] : peer.differences) {
            if (difference.is_told && count++ < kNamesInWarning)
                text += fmt::format("{}{} is {}", text.empty() ? "" : "; ", difference.backend,
                                    difference.text);
        }
        if (count == 0)
            continue;
        if (count > kNamesInWarning)
            text += fmt::format("; and {} more", count - kNamesInWarning);
        all.push_back(
            {.reason = "findings_differ",
             .source = to_string(source),
             .text = text + ": connections may break when the VIPs move between the two "
                            "gateways; compare `vipctl show backends` on both",
             .count = peer.reports,
             .age_ms = static_cast<std::uint64_t>((now_ns - peer.heard_ns) / kNanosecondsPerMs)});
    }
    return all;
}

}  // namespace vipfwd::group
