// SPDX-License-Identifier: Apache-2.0
#include "control/table/flow_classes.h"

#include <gtest/gtest.h>

#include <set>
#include <vector>

#include "dataplane/abi/address_text.h"

namespace vipfwd::table {
namespace {

abi::ServiceEntry service(const char* vip, std::uint16_t first, std::uint16_t last,
                          abi::Protocol protocol = abi::Protocol::kTcp,
                          std::uint8_t flow_class = 0) {
    abi::ServiceEntry entry{};
    entry.vip = *parse_ip(vip);
    entry.port_first = first;
    entry.port_last = last;
    entry.protocol = static_cast<std::uint8_t>(protocol);
    entry.flow_class = flow_class;
    return entry;
}

TEST(FlowClasses, ServicesHaveClassesOfTheirOwnAsLongAsThereAreSome) {
    FlowClasses classes({});
    std::set<std::uint8_t> chosen;
    for (std::uint16_t port = 1; port <= abi::kFlowClasses; ++port)
        chosen.insert(classes.choose(service("10.0.0.1", port, port)));
    EXPECT_EQ(chosen.size(), abi::kFlowClasses);
    std::set<std::uint8_t> again;
    for (std::uint16_t port = 1; port <= abi::kFlowClasses; ++port)
        again.insert(classes.choose(service("10.0.0.2", port, port)));
    EXPECT_EQ(again.size(), abi::kFlowClasses) << "then two services share each class";
}

TEST(FlowClasses, ANewServiceAvoidsTheClassesOfPreviousOnes) {
    const std::vector<abi::ServiceEntry> previous = {
        service("10.0.0.1", 80, 80, abi::Protocol::kTcp, 0),
        service("10.0.0.1", 81, 81, abi::Protocol::kTcp, 2)};
    FlowClasses classes(previous);
    EXPECT_EQ(classes.choose(service("10.0.0.1", 82, 82)), 1);
    EXPECT_EQ(classes.choose(service("10.0.0.1", 83, 83)), 3);
}

TEST(FlowClasses, AServiceThatTakesOverPortsTakesOverTheirClass) {
    const std::vector<abi::ServiceEntry> previous = {
        service("10.0.0.1", 8000, 8099, abi::Protocol::kTcp, 7)};
    FlowClasses classes(previous);
    EXPECT_EQ(classes.choose(service("10.0.0.1", 8000, 8199)), 7);
    EXPECT_EQ(classes.choose(service("10.0.0.1", 8050, 8060)), 7);
    EXPECT_EQ(classes.choose(service("10.0.0.1", 8099, 8099)), 7);
    EXPECT_NE(classes.choose(service("10.0.0.1", 8100, 8100)), 7);
    EXPECT_NE(classes.choose(service("10.0.0.1", 7999, 7999)), 7);
    EXPECT_NE(classes.choose(service("10.0.0.2", 8000, 8099)), 7);
    EXPECT_NE(classes.choose(service("10.0.0.1", 8000, 8099, abi::Protocol::kUdp)), 7);
}

}  // namespace
}  // namespace vipfwd::table
