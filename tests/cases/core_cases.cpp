// SPDX-License-Identifier: Apache-2.0
// Runs the packet cases of tests/e2e/replay through the packet core alone, without DPDK. Its tables
// are made as in production: configuration, build, publish, region, snapshot.
//
//   core_cases FOLDER      a folder that tests/e2e/replay/export has filled
//
// Prints a line for each frame whose outcome differs from its case. Exits with 1 if there is one,
// with 2 if it cannot run.
#include <fcntl.h>

#include <cstdio>
#include <exception>
#include <fstream>
#include <iterator>
#include <map>
#include <memory>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "control/config/load.h"
#include "control/net/port_bindings.h"
#include "control/table/boot_parameters.h"
#include "control/table/build.h"
#include "control/table/publish.h"
#include "dataplane/packet/pipeline.h"
#include "dataplane/path/snapshot.h"
#include "tests/dataplane/packet/sample.h"

namespace vipfwd {
namespace {

using packet::Action;
using packet::sample::Bytes;

Bytes read_bytes(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

void must(const Result<void>& result) {
    if (!result)
        throw std::runtime_error(result.error().message);
}

struct Step {
    std::string file;
    std::string case_number;
    std::string gateway;
    std::string verdict;
    std::string detail;
    std::string sentence;
};

std::vector<Step> read_index(const std::string& folder) {
    std::ifstream index(folder + "/index.tsv");
    std::vector<Step> steps;
    for (std::string line; std::getline(index, line);) {
        std::istringstream fields(line);
        Step& step = steps.emplace_back();
        for (std::string* field : {&step.file, &step.case_number, &step.gateway, &step.verdict,
                                   &step.detail, &step.sentence})
            std::getline(fields, *field, '\t');
    }
    return steps;
}

// One gateway, and the state of its only worker.
class Gateway {
  public:
    explicit Gateway(const std::string& path)
        : config_(
              config::for_replay(config::load(path, config::Writers::kAny).config.value(), "", "")),
          publisher_(table::Publisher::create(table::boot_parameters(config_)).value()) {
        net::PortBindings ports;
        ports.configure(config_, {});
        const net::Facts facts{ports.facts(), [&ports](const IpAddress& address) {
                                   return ports.static_hop(address);
                               }};
        must(publisher_.publish(table::build(config_, facts, {}, publisher_.counters(), 0).value(),
                                true));
        take();
        state_->flows = packet::FlowTable(buckets_);
        state_->all_flows = std::span(&state_->flows, 1);
        state_->fragments = packet::FragmentTable(datagrams_, 1);
    }

    struct Out {
        packet::Packet packet;
        Bytes bytes;
    };

    Out send(const Bytes& bytes, bool resumed = false) {
        packet::sample::Buffer buffer(bytes);
        burst_->count = 1;
        burst_->resumed = resumed;
        burst_->frames[0] = buffer.frame();
        packet::process(snapshot_->tables, *state_, packet::Moment::from_ms(now_ms_), *burst_);
        return {burst_->packets[0], packet::sample::bytes_of(burst_->frames[0])};
    }

    bool still_waits(const packet::Packet& held) const {
        return state_->fragments.held_state(held.held, held.held_serial, now_ms_) ==
               packet::FragmentTable::HeldState::kWaiting;
    }
    void pass_time(std::uint64_t ms) { now_ms_ += ms; }
    const config::Config& config() const { return config_; }

  private:
    void take() {
        auto region = std::make_shared<abi::RegionMapping>(
            abi::RegionMapping::map(abi::Fd(fcntl(publisher_.region().fd(), F_DUPFD_CLOEXEC, 0)),
                                    abi::RegionSide::kDataplane)
                .value());
        std::vector<host::PortFacts> facts;
        for (const config::Port& port : config_.ports)
            facts.push_back({port.mac.value(), port.mtu, 65535});
        const auto active = abi::ActiveGeneration::unpack(region->control().active.load());
        abi::RingCheck rings;
        must(path::take_snapshot(region, active, facts, rings, *snapshot_));
    }

    config::Config config_;
    table::Publisher publisher_;
    std::unique_ptr<path::Snapshot> snapshot_ = std::make_unique<path::Snapshot>();
    std::vector<packet::FlowBucket> buckets_ = std::vector<packet::FlowBucket>(4096);
    std::vector<packet::DatagramBlock> datagrams_ = std::vector<packet::DatagramBlock>(8);
    std::unique_ptr<packet::WorkerState> state_ = std::make_unique<packet::WorkerState>();
    std::unique_ptr<packet::Burst> burst_ = std::make_unique<packet::Burst>();
    std::uint64_t now_ms_ = 1'000'000;
};

// The MTU in a "too big" answer, whose link header is as long as the packet's.
std::string told_mtu(const Gateway::Out& out) {
    const std::size_t ip_bytes =
        out.packet.is_v4 ? sizeof(packet::Ipv4Header) : sizeof(packet::Ipv6Header);
    const auto icmp = packet::load<packet::IcmpHeader>(out.bytes, out.packet.l3_offset + ip_bytes);
    return std::to_string(icmp.rest.host());
}

std::string fate(const Gateway& gateway, const Gateway::Out& out) {
    const auto service = [&] { return gateway.config().services[out.packet.service].name; };
    switch (out.packet.action) {
        case Action::kForward:
            return "forward " + service();
        case Action::kSplit:
            return "split " + service();
        case Action::kAnswer:
            return "answer";
        case Action::kToKernel:
            return "kernel -";
        case Action::kDrop:
            return "drop " + std::string(abi::name(out.packet.reason));
        case Action::kUndecided:
        case Action::kHold:
        case Action::kHandOff:
            break;
    }
    return "nothing";
}

class Run {
  public:
    explicit Run(std::string folder) : folder_(std::move(folder)) {}

    // Returns the number of frames whose outcome differs from their case.
    int all(const std::vector<Step>& steps) {
        for (std::size_t i = 0; i < steps.size(); ++i) {
            if (i > 0 && (steps[i].sentence != steps[i - 1].sentence ||
                          steps[i].gateway != steps[i - 1].gateway))
                end_case(steps[i - 1].gateway);
            take(steps[i]);
        }
        end_case(steps.back().gateway);
        return wrong_;
    }

  private:
    struct Held {
        const Step& step;
        Bytes bytes;
        packet::Packet packet;
    };

    Gateway& gateway(const std::string& name) {
        std::unique_ptr<Gateway>& known = gateways_[name];
        if (known == nullptr)
            known = std::make_unique<Gateway>(folder_ + "/" + name + ".toml");
        return *known;
    }

    void take(const Step& step) {
        Gateway& through = gateway(step.gateway);
        const Bytes bytes = read_bytes(folder_ + "/" + step.file);
        const Gateway::Out out = through.send(bytes);
        if (out.packet.action == Action::kHold)
            held_.push_back({step, bytes, out.packet});
        else
            judge(through, step, out);
        resume(through);
    }

    void resume(Gateway& through) {
        std::vector<Held> waiting;
        for (Held& held : std::exchange(held_, {})) {
            if (through.still_waits(held.packet))
                waiting.push_back(std::move(held));
            else
                judge(through, held.step, through.send(held.bytes, true));
        }
        held_ = std::move(waiting);
    }

    // After this time no datagram waits any more, and the limit of ICMP errors has started anew.
    void end_case(const std::string& name) {
        gateway(name).pass_time(packet::kFragmentTimeout_ms);
        resume(gateway(name));
    }

    void judge(const Gateway& through, const Step& step, const Gateway::Out& out) {
        std::string got = fate(through, out);
        std::string wanted = step.verdict + " " + step.detail;
        if (got == "answer")
            got = judge_answer(step, out);
        if (got == wanted)
            return;
        ++wrong_;
        std::printf("case %s, %s, %s: %s: wanted %s, got %s\n", step.case_number.c_str(),
                    step.gateway.c_str(), step.file.c_str(), step.sentence.c_str(), wanted.c_str(),
                    got.c_str());
    }

    // The padding of a request may follow its answer.
    std::string judge_answer(const Step& step, const Gateway::Out& out) const {
        if (step.detail != "-")
            return "answer " + told_mtu(out);
        const std::string path = folder_ + "/" + step.file;
        const Bytes wanted = read_bytes(path.substr(0, path.rfind('.')) + ".answer");
        const bool as_wanted = out.bytes.size() >= wanted.size() &&
                               std::equal(wanted.begin(), wanted.end(), out.bytes.begin());
        return as_wanted ? "answer -" : "answer of other bytes";
    }

    std::string folder_;
    std::map<std::string, std::unique_ptr<Gateway>> gateways_;
    std::vector<Held> held_;
    int wrong_ = 0;
};

}  // namespace
}  // namespace vipfwd

int main(int count, char** arguments) {
    if (count != 2) {
        std::fprintf(stderr, "usage: core_cases FOLDER\n");
        return 2;
    }
    try {
        const auto steps = vipfwd::read_index(std::string(arguments[1]));
        if (steps.empty()) {
            std::fprintf(stderr, "core_cases: %s/index.tsv: no cases\n", arguments[1]);
            return 2;
        }
        const int wrong = vipfwd::Run(arguments[1]).all(steps);
        std::printf("%zu frames, %d not as their cases say\n", steps.size(), wrong);
        return wrong == 0 ? 0 : 1;
    } catch (const std::exception& fault) {
        std::fprintf(stderr, "core_cases: %s\n", fault.what());
        return 2;
    }
}
