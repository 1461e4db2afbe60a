// SPDX-License-Identifier: Apache-2.0
// A lock that only one process at a time can hold: an exclusive flock() of a file with mode 0600.
// Nobody who cannot open the file can take or hinder it, so it belongs into a directory that only
// its user can write to.
#pragma once

#include <optional>
#include <string>

#include "dataplane/abi/handover.h"
#include "dataplane/abi/result.h"

namespace vipfwd::abi {

class FileLock {
  public:
    // Nullopt if another process holds the lock. It is held until it is destroyed or the process
    // ends, however that happens. An error if the file cannot be created, or is another user's.
    static Result<std::optional<FileLock>> try_take(std::string path);

    FileLock() = default;  // holds nothing
    FileLock(FileLock&&) noexcept = default;
    FileLock& operator=(FileLock&& other) noexcept;
    // Removes the file, then releases the lock. A killed process leaves the file, without a lock.
    ~FileLock();

    explicit operator bool() const { return static_cast<bool>(fd_); }

  private:
    FileLock(std::string path, Fd fd);

    std::string path_;
    Fd fd_;
};

}  // namespace vipfwd::abi
