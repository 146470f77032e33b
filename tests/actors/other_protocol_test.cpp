// A connection with a protocol other than HTTP/1, and a client without a connection.
#include "../support/access_recorder.hpp"
#include "../support/catch.hpp"
#include "../support/line_protocol.hpp"
#include "../support/seam_fixture.hpp"

#include <sake/actors/connection/request_message.hpp>

#include <chrono>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

using sake::context;
using sake::task;
using sake::test::line_protocol;
using sake::test::line_settings;
using sake::test::memory_peer;
using sake::test::seam_fixture;
using namespace std::chrono_literals;
namespace actors = sake::actors;
namespace http = sake::http;

namespace {

// The shard, but with another protocol for its connections.
class line_sink final : public sake::test::forwarding_sink {
public:
  line_sink(actors::shard& to, const line_settings& chosen)
      : forwarding_sink(to), chosen_(chosen) {}

  [[nodiscard]] std::unique_ptr<http::protocol> make_protocol(
      http::protocol_events& events, const http::connection_start&) override {
    auto made = std::make_unique<line_protocol>(events, chosen_);
    last = made.get();
    return made;
  }

  line_protocol* last = nullptr;

private:
  line_settings chosen_;
};

struct line_fixture : seam_fixture {
  explicit line_fixture(const line_settings& chosen = {}) : settings(chosen) {
    use([this](context& ctx) {
      ctx.next([this](context& after) { last_status = after.response().status(); });
    });
    get("/hello/:name",
        [](context& ctx) { ctx.string(200, "hello " + std::string{ctx.param("name")}); });
    get("/slow", [](context& ctx) -> task<> {
      co_await ctx.sleep(1s);
      ctx.string(200, "slow");
    });
  }
  ~line_fixture() override { close(); }

  memory_peer open(bool is_served = true) {
    if (!sink)
      sink.emplace(shard(), settings);
    return open_to(*sink, is_served);
  }

  line_settings settings;
  int last_status = 0;
  std::optional<line_sink> sink;
};

} // namespace

TEST_CASE("A connection answers requests of another protocol", "[actors][protocol]") {
  line_fixture app;
  auto peer = app.open();
  CHECK(app.ask(peer, "/hello/a\n") == "1 200 hello a\n");
  CHECK(app.ask(peer, "/hello/b\n/nowhere\n/he") == "3 200 hello b\n5 404 Not Found\n\n");
  CHECK(app.ask(peer, "llo/c\nping\n") == "7 200 hello c\npong\n");
  CHECK(peer.awaits_input());
}

TEST_CASE("A response of another protocol may overtake an earlier one", "[actors][protocol]") {
  line_fixture app;
  auto peer = app.open();
  CHECK(app.ask(peer, "/slow\n/hello/a\n") == "3 200 hello a\n");
  CHECK(app.after(peer, 1s) == "1 200 slow\n");
}

TEST_CASE("Responses of another protocol go out in pieces beside each other",
          "[actors][protocol]") {
  line_fixture app;
  app.get("/pieces", [](context& ctx) -> task<> {
    auto out = ctx.stream(200, "text/plain");
    co_await out.write("a");
    co_await ctx.sleep(1s);
    co_await out.write("b");
  });
  app.get("/broken", [](context& ctx) -> task<> {
    auto out = ctx.stream(200, "text/plain");
    co_await out.write("c");
    throw std::runtime_error("no further piece");
  });
  auto peer = app.open();
  CHECK(app.ask(peer, "/pieces\n/broken\n") == "1 200 +\n1 + a\n3 200 +\n3 + c\n3 !\n");
  CHECK(app.after(peer, 1s) == "1 + b\n1 .\n");
  CHECK_FALSE(peer.is_closed());
}

TEST_CASE("A writer waits until the peer of another protocol has room", "[actors][protocol]") {
  int written = 0;
  line_fixture app;
  app.get("/pieces", [&](context& ctx) -> task<> {
    auto out = ctx.stream(200, "text/plain");
    for (; written < 10; ++written)
      co_await out.write(std::string(90, 'x'));
  });
  auto peer = app.open();
  peer.accept(0);
  CHECK(app.ask(peer, "/pieces\n").empty());
  const int before = written;
  CHECK(before < 10);
  std::size_t octets = 0;
  for (int i = 0; i < 20; ++i) {
    peer.accept(1000);
    app.pump();
    octets += peer.take().size();
  }
  CHECK(written == 10);
  CHECK(octets == std::string_view{"1 200 +\n1 .\n"}.size() + 10 * 95);
}

TEST_CASE("Content of another protocol arrives in pieces", "[actors][protocol]") {
  line_fixture app;
  app.post("/count",
           [](context& ctx) -> task<> {
             std::string seen;
             while (const auto piece = co_await ctx.read())
               seen += '[' + std::string{*piece} + ']';
             ctx.string(200, seen);
           })
      .streams_content();
  app.post("/whole", [](context& ctx) { ctx.string(200, std::string{ctx.body()}); });
  auto peer = app.open();
  CHECK(app.ask(peer, "/count <\n<a\n").empty());
  CHECK(app.ask(peer, "<bc\n<\n") == "1 200 [a][bc]\n");
  CHECK(app.ask(peer, "/whole <\n<a\n").empty());
  CHECK(app.ask(peer, "<bc\n<\n") == "3 200 abc\n");
}

TEST_CASE("Another protocol keeps its deadlines by the clock of the connection",
          "[actors][protocol]") {
  line_settings chosen;
  chosen.request = 500ms;
  chosen.idle = 10s;
  line_fixture app{chosen};
  app.get("/limited", [](context& ctx) -> task<> { co_await ctx.sleep(1h); }).timeout(100ms);
  auto peer = app.open();
  SECTION("of the request") {
    CHECK(app.ask(peer, "/slow\n").empty());
    CHECK(app.after(peer, 499ms).empty());
    CHECK(app.after(peer, 1ms) == "1 504 Gateway Timeout\n\n");
  }
  SECTION("of the route, which comes before those of earlier requests") {
    CHECK(app.ask(peer, "/slow\n/limited\n").empty());
    CHECK(app.after(peer, 100ms) == "3 504 Gateway Timeout\n\n");
  }
  SECTION("without a request") {
    CHECK(app.ask(peer, "/hello/a\n") == "1 200 hello a\n");
    CHECK(app.after(peer, 9'999ms).empty());
    CHECK_FALSE(peer.is_closed());
    CHECK(app.after(peer, 1ms).empty());
    CHECK(peer.is_closed());
  }
}

TEST_CASE("A connection with another protocol drains", "[actors][protocol]") {
  line_fixture app;
  auto idle = app.open();
  auto busy = app.open();
  CHECK(app.ask(idle, "/hello/a\n") == "1 200 hello a\n");
  CHECK(app.ask(busy, "/slow\n").empty());
  app.shard().drain();
  app.pump();
  CHECK(idle.is_closed());
  CHECK_FALSE(busy.is_closed());
  CHECK(app.after(busy, 1s) == "1 200 slow\n");
  CHECK(busy.is_closed());
}

TEST_CASE("A connection past the limit is refused in another protocol", "[actors][protocol]") {
  line_fixture app;
  auto peer = app.open(false);
  CHECK(peer.take() == "refused 503\n");
  CHECK(peer.is_closed());
}

TEST_CASE("A client of another protocol that leaves cancels its requests", "[actors][protocol]") {
  line_fixture app;
  auto peer = app.open();
  CHECK(app.ask(peer, "/slow\n").empty());
  peer.reset();
  app.pump();
  CHECK(app.last_status == http::client_gone);
}

TEST_CASE("While the peer takes no output, another protocol reads on only if it says so",
          "[actors][protocol]") {
  line_settings chosen;
  chosen.reads_while_blocked = GENERATE(false, true);
  line_fixture app{chosen};
  auto peer = app.open();
  peer.accept(0);
  CHECK(app.ask(peer, "ping\n").empty());
  CHECK(app.sink->last->lines == 1);
  for (int i = 0; i < 100; ++i)
    CHECK(app.ask(peer, "ping\n").empty());
  const int lines = app.sink->last->lines;
  if (chosen.reads_while_blocked) {
    // 20 fill what may wait in the connection, 20 what may wait in the protocol.
    CHECK(lines == 40);
    CHECK(app.sink->last->waiting() == chosen.ahead);
  } else {
    CHECK(lines == 1);
  }
  CHECK_FALSE(peer.awaits_input());
  CHECK(peer.awaits_room());
  std::string all;
  while (all.size() < 101 * 5) {
    peer.accept(50);
    app.pump();
    const auto taken = peer.take();
    REQUIRE_FALSE(taken.empty());
    all += taken;
  }
  CHECK(all.size() == 101 * 5);
  CHECK(app.sink->last->lines == 101);
}

TEST_CASE("Requests need no connection: their port is enough", "[actors][protocol]") {
  // Sends one request at a time, and notes what comes back.
  class client final : public actors::reactor_actor,
                       public actors::client_port,
                       private http::response_port {
  public:
    client(caf::actor_config& cfg, actors::reactor& home) : reactor_actor(cfg, home) {}

    void ask(const caf::strong_actor_ptr& router, std::uint64_t id, std::string_view path) {
      const actors::reactor::stay here{home()};
      const actors::reactor::turn now{home()};
      router->get()->enqueue(caf::mailbox_element_ptr{new actors::request_message{
                                 caf::strong_actor_ptr{ctrl()}, id,
                                 http::request::make("GET", std::string{path}), *this, home()}},
                             &home());
    }

    [[nodiscard]] http::response_port& responses() noexcept override { return *this; }
    void respond(std::uint64_t id, http::response&& answer) override {
      note(id, std::to_string(answer.status()) + ' ' + std::string{answer.content()});
    }
    void begin_response(std::uint64_t id, http::response head, bool,
                        http::response_observer&) override {
      note(id, std::to_string(head.status()) + " +");
    }
    http::write_result write(std::uint64_t id, std::string_view octets) override {
      if (!octets.empty())
        note(id, std::string{octets});
      return http::write_result::ok;
    }
    void end_response(std::uint64_t id) override { note(id, "."); }
    void cut_response(std::uint64_t id, http::response) override { note(id, "!"); }
    void observe(std::uint64_t, http::response_observer* by) noexcept override { observer = by; }
    void limit_time(std::uint64_t, std::chrono::milliseconds patience) noexcept override {
      limit = patience;
    }
    void respond_to(caf::mailbox_element_ptr& asked, http::response&& answer) override {
      respond(asked->mid.request_id().integer_value(), std::move(answer));
      asked.reset();
    }
    void fail() noexcept override { has_failed = true; }

    std::vector<std::string> notes;
    http::response_observer* observer = nullptr;
    std::chrono::milliseconds limit{};
    bool has_failed = false;

  private:
    void receive(caf::mailbox_element_ptr&) override { notes.emplace_back("a message"); }
    void note(std::uint64_t id, const std::string& what) {
      notes.push_back(std::to_string(id) + ": " + what);
    }
  };

  using notes = std::vector<std::string>;
  line_fixture app;
  app.get("/pieces", [](context& ctx) -> task<> {
    auto out = ctx.stream(200, "text/plain");
    co_await out.write("a");
    co_await out.write("b");
  });
  app.get("/limited", [](context& ctx) -> task<> { co_await ctx.sleep(1h); }).timeout(2s);
  const auto made = actors::spawn_on<client>(app.shard().reactor());
  auto& own = static_cast<client&>(*made->get());
  const auto& router = app.shard().router();

  own.ask(router, 7, "/hello/a");
  CHECK(own.notes == notes{"7: 200 hello a"});

  own.ask(router, 4, "/pieces");
  app.run();
  CHECK(own.notes == notes{"7: 200 hello a", "4: 200 +", "4: a", "4: b", "4: ."});

  own.notes.clear();
  own.ask(router, 2, "/limited");
  CHECK(own.limit == 2s);
  REQUIRE(own.observer != nullptr);
  {
    const actors::reactor::stay here{own.home()};
    own.observer->cancel(504);
  }
  app.run();
  CHECK(own.notes == notes{"2: 504 Gateway Timeout\n"});
  CHECK_FALSE(own.has_failed);
  own.end();
}

TEST_CASE("An observer is told of responses of another protocol", "[actors][protocol][access]") {
  std::vector<sake::test::told_response> told;
  line_fixture app;
  app.observers().add_access(sake::test::recording(told));
  app.get("/pieces", [](context& ctx) -> task<> {
    auto out = ctx.stream(200, "text/plain");
    co_await out.write("a");
    co_await ctx.sleep(2s);
    throw std::runtime_error("no further piece");
  });
  auto peer = app.open();
  auto got = app.ask(peer, "/pieces\nping\n/slow\n/hello/a\n");
  got += app.after(peer, 1s);
  got += app.after(peer, 1s);
  REQUIRE(told.size() == 3);
  CHECK(told[0].line() == "GET /hello/a lines 200 sent");
  CHECK(told[0].route_pattern == "/hello/:name");
  CHECK(told[1].line() == "GET /slow lines 200 sent");
  CHECK(told[1].until_end == 1s);
  CHECK(told[2].line() == "GET /pieces lines 200 cut off");
  CHECK(told[0].sent + told[1].sent + told[2].sent
        == got.size() - std::string_view{"pong\n"}.size());
  auto refused = app.open(false);
  REQUIRE(told.size() == 4);
  CHECK(told[3].line() == "  lines 503 sent");
}
