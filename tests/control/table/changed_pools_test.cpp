// SPDX-License-Identifier: Apache-2.0
#include "control/table/changed_pools.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "tests/control/table/sample.h"

namespace vipfwd::table {
namespace {

using health::Verdict;

constexpr std::size_t kBackends = 4;  // of each pool

// Pools of all kinds, that are checked but for the last one; "same" has the backends of "plain".
config::Config config_of_all_kinds() {
    config::Config made = sample::config();
    made.pools.clear();
    made.services.clear();
    for (const char* name : {"plain", "slow", "first", "tiers", "agent", "same", "unchecked"}) {
        config::Pool pool;
        pool.name = name;
        pool.ring_slots = 251;
        pool.check.type = config::CheckType::kTcp;
        const std::string network = pool.name == "same" ? "0" : std::to_string(made.pools.size());
        for (std::size_t i = 0; i < kBackends; ++i)
            pool.backends.push_back(sample::backend(
                "b" + std::to_string(i), "10.0." + network + "." + std::to_string(i + 1)));
        const auto port = static_cast<std::uint16_t>(80 + made.pools.size());
        made.services.push_back(sample::service(name, "10.9.0.1", port, made.pools.size()));
        made.pools.push_back(std::move(pool));
    }
    made.pools[1].slow_start_ms = 1000;
    made.pools[2].mode = config::PoolMode::kFirst;
    made.pools[3].min_up.count = 2;
    made.pools[3].backends[2].tier = made.pools[3].backends[3].tier = 2;
    made.pools[4].check.agent_port = 9999;
    made.services[5].protocol = abi::Protocol::kUdp;
    made.pools[6].check.type = config::CheckType::kNone;
    return made;
}

class ChangedPools : public ::testing::Test {
  protected:
    ChangedPools() {
        now_.standings.config = std::make_shared<const config::Config>(config_of_all_kinds());
        now_.standings.numbers =
            std::make_shared<const health::BackendNumbers>(*now_.standings.config);
        now_.standings.backends.assign(now_.standings.numbers->count(), {});
        for (std::size_t i = 0; i < 6 * kBackends; ++i)
            now_.standings.backends[i].verdict = Verdict::kGood;
        publish(build_all());
    }

    struct Known {
        health::Standings standings;
        health::AdminChoices choices;
        PoolWriters writers;
        std::uint64_t ms = 1'000'000;

        Conditions conditions() const {
            return {.standings = &standings,
                    .choices = &choices,
                    .followed_writers = &writers,
                    .now_ms = ms};
        }
        std::uint32_t s() const { return static_cast<std::uint32_t>(ms / 1000); }
    };

    const config::Config& config() const { return *now_.standings.config; }
    Build build_all() const {
        return build(config(), sample::facts(), tables_, sample::zero_counters(), now_.s(), {}, {},
                     now_.conditions())
            .value();
    }
    std::vector<std::size_t> changed() const {
        return find_changed_pools(config(), tables_, before_.conditions(), now_.conditions());
    }
    Build build_changed() const {
        return rebuild(config(), sample::facts(), tables_, sample::zero_counters(), now_.s(),
                       changed(), {}, now_.conditions());
    }
    void publish(Build made) {
        tables_ = std::move(made.tables);
        for (const NewRing& ring : made.new_rings) {
            ++ring_store_;
            for (const std::size_t pool : ring.pools)
                tables_.pools[pool].ring_store = ring_store_;
        }
        before_ = now_;
    }
    void set(std::size_t backend, Verdict verdict) {
        now_.standings.backends[backend] = {.verdict = verdict};
        if (verdict == Verdict::kBad)
            now_.standings.backends[backend].failure =
                std::make_shared<const health::Failure>(health::Failure{.reason = "why"});
    }
    void let_agent_say(std::size_t backend, const char* line) {
        now_.standings.backends[backend].agent =
            std::make_shared<const health::AgentAnswer>(health::parse_agent_answer(line).value());
    }
    void change_something(std::minstd_rand& random);

    Tables tables_;  // in force
    std::uint32_t ring_store_ = 0;
    Known before_;  // of the tables in force
    Known now_;
};

using Numbers = std::vector<std::size_t>;

TEST_F(ChangedPools, WithoutAChangeThereAreNone) {
    EXPECT_EQ(changed(), Numbers{});
    EXPECT_TRUE(same(build_changed().tables, tables_));
}

TEST_F(ChangedPools, AVerdictAnAgentAndAnOperatorChangeOneEach) {
    set(1, Verdict::kBad);
    EXPECT_EQ(changed(), Numbers{0});
    let_agent_say(4 * kBackends, "50%");
    EXPECT_EQ(changed(), (Numbers{0, 4}));
    now_.choices.set("unchecked", sample::ip("10.0.6.1"), {.weight = 7});
    EXPECT_EQ(changed(), (Numbers{0, 4, 6}));
}

TEST_F(ChangedPools, TheWriterOfTheOwnerIsFollowed) {
    const auto writer = [this] { return tables_.pools[2].writer; };
    EXPECT_EQ(writer(), 1u);
    now_.writers["first"] = sample::ip("10.0.2.3");
    EXPECT_EQ(changed(), Numbers{2});
    publish(build_changed());
    EXPECT_EQ(writer(), 3u);
    now_.writers.clear();
    EXPECT_EQ(changed(), Numbers{2});
    publish(build_changed());
    EXPECT_EQ(writer(), 3u) << "it goes on";
}

TEST_F(ChangedPools, AReasonThatIsWorseIsAChange) {
    set(1, Verdict::kBad);
    publish(build_changed());
    set(1, Verdict::kBad);
    EXPECT_EQ(changed(), Numbers{0});
}

TEST_F(ChangedPools, TimeChangesSlowStartsAndMaintenance) {
    set(kBackends, Verdict::kBad);
    publish(build_changed());
    set(kBackends, Verdict::kGood);
    publish(build_changed());
    EXPECT_EQ(changed(), Numbers{1}) << "of a slow start";
    now_.ms += 2000;
    publish(build_changed());
    EXPECT_EQ(changed(), Numbers{});
    now_.choices.set("plain", sample::ip("10.0.0.1"),
                     {.state = abi::BackendAdmin::kMaint, .flows_move_at_s = now_.s() + 5});
    publish(build_changed());
    EXPECT_EQ(changed(), Numbers{0});
}

void ChangedPools::change_something(std::minstd_rand& random) {
    const std::size_t pool = random() % config().pools.size();
    const std::size_t backend = random() % kBackends;
    const IpAddress& address = config().pools[pool].backends[backend].address;
    const auto number = static_cast<std::uint32_t>(random());
    switch (random() % 6) {
        case 0:
        case 1:
            return set(pool * kBackends + backend,
                       random() % 2 == 0 ? Verdict::kGood : Verdict::kBad);
        case 2:
            return let_agent_say(4 * kBackends + backend, random() % 2 == 0 ? "drain" : "up 30%");
        case 3:
            return now_.choices.set(
                config().pools[pool].name, address,
                {.state = abi::BackendAdmin::kMaint, .flows_move_at_s = now_.s() + number % 3});
        case 4:
            return now_.choices.set(config().pools[pool].name, address,
                                    {.weight = number % 3 * 50});
        default:
            return now_.choices.set(config().pools[pool].name, address, {});
    }
}

TEST_F(ChangedPools, WhatIsRebuiltForThemIsWhatAWholeBuildMakes) {
    std::minstd_rand random(1);
    for (int round = 0; round < 2000; ++round) {
        now_.ms += random() % 700;
        for (auto changes = random() % 4; changes > 0; --changes)
            change_something(random);
        Build all = build_all();
        const Build made = build_changed();
        ASSERT_TRUE(same(made.tables, all.tables)) << "round " << round;
        ASSERT_EQ(made.new_rings.size(), all.new_rings.size());
        for (std::size_t i = 0; i < made.new_rings.size(); ++i) {
            ASSERT_EQ(made.new_rings[i].pools, all.new_rings[i].pools);
            ASSERT_EQ(*made.new_rings[i].slots, *all.new_rings[i].slots);
        }
        publish(std::move(all));
    }
}

}  // namespace
}  // namespace vipfwd::table
