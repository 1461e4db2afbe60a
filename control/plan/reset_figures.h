// SPDX-License-Identifier: Apache-2.0
// How many connections a configuration resets, and how that is told to the operator.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>

#include "control/plan/lines.h"
#include "control/plan/resets.h"
#include "control/table/flow_counting.h"

namespace vipfwd::plan {

struct ResetFigure {
    std::uint64_t flows = 0;
    bool is_unpinned = false;   // some connections are not pinned, so that nobody can count them
    bool is_uncounted = false;  // some flows were not counted

    bool may_be_more() const { return is_unpinned || is_uncounted; }
    ResetFigure& operator+=(const ResetFigure& other);
    friend bool operator==(const ResetFigure&, const ResetFigure&) = default;
};

// The flows of `set` by what was counted; null: nothing was.
ResetFigure figure_of(const FlowSet& set, const table::FlowCounts* counts);

// "up to 1,234 connections", "1,234 connections or more", "an unknown number of connections"
std::string amount_of(const ResetFigure& figure);

struct ResetFigures {
    // Of services that go to another pool, by the new name of the service.
    std::map<std::string, ResetFigure> services = {};
    // Of the backends that leave a pool, by the new name of the pool.
    std::map<std::string, ResetFigure> backends = {};
};

ResetFigures figures_of(const Resets& resets, const table::FlowCounts* counts);

// What of `resets` needs to be forced, one line each: "service 'web' goes to pool 'b': up to 1,234
// connections would be reset". Not the plain removal of a backend, nor what is not known to reset a
// connection.
Lines describe_resets(const Resets& resets, const table::FlowCounts& counts);

}  // namespace vipfwd::plan
