// SPDX-License-Identifier: Apache-2.0
#include "dataplane/bpf/find_object.h"

#include <cstdlib>
#include <filesystem>
#include <system_error>
#include <vector>

namespace vipfwd::bpf {
namespace {

namespace fs = std::filesystem;

std::vector<fs::path> directories() {
    if (const char* configured = std::getenv("VIPFWD_BPF_DIR");
        configured != nullptr && *configured != '\0')
        return {configured};
    std::vector<fs::path> places;
    std::error_code error;
    const fs::path executable = fs::read_symlink("/proc/self/exe", error);
    if (!error) {
        const fs::path directory = executable.parent_path();
        places.push_back((directory / "../../dataplane/bpf").lexically_normal());
        places.push_back(directory / "bpf");
    }
    places.push_back(VIPFWD_BPF_INSTALL_DIR);
    return places;
}

}  // namespace

Result<std::string> find_object(std::string_view name) {
    std::string tried;
    for (const fs::path& directory : directories()) {
        const fs::path candidate = directory / name;
        std::error_code error;
        if (fs::is_regular_file(candidate, error))
            return candidate.string();
        tried += (tried.empty() ? "" : ", ") + directory.string();
    }
    return Error{"cannot find " + std::string(name) + " in " + tried +
                 ": install it, or set VIPFWD_BPF_DIR to its directory"};
}

}  // namespace vipfwd::bpf
