// Responses from files and from shared memory, over real sockets.
#include "../support/catch.hpp"
#include "../support/memory_file.hpp"
#include "../support/server.hpp"

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstddef>
#include <memory>
#include <string>

#include <unistd.h>

using namespace sake;
using namespace sake::test;

namespace {

// Longer than the buffers of a socket, and different everywhere.
std::string pattern(std::size_t size) {
  std::string octets(size, '\0');
  std::uint32_t state = 1;
  std::generate(octets.begin(), octets.end(), [&] {
    state = state * 1664525 + 1013904223;
    return static_cast<char>(state >> 24);
  });
  return octets;
}

const std::string large = pattern(8'000'000);

void add_routes(engine& app, const std::shared_ptr<const http::file>& file) {
  const auto kept = std::make_shared<const std::string>(large.substr(0, 3'000'000));
  app.get("/file", [file](context& ctx) {
    ctx.respond(response{200}.content(http::file_part{file, 0, large.size()}));
  });
  app.get("/middle", [file](context& ctx) {
    ctx.respond(response{206}.content(http::file_part{file, 1000, 500}));
  });
  app.get("/kept", [kept](context& ctx) {
    ctx.respond(response{200}.content(http::kept_octets{*kept, kept}));
  });
  app.get("/replaced", [file](context& ctx) {
    ctx.respond(response{200}.content(http::file_part{file, 0, large.size()}));
    ctx.json(500, {{"why", "no"}});
  });
  app.get("/text", [](context& ctx) { ctx.string(200, "text"); });
}

struct uncopied_fixture {
  explicit uncopied_fixture(const http::deadlines& deadlines = {})
      : running(test_config().with_reactors(1).with_deadlines(deadlines)) {
    add_routes(running.app, file);
    running.start();
  }

  [[nodiscard]] client connect() const { return running.connect(); }

  std::shared_ptr<const http::file> file = file_of(large);
  server running;
};

} // namespace

TEST_CASE("A client gets files and shared octets unchanged", "[e2e][uncopied]") {
  const uncopied_fixture own;
  auto on = own.connect();
  CHECK(on.ask(get("/file")).content == large);
  CHECK(on.ask(get("/kept")).content == large.substr(0, 3'000'000));
  CHECK(on.ask(get("/middle")).content == large.substr(1000, 500));
  CHECK(on.ask(get("/replaced")).content == R"({"why":"no"})");
  SECTION("in the order of its requests") {
    on.send(get("/middle") + get("/text") + get("/file") + get("/kept") + get("/text"));
    CHECK(on.read().content == large.substr(1000, 500));
    CHECK(on.read().content == "text");
    CHECK(on.read().content == large);
    CHECK(on.read().content.size() == 3'000'000);
    CHECK(on.read().content == "text");
  }
  SECTION("on a connection that ends") {
    CHECK(on.ask(get("/file", "Connection: close\r\n")).content == large);
    CHECK(on.read_to_end().empty());
  }
}

TEST_CASE("A client that does not read a file holds nobody up", "[e2e][uncopied]") {
  const uncopied_fixture own;
  auto slow = own.connect();
  slow.send(get("/file"));
  auto quick = own.connect();
  for (int i = 0; i < 10; ++i)
    CHECK(quick.ask(get("/text")).content == "text");
  CHECK(slow.read().content == large);
}

TEST_CASE("A file that has become shorter ends its connection only", "[e2e][uncopied]") {
  const uncopied_fixture own;
  REQUIRE(::ftruncate(own.file->descriptor(), 4000) == 0);
  auto on = own.connect();
  on.send(get("/file"));
  CHECK_THROWS(on.read());
  auto next = own.connect();
  CHECK(next.ask(get("/middle")).content == large.substr(1000, 500));
}

TEST_CASE("A response before a file that cannot be read reaches its client", "[e2e][uncopied]") {
  const uncopied_fixture own;
  REQUIRE(::ftruncate(own.file->descriptor(), 0) == 0);
  auto on = own.connect();
  on.send(get("/text") + get("/file"));
  CHECK(on.read().content == "text");
  CHECK_THROWS(on.read());
}

TEST_CASE("Clients that leave during a file do not end a process that hears SIGPIPE",
          "[e2e][uncopied]") {
  const uncopied_fixture own;
  auto* const before = std::signal(SIGPIPE, SIG_DFL);
  for (int i = 0; i < 100; ++i) {
    auto on = own.connect();
    on.send(get("/file"));
    on.half_close();
    (void)on.read_some(100'000);
    on.reset();
  }
  CHECK(own.connect().ask(get("/text")).content == "text");
  std::signal(SIGPIPE, before);
}

TEST_CASE("A file that becomes shorter while it goes out ends its connection", "[e2e][uncopied]") {
  http::deadlines deadlines;
  deadlines.write = std::chrono::milliseconds{0}; // only the file can end the connection
  const uncopied_fixture own{deadlines};
  auto on = own.connect();
  on.send(get("/file"));
  // The server has filled the socket once this many octets have come.
  std::size_t got = 0;
  while (got < 3'000'000)
    got += on.read_some(100'000).size();
  REQUIRE(::ftruncate(own.file->descriptor(), 4'000'000) == 0);
  on.await_end();
}
