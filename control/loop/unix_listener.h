// SPDX-License-Identifier: Apache-2.0
// A Unix socket that stays reachable at its path for as long as it lives: if somebody removes the
// file, or the directory, both are made again. When the process or the machine is out of
// descriptors or memory, it pauses instead of spinning; clients wait in the backlog meanwhile.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "control/loop/listen_unix.h"
#include "control/loop/loop.h"
#include "dataplane/abi/handover.h"
#include "dataplane/abi/result.h"

namespace vipfwd {

// Who has connected, as the kernel says (SO_PEERCRED).
struct UnixPeer {
    abi::Fd socket;  // non-blocking, close-on-exec
    uid_t uid = 0;
    pid_t pid = 0;

    // True for root and for the user of this process.
    bool is_trusted() const;
};

class UnixListener {
  public:
    using OnPeer = std::function<void(UnixPeer)>;

    // Listens, see listen_unix(). `on_peer` is called from the loop.
    static Result<std::unique_ptr<UnixListener>> listen(Loop& loop, UnixAddress address,
                                                        OnPeer on_peer);
    // Removes the file, unless somebody else's is in its place.
    ~UnixListener();
    UnixListener(const UnixListener&) = delete;
    UnixListener& operator=(const UnixListener&) = delete;

  private:
    UnixListener(Loop& loop, UnixAddress address, OnPeer on_peer);

    Result<void> open();
    bool is_at_its_path() const;
    void watch();
    void accept();
    void pause(int error);
    void restore();

    Loop& loop_;
    UnixAddress address_;
    OnPeer on_peer_;
    abi::Fd socket_;
    std::optional<FdWatch> watch_;  // none during a pause
    Timer resume_timer_;
    Timer path_timer_;
    bool accepting_ = true;      // false: the last attempt failed
    std::string restore_error_;  // of the last attempt to listen anew; empty: none
    std::uint64_t device_ = 0;   // of the file
    std::uint64_t inode_ = 0;
};

}  // namespace vipfwd
