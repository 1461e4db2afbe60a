// SPDX-License-Identifier: Apache-2.0
// Measures the time from the decision that a backend's state changes until a worker forwards by it.
// There are three threads, as in production: control builds, publishes and announces; the
// dataplane's main thread waits for that, takes the generation and offers it; a worker forwards
// bursts and takes up what is offered between two of them.
//
// The worker has the last CPU to itself, as far as the machine allows; the others share the first
// one. The reference is a message without tables that goes the same way between the same threads.
// Not covered are receive and transmit, which make a burst longer, and what control does before it
// decides.
#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <atomic>
#include <memory>
#include <random>
#include <thread>

#include "dataplane/path/exchange.h"
#include "tests/bench/binding.h"
#include "tests/bench/table_cases.h"
#include "tests/bench/table_sides.h"
#include "tests/bench/table_worker.h"

namespace vipfwd::bench {
namespace {

constexpr std::size_t kDecisionRounds = 1000;
constexpr std::uint64_t kCall = 1ull << 63;  // marks a message, not a generation
constexpr int kTurn_ms = 10;                 // as in dataplane/io/dataplane.cpp
constexpr int kSettlingTurn_ms = 1;

// The part of the loop in dataplane/io/dataplane.cpp that handles generations.
class MainThread {
  public:
    MainThread(const ControlSide& control, path::Exchange& exchange, Worker& worker, int socket)
        : dataplane_(control), exchange_(exchange), worker_(worker), socket_(socket) {}

    void run(const std::atomic<bool>& stopping) {
        while (!stopping.load(std::memory_order_relaxed)) {
            take_generation();
            settle();
            pollfd readable{socket_, POLLIN, 0};
            poll(&readable, 1, settled_ ? kTurn_ms : kSettlingTurn_ms);
            const abi::Received received = must(abi::receive_message(socket_));
            const bool is_call = received.outcome == abi::Received::Outcome::kMessage &&
                                 received.message.kind == abi::MessageKind::kHello;
            if (is_call)
                worker_.called.store(received.message.generation, std::memory_order_release);
        }
    }

  private:
    void take_generation() {
        const std::uint64_t word = dataplane_.active();
        if (!settled_ || word == taken_word_)
            return;
        dataplane_.take(exchange_.next());
        taken_word_ = word;
        exchange_.offer();
        settled_ = false;
    }

    void settle() {
        if (settled_ || !exchange_.settled())
            return;
        settled_ = true;
        exchange_.release();
        must(abi::send_message(socket_, {.kind = abi::MessageKind::kAcknowledged,
                                         .generation = exchange_.offered()->generation()}));
    }

    DataplaneSide dataplane_;
    path::Exchange& exchange_;
    Worker& worker_;
    int socket_;
    std::uint64_t taken_word_ = 0;
    bool settled_ = true;
};

// Control's side, and the two threads of the dataplane.
class Gateway {
  public:
    explicit Gateway(std::size_t pools)
        : control_(pools), worker_(exchange_, pools), sockets_(connected_sockets()) {
        main_ = std::thread([this] {
            const Binding binding(Binding::To::kFirst);
            MainThread(control_, exchange_, worker_, sockets_[1].get()).run(stopping_);
        });
        forwarding_ = std::thread([this] {
            const Binding binding(Binding::To::kLast);
            worker_.run(stopping_);
        });
        await_worker(control_.publisher().generation());
        await_acknowledgement();
    }
    // Stops the two threads. Returns what bursts took.
    CycleSamples stop() {
        stopping_.store(true);
        main_.join();
        forwarding_.join();
        return worker_.burst_cycles;
    }

    // The time from the decision to the last packet that the worker forwards by the old tables.
    double us_of_change() {
        const Clock::time_point decided = Clock::now();
        control_.flip();
        control_.publish();
        const std::uint64_t generation = control_.publisher().generation();
        send(abi::MessageKind::kPublished, generation);
        await_worker(generation);
        const double us = us_between(decided, pick_up().at);
        await_acknowledgement();
        return us;
    }

    // The time that a message without a change takes.
    double us_of_call() {
        const Clock::time_point decided = Clock::now();
        send(abi::MessageKind::kHello, kCall | ++calls_);
        await_worker(kCall | calls_);
        return us_between(decided, pick_up().at);
    }

    // Waits for the last message.
    const PickUp& pick_up() const { return worker_.pick_up; }

  private:
    static std::array<abi::Fd, 2> connected_sockets() {
        int ends[2];
        if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends) != 0)
            throw std::runtime_error("socketpair");
        return {abi::Fd(ends[0]), abi::Fd(ends[1])};
    }
    static double us_between(Clock::time_point from, Clock::time_point to) {
        return std::chrono::duration<double, std::micro>(to - from).count();
    }
    void send(abi::MessageKind kind, std::uint64_t number) {
        must(abi::send_message(sockets_[0].get(), {.kind = kind, .generation = number}));
    }
    // Sleeps, so as not to take the CPU from the threads that are measured.
    void await_worker(std::uint64_t number) const {
        while (worker_.seen.load(std::memory_order_acquire) != number)
            std::this_thread::sleep_for(std::chrono::microseconds(50));
    }
    void await_acknowledgement() {
        pollfd readable{sockets_[0].get(), POLLIN, 0};
        poll(&readable, 1, -1);
        must(abi::receive_message(sockets_[0].get()));
    }

    ControlSide control_;
    path::Exchange exchange_{1};
    Worker worker_;
    std::array<abi::Fd, 2> sockets_;
    std::atomic<bool> stopping_ = false;
    std::thread main_;
    std::thread forwarding_;
    std::uint64_t calls_ = 0;
};

struct DecisionTimes {
    Samples change, call;  // us
    CycleSamples pick_up, first_burst, burst;
};

void print(const DecisionTimes& times, const std::string& pools) {
    const std::string decision = "decision to last packet on the old tables, " + pools;
    const std::string message = "a message the same way";
    Line(decision, "us").samples(times.change).reference(message, times.call).print();
    Line(decision + ", p99", "us")
        .value(times.change.quantile(0.99))
        .reference(message + ", p99", times.call.quantile(0.99))
        .print();
    Line("worker stall, pick-up, " + pools, "clock cycles")
        .samples(times.pick_up)
        .reference("a burst of 32", times.burst)
        .print();
    Line("worker stall, first burst on the new tables, " + pools, "clock cycles")
        .samples(times.first_burst)
        .reference("a burst of 32", times.burst)
        .print();
}

}  // namespace

void measure_decision(const Effort& effort) {
    std::minstd_rand random(1);
    for (const std::size_t pools : kPools) {
        Gateway gateway(pools);
        const Binding binding(Binding::To::kFirst);
        DecisionTimes times;
        for (std::size_t round = 0; round < effort.rounds(kDecisionRounds); ++round) {
            const auto pause = [&] {
                std::this_thread::sleep_for(std::chrono::microseconds(random() % 2000));
            };
            pause();
            times.change.add(gateway.us_of_change());
            const PickUp& pick_up = gateway.pick_up();
            times.pick_up.add(pick_up.tables, pick_up.is_valid);
            times.first_burst.add(pick_up.first_burst, pick_up.is_valid);
            pause();
            times.call.add(gateway.us_of_call());
        }
        times.burst = gateway.stop();
        print(times, std::to_string(pools) + " pools");
    }
}

}  // namespace vipfwd::bench
