// SPDX-License-Identifier: Apache-2.0
#include "control/text/read_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <utility>
#include <vector>

#include "dataplane/abi/handover.h"

namespace vipfwd::text {
namespace {

Error too_large(std::size_t max_bytes) {
    return Error{fmt::format("larger than {} bytes", max_bytes)};
}

// Reads until the end of the file instead of a size from fstat(): the file may be growing.
Result<std::string> read_to_end(int fd, std::size_t max_bytes) {
    std::string bytes;
    std::vector<char> block(std::size_t{1} << 16);
    for (;;) {
        const ssize_t count = ::read(fd, block.data(), block.size());
        if (count == 0)
            return bytes;
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0)
            return system_error("cannot read");
        bytes.append(block.data(), static_cast<std::size_t>(count));
        if (bytes.size() > max_bytes)
            return too_large(max_bytes);
    }
}

}  // namespace

// O_NONBLOCK: otherwise open() would block on a FIFO until a writer comes.
Result<FileContent> read_file(const std::string& path, std::size_t max_bytes) {
    const abi::Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    struct stat status {};
    if (!fd || fstat(fd.get(), &status) != 0)
        return system_error("cannot open");
    if (!S_ISREG(status.st_mode))
        return Error{"not a regular file"};
    Result<std::string> bytes = read_to_end(fd.get(), max_bytes);
    if (!bytes)
        return bytes.error();
    return FileContent{std::move(*bytes), (status.st_mode & (S_IRGRP | S_IROTH)) == 0};
}

}  // namespace vipfwd::text
