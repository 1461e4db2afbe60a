// SPDX-License-Identifier: Apache-2.0
#include "dataplane/abi/file_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

namespace vipfwd::abi {
namespace {

// False if `path` no longer names the open file: then a lock on the file protects nothing.
bool is_still_at(const struct stat& opened, const std::string& path) {
    struct stat there {};
    return lstat(path.c_str(), &there) == 0 && there.st_dev == opened.st_dev &&
           there.st_ino == opened.st_ino;
}

}  // namespace

Result<std::optional<FileLock>> FileLock::try_take(std::string path) {
    for (;;) {
        Fd fd(open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
        struct stat opened {};
        if (!fd || fstat(fd.get(), &opened) != 0)
            return system_error("lock " + path);
        if (!S_ISREG(opened.st_mode) || !is_trusted_user(opened.st_uid))
            return Error{"lock " + path + ": is not a file of this user's; remove it"};
        if (flock(fd.get(), LOCK_EX | LOCK_NB) != 0) {
            if (errno == EWOULDBLOCK)
                return std::optional<FileLock>();
            return system_error("lock " + path);
        }
        // The last holder may have removed the file after it was opened here: then retry.
        if (is_still_at(opened, path))
            return std::optional(FileLock(std::move(path), std::move(fd)));
    }
}

FileLock::FileLock(std::string path, Fd fd) : path_(std::move(path)), fd_(std::move(fd)) {}

FileLock& FileLock::operator=(FileLock&& other) noexcept {
    std::swap(path_, other.path_);
    std::swap(fd_, other.fd_);
    return *this;
}

// Only the holder removes the file: nobody else can hold a lock on it then.
FileLock::~FileLock() {
    struct stat opened {};
    if (fd_ && fstat(fd_.get(), &opened) == 0 && is_still_at(opened, path_))
        unlink(path_.c_str());
}

}  // namespace vipfwd::abi
