// SPDX-License-Identifier: Apache-2.0
// Whatever is edited in the files of two gateways: once they have settled, no VIP is answered for
// by two of them, and each VIP that one of them could own is owned.
#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <functional>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "tests/control/gateway/two_gateways.h"

namespace vipfwd::gateway {
namespace {

constexpr std::int64_t kSettled_ns = 500 * kNanosecondsPerMs;

// A configuration file, as an operator edits it.
struct File {
    struct Port {
        std::string name, device, driver = "af_xdp";
    };
    struct Group {
        std::string name, port;
        int id = 0, priority = 100;
        std::vector<std::string> vips;
    };
    struct Service {
        std::string name, vip;
        bool always_owned = false;
    };

    std::vector<Port> ports;
    std::vector<Group> groups;
    std::vector<Service> services;
    std::string mistake;  // at the end of the file
    int workers = 1;
    int weight = 100;

    std::string text() const {
        std::string all =
            "[gateway]\nrandom_seed = true\n[dataplane]\nworkers = " + std::to_string(workers) +
            "\n";
        for (const Port& port : ports)
            all += "[[port]]\nname = \"" + port.name + "\"\ndevice = \"" + port.device +
                   "\"\ndriver = \"" + port.driver + "\"\n";
        for (const Group& group : groups) {
            all += "[[group]]\nname = \"" + group.name + "\"\nport = \"" + group.port +
                   "\"\nid = " + std::to_string(group.id) +
                   "\npriority = " + std::to_string(group.priority) +
                   "\nadvert_interval_ms = 10\nvips = [";
            for (const std::string& vip : group.vips)
                all += "\"" + vip + "\", ";
            all += "]\n";
        }
        all +=
            "[[pool]]\nname = \"web\"\nbackend = [{ name = \"web1\", address = \"10.1.0.50\", "
            "weight = " +
            std::to_string(weight) + " }]\n";
        for (const Service& service : services)
            all += "[[service]]\nname = \"" + service.name + "\"\nvip = \"" + service.vip +
                   "\"\nprotocol = \"tcp\"\nport = 80\npool = \"web\"\nalways_owned = " +
                   (service.always_owned ? "true" : "false") + "\n";
        return all + mistake;
    }
};

File base_file() {
    File file;
    file.ports = {{"uplink", "up0"}, {"inner", "in0"}};
    file.groups = {{"edge", "uplink", 51, 100, {"10.1.0.100", "10.1.0.101", "fd00::100"}},
                   {"inner", "inner", 52, 100, {"10.2.0.100"}}};
    file.services = {
        {"a", "10.1.0.100"}, {"b", "10.1.0.101"}, {"c", "10.2.0.100"}, {"d", "fd00::100"}};
    return file;
}

// Random edits. Both gateways mean the same by a group's name: its id, its network, its VIPs.
class Editor {
  public:
    explicit Editor(std::uint32_t seed) : random_(seed) {}

    std::size_t number(std::size_t below) {
        return std::uniform_int_distribution<std::size_t>(0, below - 1)(random_);
    }

    // Edits `file`; returns what was done.
    std::string edit(File& file) {
        using Edit = std::string (Editor::*)(File&);
        static constexpr Edit kEdits[] = {&Editor::rename_port,
                                          &Editor::change_device,
                                          &Editor::change_driver,
                                          &Editor::add_group,
                                          &Editor::remove_group,
                                          &Editor::forget_vip,
                                          &Editor::remove_vip,
                                          &Editor::add_vip,
                                          &Editor::add_service_in_no_group,
                                          &Editor::own_always,
                                          &Editor::change_priority,
                                          &Editor::make_mistake,
                                          &Editor::change_order,
                                          &Editor::change_workers,
                                          &Editor::change_weight,
                                          &Editor::move_group_to_new_port,
                                          &Editor::move_vip,
                                          &Editor::change_id};
        return (this->*kEdits[number(std::size(kEdits))])(file);
    }

  private:
    template <typename Item>
    Item& one_of(std::vector<Item>& items) {
        return items[number(items.size())];
    }

    std::string rename_port(File& file) {
        File::Port& port = one_of(file.ports);
        const std::string before = port.name;
        port.name = "port" + std::to_string(number(6));
        const bool forgets_groups = number(5) == 0;
        for (File::Group& group : file.groups) {
            if (group.port == before && !forgets_groups)
                group.port = port.name;
        }
        return "port " + before + " renamed to " + port.name;
    }
    std::string change_device(File& file) {
        File::Port& port = one_of(file.ports);
        const std::string home = port.device.ends_with('0') ? port.device : homes_[port.name];
        if (port.device.ends_with('0'))
            homes_[port.name] = port.device;
        port.device = port.device.ends_with('0') || home.empty() ? "eth9" : home;
        return "port " + port.name + " on device " + port.device;
    }
    std::string change_driver(File& file) {
        File::Port& port = one_of(file.ports);
        port.driver = port.driver == "af_xdp" ? "af_packet" : "af_xdp";
        return "port " + port.name + " by driver " + port.driver;
    }
    std::string add_group(File& file) {
        const int index = static_cast<int>(number(3));
        File::Group group{"new" + std::to_string(index), "", 60 + index, priority(), {}};
        group.vips = {"10.1.0.11" + std::to_string(index)};
        const auto up0 = std::ranges::find(file.ports, "up0", &File::Port::device);
        if (up0 != file.ports.end() && number(2) == 0) {
            group.port = up0->name;
        } else {
            group.port = "new" + std::to_string(index);
            file.ports.push_back({group.port, "eth" + std::to_string(20 + index)});
        }
        file.services.push_back({group.name, group.vips[0]});
        file.groups.push_back(group);
        return "group " + group.name + " added on port " + group.port;
    }
    std::string remove_group(File& file) {
        if (file.groups.empty())
            return "nothing";
        const File::Group removed = one_of(file.groups);
        std::erase_if(file.groups, [&](const auto& one) { return one.name == removed.name; });
        std::erase_if(file.services, [&](const auto& one) {
            return std::ranges::find(removed.vips, one.vip) != removed.vips.end();
        });
        return "group " + removed.name + " removed with its services";
    }
    // The service stays.
    std::string forget_vip(File& file) {
        if (file.groups.empty())
            return "nothing";
        File::Group& group = one_of(file.groups);
        if (group.vips.empty())
            return "nothing";
        const std::string vip = one_of(group.vips);
        std::erase(group.vips, vip);
        return "VIP " + vip + " taken out of group " + group.name;
    }
    std::string remove_vip(File& file) {
        if (file.groups.empty())
            return "nothing";
        const std::string what = forget_vip(file);
        std::erase_if(file.services, [&](const auto& one) {
            return what.find(one.vip + " ") != std::string::npos;
        });
        return what + ", with its services";
    }
    std::string add_vip(File& file) {
        const auto group = std::ranges::find(file.groups, "edge", &File::Group::name);
        if (group == file.groups.end())
            return "nothing";
        const std::string vip = "10.1.0.10" + std::to_string(number(6));
        group->vips.push_back(vip);
        file.services.push_back({"s" + std::to_string(number(100)), vip});
        return "VIP " + vip + " added to group edge";
    }
    std::string add_service_in_no_group(File& file) {
        file.services.push_back({"alone", "10.1.0.120"});
        return "service of a VIP in no group";
    }
    std::string own_always(File& file) {
        if (file.services.empty())
            return "nothing";
        File::Service& service = one_of(file.services);
        service.always_owned = true;
        for (File::Group& group : file.groups)
            std::erase(group.vips, service.vip);
        return "VIP " + service.vip + " in no group, always owned";
    }
    std::string change_priority(File& file) {
        if (file.groups.empty())
            return "nothing";
        File::Group& group = one_of(file.groups);
        group.priority = priority();
        return "group " + group.name + " of priority " + std::to_string(group.priority);
    }
    std::string make_mistake(File& file) {
        file.mistake = number(2) == 0 ? "[[service]]\nname = \"half" : "typo = 1\n";
        return "a mistake";
    }
    std::string change_order(File& file) {
        std::ranges::reverse(file.ports);
        std::ranges::reverse(file.groups);
        for (File::Group& group : file.groups)
            std::ranges::reverse(group.vips);
        return "another order";
    }
    std::string change_workers(File& file) {
        file.workers = 3 - file.workers;
        return std::to_string(file.workers) + " workers";
    }
    std::string change_weight(File& file) {
        file.weight = number(4) == 0 ? 0 : static_cast<int>(1 + number(100));
        return "weight " + std::to_string(file.weight);
    }
    std::string move_group_to_new_port(File& file) {
        if (file.groups.empty())
            return "nothing";
        File::Group& group = one_of(file.groups);
        group.port = "moved" + std::to_string(number(3));
        file.ports.push_back({group.port, "eth" + std::to_string(30 + number(3))});
        return "group " + group.name + " on the new port " + group.port;
    }
    // To another group of the same network. Not a VIP that no advert lists, as it is of the other
    // IP version: gateways cannot know that it is elsewhere.
    std::string move_vip(File& file) {
        const auto edge = std::ranges::find(file.groups, "edge", &File::Group::name);
        const auto other = std::ranges::find_if(
            file.groups, [](const auto& group) { return group.name.starts_with("new"); });
        if (edge == file.groups.end() || other == file.groups.end())
            return "nothing";
        File::Group& from = number(2) == 0 ? *edge : *other;
        File::Group& to = &from == &*edge ? *other : *edge;
        if (from.vips.size() < 2)
            return "nothing";
        const std::string vip = one_of(from.vips);
        if (parse_ip(vip)->is_v4() != parse_ip(from.vips.front())->is_v4())
            return "nothing";
        std::erase(from.vips, vip);
        to.vips.push_back(vip);
        return "VIP " + vip + " moved from group " + from.name + " to " + to.name;
    }
    std::string change_id(File& file) {
        if (file.groups.empty())
            return "nothing";
        File::Group& group = one_of(file.groups);
        group.id = static_cast<int>(40 + number(30));
        return "group " + group.name + " of id " + std::to_string(group.id);
    }
    int priority() { return static_cast<int>(1 + number(254)); }

    std::mt19937 random_;
    std::map<std::string, std::string> homes_;  // the device of each port before it was misspelt
};

class OneOwner : public testing::TestWithParam<std::uint32_t> {
  protected:
    void SetUp() override {
        for (const std::size_t i : {0u, 1u})
            start(i);
        settle("both start");
    }

    void start(std::size_t i) {
        files_[i] = base_file();
        gateways_[i].apply(files_[i].text(), gateways_.now_ns(), true);
        gateways_[i].restart_dataplane(gateways_.now_ns());
    }

    void settle(const std::string& what) {
        history_.push_back(what);
        if (history_.size() > 12)
            history_.pop_front();
        gateways_.run(kSettled_ns);
        for (const IpAddress& vip : vips()) {
            const std::int64_t now_ns = gateways_.now_ns();
            int answering = 0;
            bool can_be_owned = false;
            for (const std::size_t i : {0u, 1u}) {
                answering += gateways_[i].answers(vip, now_ns) ? 1 : 0;
                // A VIP follows its group. It has no owner while the group's owner lacks it, whose
                // file was not edited yet.
                const std::string group = gateways_[i].able_group(vip, now_ns);
                can_be_owned |=
                    !group.empty() && !gateways_[1 - i].owns_group_without(group, vip, now_ns);
            }
            ASSERT_LE(answering, 1) << to_string(vip) << told();
            ASSERT_FALSE(answering == 0 && can_be_owned) << to_string(vip) << told();
        }
    }

    std::set<IpAddress> vips() const {
        std::set<IpAddress> all;
        for (const std::size_t i : {0u, 1u}) {
            for (const config::Service& service : gateways_[i].in_force().services)
                all.insert(service.vip);
        }
        return all;
    }

    std::string told() const {
        std::string text = "\n";
        for (const std::string& line : history_)
            text += "  " + line + "\n";
        for (const std::size_t i : {0u, 1u})
            text += "gateway " + std::to_string(i + 1) + ": " +
                    gateways_[i].state(gateways_.now_ns()) + "\n";
        return text;
    }

    // What an operator does next. Counts what took effect.
    void step() {
        const std::size_t i = editor_.number(2);
        const std::string who = "gateway " + std::to_string(i + 1) + ": ";
        const std::size_t choice = editor_.number(100);
        if (choice < 10) {
            gateways_[i].restart_dataplane(gateways_.now_ns());
            return settle(who + "dataplane restarted");
        }
        if (choice < 18) {
            gateways_[i].restart_control(gateways_.now_ns());
            return settle(who + "control restarted");
        }
        if (choice < 22) {
            start(i);
            return settle(who + "the first file again, dataplane restarted");
        }
        File edited = files_[i];
        const std::string what = editor_.edit(edited);
        const plan::Outcome outcome = gateways_[i].apply(edited.text(), gateways_.now_ns());
        if (outcome.applied)
            files_[i] = edited;
        applied_ += outcome.applied ? 1 : 0;
        deferred_ += outcome.applied && !outcome.plan.waiting.empty() ? 1 : 0;
        refused_ += outcome.applied ? 0 : 1;
        settle(who + what + (outcome.applied ? ", applied" : ", refused"));
    }

    TwoGateways gateways_;
    File files_[2];
    Editor editor_{GetParam()};
    std::deque<std::string> history_;
    int applied_ = 0, deferred_ = 0, refused_ = 0;
};

TEST_P(OneOwner, WhateverIsEditedInTheTwoFiles) {
    for (int i = 0; i < 400; ++i) {
        step();
        if (HasFatalFailure())
            return;
    }
    EXPECT_GT(applied_, 50);
    EXPECT_GT(deferred_, 10);
    EXPECT_GT(refused_, 10);
}

INSTANTIATE_TEST_SUITE_P(Seeds, OneOwner, testing::Range(1u, 5u));

}  // namespace
}  // namespace vipfwd::gateway
