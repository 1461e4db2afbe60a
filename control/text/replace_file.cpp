// SPDX-License-Identifier: Apache-2.0
#include "control/text/replace_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstdio>
#include <filesystem>

#include "dataplane/abi/handover.h"

namespace vipfwd::text {
namespace {

bool write_all(int fd, std::string_view content) {
    while (!content.empty()) {
        const ssize_t count = ::write(fd, content.data(), content.size());
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0)
            return false;
        content.remove_prefix(static_cast<std::size_t>(count));
    }
    return true;
}

Result<void> write_new(const std::string& path, std::string_view content) {
    const abi::Fd fd(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW,
                            S_IRUSR | S_IWUSR));
    if (!fd || !write_all(fd.get(), content) || fsync(fd.get()) != 0)
        return system_error("cannot write " + path);
    return {};
}

// Of its entries: which file has which name.
Result<void> flush_folder(const std::string& path) {
    const abi::Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_DIRECTORY));
    if (!fd || fsync(fd.get()) != 0)
        return system_error("cannot write " + path);
    return {};
}

}  // namespace

Result<void> replace_file(const std::string& path, std::string_view content) {
    const std::string next = path + ".new";
    if (const Result<void> written = write_new(next, content); !written)
        return written;
    if (std::rename(next.c_str(), path.c_str()) != 0)
        return system_error("cannot replace " + path);
    return flush_folder(std::filesystem::path(path).parent_path().string());
}

}  // namespace vipfwd::text
