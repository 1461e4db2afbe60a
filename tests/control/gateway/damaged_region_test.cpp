// SPDX-License-Identifier: Apache-2.0
// Something else writes to the region. Control restores it, for a dataplane that starts and for one
// that runs.
#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "dataplane/abi/ring_store.h"
#include "dataplane/abi/table_list.h"
#include "dataplane/abi/validate.h"
#include "tests/control/gateway/gateway_scene.h"

namespace vipfwd::gateway {
namespace {

constexpr const char* kGroup = R"(
[[group]]
name = "edge"
port = "uplink"
id = 51
priority = 200
vips = ["10.0.0.100"]
)";

struct Area {
    std::string name;
    // The byte to be flipped.
    std::function<const void*(const abi::ControlArea&)> byte;
};

template <typename Part>
const void* middle_of(const Part& part) {
    return reinterpret_cast<const char*>(&part) + sizeof part / 2;
}

const abi::Generation& in_force(const abi::ControlArea& area) {
    return area.generations[abi::ActiveGeneration::unpack(area.active.load()).store];
}

// All areas that control writes, and of the generation in force every table that has entries.
std::vector<Area> areas() {
    std::vector<Area> all = {
        {"header", [](const abi::ControlArea& area) { return middle_of(area.header); }},
        {"boot parameters", [](const abi::ControlArea& area) { return middle_of(area.boot); }},
        {"active", [](const abi::ControlArea& area) { return middle_of(area.active); }},
        {"leases", [](const abi::ControlArea& area) { return middle_of(area.leases.groups[0]); }},
        {"check notes",
         [](const abi::ControlArea& area) { return middle_of(area.check_notes[0]); }},
        {"generation",
         [](const abi::ControlArea& area) { return middle_of(in_force(area).header); }},
        {"other generation",
         [](const abi::ControlArea& area) {
             const bool is_second = &in_force(area) == &area.generations[1];
             return middle_of(area.generations[is_second ? 0 : 1].header);
         }},
        {"ring",
         [](const abi::ControlArea& area) {
             const auto ring = abi::ring_of(in_force(area).pools[0], area.rings);
             return static_cast<const void*>(&ring[ring.size() / 2]);
         }},
    };
    abi::for_each_table([&](const auto& table) {
        all.push_back({std::string(table.name), [table](const abi::ControlArea& area) {
                           return middle_of((in_force(area).*table.entries)[0]);
                       }});
    });
    return all;
}

class DamagedRegionTest : public GatewayTest {
  protected:
    DamagedRegionTest() {
        write_config(std::string(kCapture) + kBalancing + kGroup);
        start();
        connect();
        EXPECT_TRUE(becomes_ready());
    }
    const abi::ControlArea& area() { return gateway_->view().publisher->region().control(); }
    void damage(const Area& one) {
        auto* const byte = static_cast<std::uint8_t*>(const_cast<void*>(one.byte(area())));
        *byte ^= 0x55;
    }
    // Why a dataplane would not use what is in the region; empty if it would.
    std::string fault() {
        const abi::ControlArea& control = area();
        if (Result<void> sound = abi::validate(control.header); !sound)
            return sound.error().message;
        if (Result<void> sound = abi::validate(control.boot); !sound)
            return sound.error().message;
        const auto active = abi::ActiveGeneration::unpack(control.active.load());
        if (active.store >= abi::kGenerationStores)
            return "active";
        const auto copy = std::make_unique<abi::Generation>();
        if (Result<void> copied = abi::copy_generation(control.generations[active.store], *copy);
            !copied)
            return copied.error().message;
        if (Result<void> sound = abi::validate_tables(*copy); !sound)
            return sound.error().message;
        if (Result<void> sound = abi::RingCheck().validate(*copy, control.rings); !sound)
            return sound.error().message;
        return copy->header.generation == active.generation ? "" : "another generation";
    }
};

TEST_F(DamagedRegionTest, ADataplaneThatStartsFindsASoundRegion) {
    for (const Area& one : areas()) {
        dataplane_.reset();
        ASSERT_TRUE(run_until([this] { return !gateway_->view().dataplane.connected; }));
        damage(one);
        connect();
        // If tables were being built at that moment, the next ones wait for the dataplane. It does
        // not use what is damaged, and says so.
        if (!fault().empty())
            dataplane_->send(
                {.kind = abi::MessageKind::kRejected, .generation = dataplane_->generation()});
        EXPECT_TRUE(run_until([this] { return fault().empty(); })) << one.name << ": " << fault();
        EXPECT_TRUE(becomes_ready()) << one.name;
    }
}

TEST_F(DamagedRegionTest, ItIsRestoredWhileTheDataplaneRuns) {
    for (const Area& one : areas()) {
        damage(one);
        EXPECT_TRUE(run_until([this] { return fault().empty(); })) << one.name;
        dataplane_->acknowledge();
    }
    EXPECT_TRUE(gateway_->view().dataplane.ready);
}

TEST_F(DamagedRegionTest, ADataplaneThatRejectsADamagedGenerationGetsAnother) {
    const std::uint64_t before = dataplane_->generation();
    damage(areas()[5]);
    dataplane_->send({.kind = abi::MessageKind::kRejected, .generation = before});
    EXPECT_TRUE(run_until([&] { return dataplane_->generation() == before + 1; }));
    EXPECT_EQ(fault(), "");
}

TEST_F(DamagedRegionTest, ASoundGenerationThatADataplaneRejectsIsNotPublishedAgain) {
    const std::uint64_t before = dataplane_->generation();
    dataplane_->send({.kind = abi::MessageKind::kRejected, .generation = before});
    ASSERT_TRUE(run_until([&] { return gateway_->view().dataplane.rejected.has_value(); }));
    const std::int64_t until_ns = monotonic_ns() + 1'500'000'000;  // longer than control's period
    run_until([&] { return monotonic_ns() > until_ns; });
    EXPECT_EQ(dataplane_->generation(), before);
}

}  // namespace
}  // namespace vipfwd::gateway
