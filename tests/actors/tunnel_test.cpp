// A tunnel through a connection.
#include "../support/access_recorder.hpp"
#include "../support/catch.hpp"
#include "../support/seam_fixture.hpp"
#include "../support/wire.hpp"

#include <sake/actors/connection/request_message.hpp>
#include <sake/http/content_stream.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

using sake::context;
using sake::test::get;
using sake::test::memory_peer;
using sake::test::recording;
using sake::test::seam_fixture;
using sake::test::told_response;
using namespace std::chrono_literals;
namespace actors = sake::actors;
namespace http = sake::http;

namespace {

// Sends back what comes through a tunnel, while there is room.
class echo final : public http::response_observer {
public:
  void begin(actors::request_message& asked, http::response_port& port) {
    port_ = &port;
    id_ = asked.mid.request_id().integer_value();
    http::response head;
    head.set_header("Connection", "Upgrade").set_header("Upgrade", "echo");
    head.data().status = 101;
    input_ = port.begin_tunnel(id_, std::move(head), *this);
    input_->on_readable([this] { go_on(); });
    go_on();
  }

  void cancel(int status) noexcept override { cancelled = status; }
  void on_room() noexcept override { go_on(); }

  int cancelled = 0;

private:
  void go_on() {
    while (port_->write(id_, {}) == http::write_result::ok) {
      const auto octets = input_->take(1000);
      if (octets.empty())
        break;
      (void)port_->write(id_, octets);
    }
    if (input_->status() == http::content_stream::state::complete)
      port_->end_response(id_);
  }

  http::response_port* port_ = nullptr;
  std::uint64_t id_ = 0;
  std::shared_ptr<http::content_stream> input_;
};

// The shard, but for requests that become tunnels.
class tunnel_sink final : public sake::test::forwarding_sink {
public:
  tunnel_sink(actors::shard& to, echo& tunnel) : forwarding_sink(to), tunnel_(tunnel) {}

  void dispatch(caf::mailbox_element_ptr request) override {
    auto* const asked = actors::request_message::in(*request);
    if (asked == nullptr || asked->request().path() != "/tunnel")
      to_.dispatch(std::move(request));
    else
      tunnel_.begin(*asked, asked->client_on(to_.reactor())->responses());
  }

private:
  echo& tunnel_;
};

http::settings short_deadlines() {
  http::settings chosen;
  chosen.deadlines.head = chosen.deadlines.idle = chosen.deadlines.content = 1s;
  chosen.deadlines.request = 1s;
  return chosen;
}

struct tunnel_fixture : seam_fixture {
  tunnel_fixture() : seam_fixture(short_deadlines()) {
    this->get("/", [](context& ctx) { ctx.string(200, "root"); });
  }
  ~tunnel_fixture() override { close(); }

  memory_peer open() {
    sink.emplace(shard(), tunnel);
    return open_to(*sink);
  }

  echo tunnel;
  std::optional<tunnel_sink> sink;
};

const std::string upgrade = get("/tunnel", "Connection: Upgrade\r\nUpgrade: echo\r\n");

} // namespace

TEST_CASE("A connection carries a tunnel", "[actors][tunnel]") {
  tunnel_fixture app;
  auto peer = app.open();
  const auto got = app.ask(peer, get("/") + upgrade + "early ");
  CHECK(got.find("root") != std::string::npos);
  CHECK(got.find("HTTP/1.1 101 Switching Protocols\r\n") != std::string::npos);
  CHECK(got.ends_with("\r\n\r\nearly "));
  CHECK(app.ask(peer, "later") == "later");
  app.advance(60s);
  app.pump();
  CHECK_FALSE(peer.is_closed());
  CHECK(peer.awaits_input());
  CHECK(app.ask(peer, "much later") == "much later");
  SECTION("until the client ends it") {
    peer.finish();
    app.pump();
    CHECK(peer.is_closed());
    CHECK_FALSE(peer.was_reset());
    CHECK(app.tunnel.cancelled == 0);
  }
  SECTION("until the client resets it") {
    peer.reset();
    app.pump();
    CHECK(peer.is_closed());
    CHECK(app.tunnel.cancelled == http::client_gone);
  }
  SECTION("until the shard closes") {
    app.close();
    CHECK(app.tunnel.cancelled == http::client_gone);
  }
}

TEST_CASE("An observer is told what went through a tunnel both ways", "[actors][tunnel]") {
  std::vector<told_response> told;
  tunnel_fixture app;
  app.observers().add_access(recording(told));
  auto peer = app.open();
  const auto head = app.ask(peer, upgrade);
  CHECK(app.ask(peer, "one") == "one");
  CHECK(app.ask(peer, "three") == "three");
  peer.finish();
  app.pump();
  REQUIRE(told.size() == 1);
  CHECK(told[0].status == 101);
  CHECK(told[0].received == 8);
  CHECK(told[0].sent == head.size() + 8);
}

TEST_CASE("A tunnel holds up its sender while nobody reads", "[actors][tunnel]") {
  tunnel_fixture app;
  auto peer = app.open();
  (void)app.ask(peer, upgrade);
  peer.accept(0);
  // More than all the buffers on the way hold.
  const std::string much(2'000'000, 'x');
  CHECK(app.ask(peer, much).empty());
  CHECK(peer.unread() > 1'000'000);
  std::string got;
  for (int i = 0; i < 1000 && got.size() < much.size(); ++i) {
    peer.accept(100'000);
    app.pump();
    got += peer.take();
  }
  CHECK(got.size() == much.size());
  CHECK((got == much));
}
