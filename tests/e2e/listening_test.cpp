// Addresses to listen on: busy ports, IPv6, Unix sockets, and the errors when listening fails.
#include "../support/catch.hpp"
#include "../support/process.hpp"
#include "../support/scratch_folder.hpp"
#include "../support/server.hpp"
#include "../support/server_process.hpp"

#include <atomic>
#include <cerrno>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include <dlfcn.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

using namespace sake;
using namespace sake::test;
using Catch::Matchers::ContainsSubstring;
using namespace std::chrono_literals;

namespace fs = std::filesystem;

namespace {

/// The error of the next calls of accept4.
std::atomic<int> accept_error = 0;
std::atomic<int> failing_accepts = 0;

} // namespace

// Replaces the function of the C library, or the one by which ThreadSanitizer tracks connections.
extern "C" int accept4(int socket, sockaddr* peer, socklen_t* size, int flags) {
  if (failing_accepts > 0) {
    --failing_accepts;
    errno = accept_error;
    return -1;
  }
  using function = int (*)(int, sockaddr*, socklen_t*, int);
  static const auto next = reinterpret_cast<function>(::dlsym(RTLD_NEXT, "accept4"));
  return next(socket, peer, size, flags);
}

namespace {

/// A listening socket of another program.
class stranger {
public:
  explicit stranger(bool shares_port) : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    const int on = 1;
    if (shares_port)
      ::setsockopt(fd_, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on);
    sockaddr_in where{};
    where.sin_family = AF_INET;
    where.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof where;
    REQUIRE(::bind(fd_, reinterpret_cast<sockaddr*>(&where), size) == 0);
    REQUIRE(::listen(fd_, 16) == 0);
    ::getsockname(fd_, reinterpret_cast<sockaddr*>(&where), &size);
    port = ntohs(where.sin_port);
  }
  ~stranger() { ::close(fd_); }

  std::uint16_t port = 0;

private:
  int fd_;
};

/// A socket file that a process has left behind.
void leave_socket(const fs::path& path) {
  const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_un name{};
  name.sun_family = AF_UNIX;
  path.string().copy(name.sun_path, sizeof name.sun_path - 1);
  REQUIRE(::bind(fd, reinterpret_cast<sockaddr*>(&name), sizeof name) == 0);
  ::close(fd);
}

std::string at(std::uint16_t port) {
  return "127.0.0.1:" + std::to_string(port);
}

void add_listening_routes(engine& app) {
  app.get("/", [](context& ctx) { ctx.string(200, "home"); });
}

/// The number of times that threads of this process with this name prefix have gone to sleep.
long sleeps_of(const std::string& name) {
  long sum = 0;
  for (const auto& thread : fs::directory_iterator{"/proc/self/task"}) {
    std::ifstream status{thread.path() / "status"};
    bool is_wanted = false;
    for (std::string key, value; status >> key && std::getline(status, value);) {
      if (key == "Name:")
        is_wanted = value.find(name) != std::string::npos;
      if (is_wanted && key == "voluntary_ctxt_switches:")
        sum += std::stol(value);
    }
  }
  return sum;
}

std::string start_error(config options, const std::string& address) {
  engine app{std::move(options)};
  return app.start(address).error;
}

} // namespace

// ---- ports --------------------------------------------------------------------------------------

TEST_CASE("a busy port is refused, even if its holder shares it", "[e2e]") {
  const bool shares_port = GENERATE(false, true);
  const std::size_t reactors = GENERATE(1, 2);
  CAPTURE(shares_port, reactors);
  const stranger holder{shares_port};
  CHECK_THAT(start_error(test_config().with_reactors(reactors), at(holder.port)),
             ContainsSubstring("cannot listen on " + at(holder.port) + ": address already in use"));
}

TEST_CASE("the port of another Sake server is refused", "[e2e]") {
  const std::size_t first = GENERATE(1, 2);
  const std::size_t second = GENERATE(1, 2);
  CAPTURE(first, second);
  server holder{test_config().with_reactors(first)};
  add_listening_routes(holder.app);
  holder.start();
  CHECK_THAT(start_error(test_config().with_reactors(second), at(holder.app.port())),
             ContainsSubstring("address already in use"));
  CHECK(holder.ask(get("/")).content == "home");
}

TEST_CASE("a port is free again as soon as its server has ended", "[e2e]") {
  const std::size_t reactors = GENERATE(1, 2);
  std::uint16_t port = 0;
  for (int i = 0; i < 5; ++i) {
    server own{test_config().with_reactors(reactors).with_address(at(port))};
    add_listening_routes(own.app);
    own.start();
    port = own.app.port();
    auto peer = own.connect();
    CHECK(peer.ask(get("/")).content == "home");
    // The server closes first, which leaves its end of the connection in TIME-WAIT.
    own.app.shutdown();
    own.app.wait();
    CHECK(peer.read_to_end().empty());
  }
}

TEST_CASE("a program that cannot listen prints the reason and exits with 1", "[e2e]") {
  const auto* kind = GENERATE("patient", "one reactor");
  const stranger holder{true};
  server_process program{kind, at(holder.port)};
  CHECK(program.wait() == 1);
  CHECK(program.output().empty());
  CHECK_THAT(program.errors(),
             ContainsSubstring("cannot listen on " + at(holder.port) + ": address already in use"));
}

TEST_CASE("a program with invalid options prints every error and exits with 1", "[e2e]") {
  server_process program{"broken", "127.0.0.1:99999"};
  CHECK(program.wait() == 1);
  CHECK(program.output().empty());
  for (const auto* wrong : {"99999", "max_connections", "limits.field_count",
                            "limits.pipelined_requests", "server_name"})
    CHECK_THAT(program.errors(), ContainsSubstring(wrong));
}

TEST_CASE("an unavailable address is refused with the reason", "[e2e]") {
  const auto* address = GENERATE("127.0.0.1", "127.0.0.1:", "127.0.0.1:http", "127.0.0.1:70000",
                                 "::1:8080", "192.0.2.1:0", "unix:", "unix:/no/such/folder/socket");
  CAPTURE(address);
  const auto error = start_error(test_config(), address);
  CHECK_FALSE(error.empty());
  CHECK(error.find('\n') == std::string::npos);
}

// ---- kinds of addresses -------------------------------------------------------------------------

TEST_CASE("a server listens on IPv6", "[e2e]") {
  server own{test_config().with_address("[::1]:0")};
  own.app.get("/peer", [](context& ctx) { ctx.string(200, ctx.request().peer().to_string()); });
  own.start();
  client peer{own.app.port(), "::1"};
  CHECK_THAT(peer.ask(get("/peer")).content, ContainsSubstring("[::1]:"));
}

TEST_CASE("an empty host stands for every address", "[e2e]") {
  server own{test_config().with_address(":0")};
  add_listening_routes(own.app);
  own.start();
  CHECK(own.ask(get("/")).content == "home");
  CHECK(client{own.app.port(), "127.0.0.2"}.ask(get("/")).content == "home");
}

// ---- many connections
// -----------------------------------------------------------------------------

TEST_CASE("simultaneous connections are all accepted, also beyond one batch", "[e2e]") {
  std::atomic<bool> is_blocked = false;
  std::atomic<bool> is_released = false;
  server own{test_config().with_reactors(1)};
  add_listening_routes(own.app);
  own.app.get("/block", [&](context& ctx) {
    is_blocked = true;
    is_released.wait(false);
    ctx.status(204);
  });
  own.start();
  auto first = own.connect();
  first.send(get("/block"));
  wait_until([&] { return is_blocked.load(); });
  // More than the reactor accepts before it handles other events.
  std::vector<client> crowd;
  for (int i = 0; i < 200; ++i)
    crowd.push_back(own.connect());
  is_released = true;
  is_released.notify_all();
  for (auto& each : crowd)
    CHECK(each.ask(get("/")).content == "home");
  CHECK(first.read().status == 204);
}

// ---- Unix sockets -------------------------------------------------------------------------------

TEST_CASE("a connection that ended before it was accepted does not delay those behind it",
          "[e2e]") {
  server own;
  add_listening_routes(own.app);
  own.start();
  for (int round = 0; round < 3; ++round) {
    accept_error = ECONNABORTED;
    failing_accepts = 2;
    CHECK(own.connect().ask(get("/")).content == "home");
    CHECK(failing_accepts == 0);
  }
}

TEST_CASE("a server that had no descriptors accepts again later", "[e2e]") {
  server own{test_config().with_reactors(1)};
  add_listening_routes(own.app);
  own.start();
  for (int round = 0; round < 2; ++round) {
    accept_error = EMFILE;
    failing_accepts = 2;
    for (int later = 0; later < 3; ++later)
      CHECK(own.connect().ask(get("/")).content == "home");
    CHECK(failing_accepts == 0);
  }
}

TEST_CASE("a connection that waits for a descriptor at shutdown is accepted later", "[e2e]") {
  std::atomic<bool> is_held = false;
  std::atomic<bool> may_go_on = false;
  server own{test_config().with_reactors(1)};
  add_listening_routes(own.app);
  own.app.get("/held", [&](context& ctx) -> task<> {
    is_held = true;
    while (!may_go_on)
      co_await ctx.sleep(1ms);
    ctx.string(200, "at last");
  });
  own.start();
  auto held = own.connect();
  held.send(get("/held"));
  wait_until([&] { return is_held.load(); });
  // The accepts at its arrival, at the shutdown and once more fail.
  accept_error = EMFILE;
  failing_accepts = 3;
  auto late = own.connect();
  late.send(get("/"));
  own.app.shutdown();
  std::thread end{[&own] { own.app.wait(); }};
  CHECK(late.read().content == "home");
  may_go_on = true;
  CHECK(held.read().content == "at last");
  end.join();
}

TEST_CASE("a server listens on a Unix socket, and removes it at its end", "[e2e]") {
  const std::size_t reactors = GENERATE(1, 2);
  const scratch_folder folder;
  const auto path = folder.path / "socket";
  const bool is_left_behind = GENERATE(false, true);
  if (is_left_behind)
    leave_socket(path);
  {
    server own{test_config().with_reactors(reactors).with_address("unix:" + path.string())};
    add_listening_routes(own.app);
    own.start();
    CHECK(own.app.port() == 0);
    std::vector<client> crowd;
    for (int i = 0; i < 50; ++i)
      crowd.push_back(client::on_path(path.string()));
    for (auto& each : crowd) {
      CHECK(each.ask(get("/")).content == "home");
      CHECK(each.ask(get("/nowhere")).status == 404);
    }
    CHECK(curl({"--unix-socket", path.string(), "http://localhost/"}).output == "home");
  }
  CHECK_FALSE(fs::exists(path));
}

TEST_CASE("a Unix socket has its configured mode and owner", "[e2e]") {
  const scratch_folder folder;
  const auto path = (folder.path / "socket").string();
  const auto start_with = [&](const unix_permissions& wanted) {
    return start_error(test_config().with_unix_socket(wanted), "unix:" + path);
  };
  {
    server own{test_config()
                   .with_address("unix:" + path)
                   .with_unix_socket({.mode = "0620", .owner = "root:root"})};
    add_listening_routes(own.app);
    own.start();
    struct stat found {};
    REQUIRE(::stat(path.c_str(), &found) == 0);
    CHECK((found.st_mode & 0777U) == 0620);
    CHECK(client::on_path(path).ask(get("/")).content == "home");
  }
  CHECK_THAT(start_with({.mode = {}, .owner = "nobody-of-that-name"}),
             ContainsSubstring("there is no user \"nobody-of-that-name\""));
  CHECK_THAT(start_with({.mode = {}, .owner = ":nobody-of-that-name"}),
             ContainsSubstring("there is no group \"nobody-of-that-name\""));
  CHECK_THAT(start_with({.mode = "0999", .owner = {}}), ContainsSubstring("unix_socket.mode"));
  CHECK_FALSE(fs::exists(path));
}

TEST_CASE("a live Unix socket with a full backlog is not taken over", "[e2e]") {
  const scratch_folder folder;
  const auto path = (folder.path / "socket").string();
  const int holder = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_un name{};
  name.sun_family = AF_UNIX;
  path.copy(name.sun_path, sizeof name.sun_path - 1);
  REQUIRE(::bind(holder, reinterpret_cast<sockaddr*>(&name), sizeof name) == 0);
  REQUIRE(::listen(holder, 0) == 0);
  const auto waiting = client::on_path(path);
  CHECK_THAT(start_error(test_config(), "unix:" + path),
             ContainsSubstring("a process listens there already"));
  CHECK(fs::exists(path));
  ::close(holder);
}

TEST_CASE("a connection on a Unix socket wakes one reactor, not all", "[e2e]") {
  constexpr std::size_t reactors = 8;
  constexpr long connections = 200;
  const scratch_folder folder;
  const auto path = (folder.path / "socket").string();
  server own{
      test_config().with_reactors(reactors).with_address("unix:" + path).with_adaptive(false)};
  add_listening_routes(own.app);
  own.start();
  const auto before = sleeps_of("sake-reactor-");
  for (int i = 0; i < connections; ++i)
    CHECK(client::on_path(path).ask(get("/")).content == "home");
  // Connection, request and end wake a reactor, at most three times per connection.
  CHECK(sleeps_of("sake-reactor-") - before <= 3 * connections + 50);
}

TEST_CASE("a server takes the socket that it was started with", "[e2e]") {
  const auto* name = GENERATE("", "web");
  CAPTURE(name);
  const scratch_folder folder;
  const auto path = (folder.path / "socket").string();
  // Acts as systemd: descriptor 3 is a listening socket, and the variables announce it.
  const auto pass_socket = [&] {
    return std::vector<std::string>{
        "python3", "-c",
        "import os, socket, sys\n"
        "s = socket.socket(socket.AF_UNIX)\n"
        "s.bind(sys.argv[1])\n"
        "s.listen()\n"
        "if s.fileno() != 3: os.dup2(s.fileno(), 3)\n"
        "os.set_inheritable(3, True)\n"
        "os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS='1', LISTEN_FDNAMES='web')\n"
        "os.execvp(sys.argv[2], sys.argv[2:])\n",
        path};
  };
  server_process program{"patient", std::string{"systemd:"} + name, pass_socket()};
  program.await_banner();
  CHECK(client::on_path(path).ask(get("/")).content == "home");
  program.signal(SIGTERM);
  CHECK(program.wait() == 0);
  CHECK(fs::exists(path)); // it belongs to the process that made it
  fs::remove(path);
  server_process other{"patient", "systemd:other", pass_socket()};
  CHECK(other.wait() == 1);
}

TEST_CASE("a server that was started without a socket reports it", "[e2e]") {
  CHECK_THAT(start_error(test_config(), "systemd:"),
             ContainsSubstring("the process was started with no socket"));
}

TEST_CASE("a response does not wait for the acknowledgement of the previous one", "[e2e]") {
  server own;
  own.app.get("/", [](context& ctx) { ctx.string(200, ""); });
  own.start();
  auto peer = own.connect();
  CHECK(peer.ask(get("/")).status == 200);
  // Both ends are in this process; the server's end has the listening port.
  int found = 0;
  for (int fd = 0; fd < 1024; ++fd) {
    sockaddr_in name{};
    socklen_t size = sizeof name;
    int listens = 0;
    socklen_t flag_size = sizeof listens;
    if (::getsockname(fd, reinterpret_cast<sockaddr*>(&name), &size) != 0
        || name.sin_family != AF_INET || ntohs(name.sin_port) != own.app.port()
        || ::getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listens, &flag_size) != 0 || listens != 0)
      continue;
    int without_delay = 0;
    flag_size = sizeof without_delay;
    REQUIRE(::getsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &without_delay, &flag_size) == 0);
    CHECK(without_delay != 0);
    ++found;
  }
  CHECK(found == 1);
}

TEST_CASE("urgent octets of TCP stay in order and block nothing", "[e2e]") {
  server own{test_config().with_reactors(1)};
  own.app.post("/echo", [](context& ctx) { ctx.string(200, ctx.body()); });
  own.start();
  for (int i = 0; i < 20; ++i) {
    auto peer = own.connect();
    const auto octets = post("/echo", "0123456789");
    peer.send(octets.substr(0, octets.size() - 5));
    peer.send_urgent(octets.substr(octets.size() - 5, 1));
    peer.send(octets.substr(octets.size() - 4));
    CHECK(peer.read().content == "0123456789");
  }
}

TEST_CASE("the Unix socket of a listening process is refused", "[e2e]") {
  const scratch_folder folder;
  const auto path = (folder.path / "socket").string();
  server holder{test_config().with_address("unix:" + path)};
  add_listening_routes(holder.app);
  holder.start();
  CHECK_THAT(start_error(test_config(), "unix:" + path),
             ContainsSubstring("cannot listen on unix:" + path));
  CHECK(client::on_path(path).ask(get("/")).content == "home");
}

TEST_CASE("a file that is no socket is never removed", "[e2e]") {
  const scratch_folder folder;
  const auto path = folder.path / "precious";
  std::ofstream{path} << "data";
  CHECK_THAT(start_error(test_config(), "unix:" + path.string()),
             ContainsSubstring("cannot listen on unix:" + path.string()));
  CHECK(fs::file_size(path) == 4);
}

TEST_CASE("a program on a Unix socket drains and removes it", "[e2e]") {
  const scratch_folder folder;
  const auto path = folder.path / "socket";
  server_process program{"patient", "unix:" + path.string()};
  program.await_banner();
  CHECK(client::on_path(path.string()).ask(get("/")).content == "home");
  program.signal(SIGTERM);
  CHECK(program.wait() == 0);
  CHECK_FALSE(fs::exists(path));
}
