// SPDX-License-Identifier: Apache-2.0
#include "control/plan/reset_figures.h"

#include <gtest/gtest.h>

namespace vipfwd::plan {
namespace {

TEST(FigureOf, AddsUpWhatWasCounted) {
    const table::FlowCounts counts{.counted = {{1, 10}, {2, 5}, {3, 0}}};
    EXPECT_EQ(figure_of({.keys = {1, 2, 3}}, &counts), (ResetFigure{.flows = 15}));
    EXPECT_EQ(figure_of({}, &counts), ResetFigure());
    EXPECT_EQ(figure_of({}, nullptr), ResetFigure()) << "there is nothing to count";
}

TEST(FigureOf, TellsThatThereMayBeMore) {
    const table::FlowCounts counts{.counted = {{1, 10}}, .at_least = {{4, 3}}};
    EXPECT_EQ(figure_of({.keys = {1, 2}}, &counts),
              (ResetFigure{.flows = 10, .is_uncounted = true}));
    EXPECT_EQ(figure_of({.keys = {1, 4}}, &counts),
              (ResetFigure{.flows = 13, .is_uncounted = true}));
    EXPECT_EQ(figure_of({.keys = {1}, .has_more_keys = true}, &counts),
              (ResetFigure{.flows = 10, .is_uncounted = true}));
    EXPECT_EQ(figure_of({.keys = {1}, .has_unpinned = true}, &counts),
              (ResetFigure{.flows = 10, .is_unpinned = true}));
    EXPECT_EQ(figure_of({.keys = {1}}, nullptr), ResetFigure{.is_uncounted = true});
}

TEST(AmountOf, IsAsPreciseAsWhatIsKnown) {
    EXPECT_EQ(amount_of({.flows = 1}), "up to 1 connection");
    EXPECT_EQ(amount_of({.flows = 999}), "up to 999 connections");
    EXPECT_EQ(amount_of({.flows = 1'234'567}), "up to 1,234,567 connections");
    EXPECT_EQ(amount_of({.flows = 1000, .is_uncounted = true}), "1,000 connections or more");
    EXPECT_EQ(amount_of({.is_unpinned = true}), "an unknown number of connections");
}

TEST(DescribeResets, NamesEachServiceWithConnections) {
    const Resets resets{.services = {{"web", "b", {.keys = {1, 2}}},
                                     {"api", "b", {.keys = {3}}},
                                     {"udp", "b", {.has_unpinned = true}}}};
    EXPECT_EQ(describe_resets(resets, {.counted = {{1, 1000}, {2, 234}, {3, 0}}}),
              Lines{"service 'web' goes to pool 'b': up to 1,234 connections would be reset"});
}

TEST(DescribeResets, WhatIsNotKnownToHaveConnectionsNeedsNoForce) {
    const Resets resets{.services = {{"web", "b", {.keys = {1, 2}}}}};
    EXPECT_EQ(describe_resets(resets, {.counted = {{1, 5}}}),
              Lines{"service 'web' goes to pool 'b': 5 connections or more would be reset"});
    EXPECT_EQ(describe_resets(resets, {.at_least = {{2, 5}}}),
              Lines{"service 'web' goes to pool 'b': 5 connections or more would be reset"});
    EXPECT_EQ(describe_resets(resets, {.counted = {{1, 0}}}), Lines{});
}

TEST(DescribeResets, NamesWhatAPoolGivesToOthers) {
    Resets resets{.backends = {{"web", "web1", "", {.keys = {1}}},
                               {"web", "web2", "db", {.keys = {2}}},
                               {"mq", "mq1", "db", {.keys = {3}}}}};
    const table::FlowCounts counts{.counted = {{1, 100}, {2, 7}, {3, 0}, {4, 1}}};
    EXPECT_EQ(describe_resets(resets, counts),
              Lines{"pool 'web' gives backend web2 to pool 'db': up to 7 connections would be "
                    "reset"})
        << "a plain removal needs no force";
    resets.backends.push_back({"web", "web3", "api", {.keys = {4}}});
    EXPECT_EQ(describe_resets(resets, counts),
              Lines{"pool 'web' gives backends web2, web3 to other pools: up to 8 connections "
                    "would be reset"});
}

}  // namespace
}  // namespace vipfwd::plan
