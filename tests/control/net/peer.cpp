// SPDX-License-Identifier: Apache-2.0
#include "tests/control/net/peer.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>

namespace vipfwd::net {
namespace {

void run(const std::string& command) {
    EXPECT_EQ(std::system(command.c_str()), 0) << command;
}

}  // namespace

void run_ip(const std::string& arguments) {
    run("ip " + arguments);
}

bool ip_says(const std::string& arguments) {
    FILE* output = popen(("ip " + arguments).c_str(), "r");
    if (output == nullptr)
        return false;
    const bool anything = std::fgetc(output) != EOF;
    pclose(output);
    return anything;
}

Peer::Peer() {
    std::array<int, 2> ready{};
    EXPECT_EQ(pipe2(ready.data(), O_CLOEXEC), 0);
    pid_ = fork();
    if (pid_ == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        const bool moved = unshare(CLONE_NEWNET) == 0 && write(ready[1], "x", 1) == 1;
        while (moved)
            pause();
        _exit(1);
    }
    close(ready[1]);
    char byte = 0;
    EXPECT_EQ(read(ready[0], &byte, 1), 1);
    close(ready[0]);
}

Peer::~Peer() {
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
}

void Peer::run_ip(const std::string& arguments) const {
    run("nsenter --net=/proc/" + pid() + "/ns/net ip " + arguments);
}

void Peer::link(bool with_ipv6) const {
    net::run_ip("link add up0 type veth peer name down0");
    net::run_ip("address add 10.0.0.1/24 dev up0");
    if (with_ipv6)
        net::run_ip("address add fd00::1/64 dev up0 nodad");
    net::run_ip("link set up0 up");
    net::run_ip("link set down0 netns " + pid());
    run_ip("address add 10.0.0.2/24 dev down0");
    if (with_ipv6)
        run_ip("address add fd00::2/64 dev down0 nodad");
    run_ip("link set down0 up");
}

void Peer::visit(const std::function<void()>& call) const {
    const int here = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
    const int there = open(("/proc/" + pid() + "/ns/net").c_str(), O_RDONLY | O_CLOEXEC);
    EXPECT_EQ(setns(there, CLONE_NEWNET), 0);
    call();
    EXPECT_EQ(setns(here, CLONE_NEWNET), 0);
    close(there);
    close(here);
}

}  // namespace vipfwd::net
