// SPDX-License-Identifier: Apache-2.0
// Loads a compiled XDP program into the kernel and runs it on packets (BPF_PROG_TEST_RUN).
#pragma once

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <gtest/gtest.h>
#include <linux/bpf.h>

#include <cstdint>
#include <cstring>
#include <memory>
#include <ostream>
#include <string>
#include <vector>

#include "dataplane/bpf/counter_map.h"

namespace vipfwd::test {

using Bytes = std::vector<std::uint8_t>;

struct XdpResult {
    std::uint32_t action = XDP_ABORTED;
    Bytes packet;

    friend bool operator==(const XdpResult&, const XdpResult&) = default;
    friend void PrintTo(const XdpResult& result, std::ostream* out) {
        *out << "action " << result.action << ", " << testing::PrintToString(result.packet);
    }
};

class XdpProgram {
  public:
    // Loads an object of the build tree. The test fails if that fails.
    XdpProgram(const std::string& object, const char* program) {
        const std::string path = std::string(VIPFWD_BUILD_DIR) + "/dataplane/bpf/" + object;
        object_.reset(bpf_object__open_file(path.c_str(), nullptr));
        if (object_ == nullptr || bpf_object__load(object_.get()) != 0) {
            ADD_FAILURE() << "cannot load " << path << ": " << std::strerror(errno);
            return;
        }
        program_ = bpf_program__fd(bpf_object__find_program_by_name(object_.get(), program));
    }

    bool loaded() const { return program_ >= 0; }
    int fd() const { return program_; }
    int map(const char* name) const {
        return loaded() ? bpf_object__find_map_fd_by_name(object_.get(), name) : -1;
    }

    XdpResult run(const Bytes& packet) const {
        XdpResult result;
        result.packet.resize(packet.size() + 256);
        bpf_test_run_opts run{};
        run.sz = sizeof run;
        run.data_in = packet.data();
        run.data_size_in = static_cast<std::uint32_t>(packet.size());
        run.data_out = result.packet.data();
        run.data_size_out = static_cast<std::uint32_t>(result.packet.size());
        if (const int error = bpf_prog_test_run_opts(program_, &run); error != 0)
            ADD_FAILURE() << "cannot run the program: " << std::strerror(-error);
        result.packet.resize(run.data_size_out);
        result.action = run.retval;
        return result;
    }

    std::vector<std::uint64_t> counters(const char* name, std::size_t count) const {
        const auto counters = bpf::read_counters(map(name), count);
        if (counters)
            return *counters;
        ADD_FAILURE() << counters.error().message;
        return std::vector<std::uint64_t>(count);
    }

  private:
    struct Close {
        void operator()(bpf_object* object) const { bpf_object__close(object); }
    };
    std::unique_ptr<bpf_object, Close> object_;
    int program_ = -1;
};

}  // namespace vipfwd::test
