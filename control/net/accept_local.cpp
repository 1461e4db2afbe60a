// SPDX-License-Identifier: Apache-2.0
#include "control/net/accept_local.h"

#include <fstream>

namespace vipfwd::net {
namespace {

// Of a file of one number; empty if there is none.
std::string read_line(const std::string& path) {
    std::ifstream file(path);
    std::string line;
    std::getline(file, line);
    return line;
}

bool write_line(const std::string& path, const char* line) {
    std::ofstream file(path);
    file << line << std::endl;
    return file.good();
}

}  // namespace

std::string AcceptLocal::path(const std::string& interface) const {
    return directory_ + "/" + interface + "/accept_local";
}

Result<void> AcceptLocal::set(const std::vector<std::string>& interfaces) {
    for (const std::string& interface : interfaces) {
        if (interface.empty() || read_line(path(interface)) != "0")
            continue;
        if (!write_line(path(interface), "1"))
            return Error{"cannot set net.ipv4.conf." + interface +
                         ".accept_local to 1, without which the kernel discards answers from VIPs "
                         "that it has itself; set it, or let control"};
        changed_.insert(interface);
    }
    return {};
}

void AcceptLocal::restore() {
    for (const std::string& interface : changed_) {
        if (!read_line(path(interface)).empty())
            write_line(path(interface), "0");
    }
    changed_.clear();
}

}  // namespace vipfwd::net
