// SPDX-License-Identifier: Apache-2.0
#include "control/plan/reset_figures.h"

#include <fmt/format.h>

#include <set>
#include <string_view>

#include "control/text/quote.h"

namespace vipfwd::plan {
namespace {

// "1,234,567"
std::string with_commas(std::uint64_t number) {
    std::string text = std::to_string(number);
    for (std::size_t end = text.size(); end > 3; end -= 3)
        text.insert(end - 3, ",");
    return text;
}

ResetFigure figure_of(std::uint32_t key, const table::FlowCounts* counts) {
    if (counts == nullptr)
        return {.is_uncounted = true};
    if (const auto found = counts->counted.find(key); found != counts->counted.end())
        return {.flows = found->second};
    const auto found = counts->at_least.find(key);
    return {.flows = found != counts->at_least.end() ? found->second : 0, .is_uncounted = true};
}

// What a pool gives to other pools.
struct Given {
    Lines backends = {};
    std::set<std::string> pools = {};
    ResetFigure figure = {};

    std::string text(std::string_view pool) const {
        const std::string receiver =
            pools.size() == 1 ? "pool " + text::quote(*pools.begin()) : "other pools";
        return fmt::format("pool {} gives backend{} {} to {}: {} would be reset", text::quote(pool),
                           backends.size() == 1 ? "" : "s", some_of(backends), receiver,
                           amount_of(figure));
    }
};

}  // namespace

ResetFigure& ResetFigure::operator+=(const ResetFigure& other) {
    flows += other.flows;
    is_unpinned = is_unpinned || other.is_unpinned;
    is_uncounted = is_uncounted || other.is_uncounted;
    return *this;
}

ResetFigure figure_of(const FlowSet& set, const table::FlowCounts* counts) {
    ResetFigure figure{.is_unpinned = set.has_unpinned, .is_uncounted = set.has_more_keys};
    for (const std::uint32_t key : set.keys)
        figure += figure_of(key, counts);
    return figure;
}

std::string amount_of(const ResetFigure& figure) {
    if (figure.flows == 0 && figure.may_be_more())
        return "an unknown number of connections";
    const std::string_view noun = figure.flows == 1 ? "connection" : "connections";
    return figure.may_be_more() ? fmt::format("{} {} or more", with_commas(figure.flows), noun)
                                : fmt::format("up to {} {}", with_commas(figure.flows), noun);
}

ResetFigures figures_of(const Resets& resets, const table::FlowCounts* counts) {
    ResetFigures figures;
    for (const ServiceReset& reset : resets.services)
        figures.services[reset.service] += figure_of(reset.flows, counts);
    for (const BackendReset& reset : resets.backends)
        figures.backends[reset.pool] += figure_of(reset.flows, counts);
    return figures;
}

Lines describe_resets(const Resets& resets, const table::FlowCounts& counts) {
    Lines lines;
    for (const ServiceReset& reset : resets.services) {
        if (const ResetFigure figure = figure_of(reset.flows, &counts); figure.flows != 0)
            lines.push_back(fmt::format("service {} goes to pool {}: {} would be reset",
                                        text::quote(reset.service), text::quote(reset.pool),
                                        amount_of(figure)));
    }
    std::map<std::string, Given> given;
    for (const BackendReset& reset : resets.backends) {
        if (reset.new_pool.empty())
            continue;
        Given& one = given[reset.pool];
        one.backends.push_back(reset.backend);
        one.pools.insert(reset.new_pool);
        one.figure += figure_of(reset.flows, &counts);
    }
    for (const auto& [pool, one] : given) {
        if (one.figure.flows != 0)
            lines.push_back(one.text(pool));
    }
    return lines;
}

}  // namespace vipfwd::plan
