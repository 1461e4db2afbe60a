// SPDX-License-Identifier: Apache-2.0
#include "control/group/findings_report.h"

#include <algorithm>

#include "control/group/peer_message.h"
#include "control/group/wire_numbers.h"

namespace vipfwd::group {
namespace {

constexpr std::size_t kFlagsAt = 6;
constexpr std::uint8_t kIsOwner = 1;
constexpr std::size_t kEntriesAt = 36;
constexpr std::size_t kEntryBytes = 9;

// Whether the entries are ordered by key, in the range, and no more than the sender has backends.
bool is_consistent(const FindingsReport& report) {
    const auto follows = [](const FindingsReport::Entry& a, const FindingsReport::Entry& b) {
        return a.key >= b.key;
    };
    return report.first <= report.last && report.entries.size() <= report.count &&
           std::ranges::adjacent_find(report.entries, follows) == report.entries.end() &&
           std::ranges::all_of(report.entries, [&](const FindingsReport::Entry& entry) {
               return report.covers(entry.key) && entry.state != 0;
           });
}

}  // namespace

std::uint8_t FindingsReport::state_of(std::uint64_t key) const {
    const auto entry = std::ranges::lower_bound(entries, key, {}, &Entry::key);
    return entry != entries.end() && entry->key == key ? entry->state : 0;
}

std::vector<FindingsReport> reports_of(std::span<const table::BackendFinding> findings,
                                       std::uint8_t group_id, bool is_owner) {
    std::vector<FindingsReport::Entry> entries;
    for (const table::BackendFinding& finding : findings) {
        if (finding.state != 0)
            entries.push_back({finding.key, finding.state});
    }
    std::ranges::sort(entries, {}, &FindingsReport::Entry::key);
    std::vector<FindingsReport> reports(std::max<std::size_t>(
        1, (entries.size() + FindingsReport::kMostEntries - 1) / FindingsReport::kMostEntries));
    std::uint64_t first = 0;
    for (std::size_t i = 0; i < reports.size(); ++i) {
        FindingsReport& report = reports[i];
        report.group_id = group_id;
        report.is_owner = is_owner;
        report.first = first;
        const auto begin =
            entries.begin() + static_cast<std::ptrdiff_t>(i * FindingsReport::kMostEntries);
        const bool is_last = i + 1 == reports.size();
        const auto end = is_last
                             ? entries.end()
                             : begin + static_cast<std::ptrdiff_t>(FindingsReport::kMostEntries);
        report.entries.assign(begin, end);
        if (!is_last)
            report.last = report.entries.back().key;
        first = report.last + 1;
    }
    for (const table::BackendFinding& finding : findings) {
        FindingsReport& report =
            *std::ranges::lower_bound(reports, finding.key, {}, &FindingsReport::last);
        ++report.count;
        report.members += finding.key;
    }
    return reports;
}

std::vector<std::uint8_t> encode(const FindingsReport& report) {
    std::vector<std::uint8_t> bytes = encode_header(PeerMessageKind::kFindings, report.group_id);
    bytes[kFlagsAt] = report.is_owner ? kIsOwner : 0;
    append_number(bytes, report.count);
    append_number(bytes, report.first);
    append_number(bytes, report.last);
    append_number(bytes, report.members);
    for (const FindingsReport::Entry& entry : report.entries) {
        append_number(bytes, entry.key);
        bytes.push_back(entry.state);
    }
    return bytes;
}

std::optional<FindingsReport> decode_report(std::span<const std::uint8_t> bytes) {
    if (kind_of(bytes) != PeerMessageKind::kFindings || bytes.size() < kEntriesAt ||
        (bytes.size() - kEntriesAt) % kEntryBytes != 0)
        return std::nullopt;
    FindingsReport report;
    report.group_id = group_id_of(bytes);
    report.is_owner = (bytes[kFlagsAt] & kIsOwner) != 0;
    report.count = read_number<std::uint32_t>(bytes, 8);
    report.first = read_number<std::uint64_t>(bytes, 12);
    report.last = read_number<std::uint64_t>(bytes, 20);
    report.members = read_number<std::uint64_t>(bytes, 28);
    for (std::size_t at = kEntriesAt; at < bytes.size(); at += kEntryBytes)
        report.entries.push_back({read_number<std::uint64_t>(bytes, at), bytes[at + 8]});
    if (!is_consistent(report))
        return std::nullopt;
    return report;
}

}  // namespace vipfwd::group
