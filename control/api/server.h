// SPDX-License-Identifier: Apache-2.0
// The Unix socket at which control answers vipctl, and any other program that sends the requests of
// control/protocol/message.h.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "control/loop/background.h"
#include "control/loop/loop.h"
#include "control/protocol/message.h"
#include "control/text/read_file.h"
#include "dataplane/abi/result.h"

namespace vipfwd::api {

// What a client may do.
enum class Access {
    kAll,   // root, and control's own user
    kRead,  // everybody else who can open the socket: the members of its group
};

// To be called once for a request, from the loop.
using Responder = std::function<void(protocol::Response)>;
// Called from the loop. Responds at once or later. Must not throw.
using Handler = std::function<void(protocol::Request, Access, Responder)>;

// Bounds what clients can make the server keep in memory.
struct ServerLimits {
    std::size_t request_bytes = 1 << 20;
    // The same for clients that may do all: a configuration file as JSON, with escapes.
    std::size_t large_request_bytes = 2 * text::kMaxConfigBytes + (1 << 20);
    // Requests of all clients that have no response yet, in total. Above it, requests of more than
    // request_bytes are rejected.
    std::size_t unanswered_bytes = 4 * text::kMaxConfigBytes;
    std::size_t clients = 64;  // a further client replaces the one that has been idle longest
    std::int64_t idle_timeout_ms = 30'000;
    // Responses not yet read by their clients, in total. Above it, requests are rejected, and large
    // responses are dropped for a rejection.
    std::size_t unsent_bytes = 128 << 20;
};

class Server {
  public:
    // Listens at `path`, see UnixListener: for root and control's user, and for the members of
    // `group`, if there is one. Requests of more than request_bytes are parsed on `thread`. The
    // loop must outlive the server, and so must the thread if the loop still runs.
    static Result<Server> listen(Loop& loop, Background& thread, std::string path,
                                 std::optional<gid_t> group, Handler handler,
                                 ServerLimits limits = {});

    Server(Server&&) noexcept;
    Server& operator=(Server&&) noexcept;
    // Disconnects all clients and removes the socket file.
    ~Server();

  private:
    class Clients;

    explicit Server(std::unique_ptr<Clients> clients);

    std::unique_ptr<Clients> clients_;
};

}  // namespace vipfwd::api
