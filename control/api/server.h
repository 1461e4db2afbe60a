// SPDX-License-Identifier: Apache-2.0
// The socket at which control answers vipctl (and any other program that speaks protocol.h).
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "control/api/protocol.h"
#include "control/loop/loop.h"
#include "dataplane/abi/result.h"

namespace vipfwd::api {

// Called from the loop, for one request at a time; must not throw.
using Handler = std::function<Response(const Request&)>;

// What clients can make the server hold.
struct ServerLimits {
    std::size_t request_bytes = 1 << 20;
    std::size_t clients = 64;  // one more, and who has been idle longest is sent away
    std::int64_t idle_timeout_ms = 30'000;
    // Of answers that wait for slow readers, all clients' together; beyond it requests are
    // rejected.
    std::size_t unsent_bytes = 128 << 20;
};

class Server {
  public:
    // Listens at `path`, mode 0660 (see listen_unix). The loop must outlive the server.
    static Result<Server> listen(Loop& loop, std::string path, Handler handler,
                                 ServerLimits limits = {});

    Server(Server&&) noexcept;
    Server& operator=(Server&&) noexcept;
    // Sends all clients away, and removes the socket.
    ~Server();

  private:
    class Clients;

    Server(std::string path, std::unique_ptr<Clients> clients);

    std::string path_;
    std::unique_ptr<Clients> clients_;
};

}  // namespace vipfwd::api
