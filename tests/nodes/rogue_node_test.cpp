// A node that has joined and breaks the rules, by frames of its own making.
#include "../support/captured_log.hpp"
#include "../support/catch.hpp"

#include <sake/actors/nodes/frame.hpp>
#include <sake/actors/nodes/introduction.hpp>
#include <sake/http/wire/message.hpp>
#include <sake/http/wire/octet_writer.hpp>
#include <sake/sake.hpp>
#include <sake/testing/test_cluster.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

using namespace sake::actors::nodes;
using sake::actors::node_role;
using sake::testing::test_cluster;

namespace {

/// A node that has the routes of the node that it dials, and answers as the test says.
class rogue final : public link_owner, public dial_listener, public network_host {
public:
  void on_up() noexcept override {}
  void on_down() noexcept override { is_down = true; }
  void on_envelope(envelope what) noexcept override {
    frame_reader from{what.frames};
    while (const auto next = from.next())
      if (next->kind == frame_kind::request)
        attempt = next->attempt;
  }

  std::string introduce() override { return encode(own()); }
  verdict judge(std::string_view introduction, std::string_view) override {
    return judge(introduction);
  }
  void on_accepted(std::shared_ptr<sake::actors::nodes::link> made,
                   const std::shared_ptr<link_owner>&) override {
    over = std::move(made);
  }
  verdict judge(std::string_view introduction) override {
    routes = decode_introduction(introduction).value().routes;
    return {std::shared_ptr<link_owner>{std::shared_ptr<void>{}, this}, {}};
  }
  void on_dialled(std::shared_ptr<sake::actors::nodes::link> made) override {
    over = std::move(made);
  }
  void on_failed(std::string reason, bool) override { FAIL(reason); }

  [[nodiscard]] introduction own() const {
    return {.min_version = min_version,
            .max_version = max_version,
            .id = 1'000'000,
            .name = "rogue",
            .address = "127.0.0.1:6999",
            .role = node_role::worker,
            .width = 1,
            .credit = 8,
            .routes = routes};
  }

  void add(frame_kind kind, std::string_view content = {}) {
    frame_writer{frames}.add(kind, attempt, content);
  }
  void send(frame_kind kind, std::string_view content = {}) {
    add(kind, content);
    over->send({0, 0, std::exchange(frames, {})});
  }

  std::vector<std::uint64_t> routes;
  std::shared_ptr<sake::actors::nodes::link> over;
  /// Of the next envelope.
  std::string frames;
  std::uint64_t attempt = 0;
  bool is_down = false;
};

std::string number(std::uint64_t value) {
  std::string octets;
  sake::http::wire::octet_writer{octets}.u64(value);
  return octets;
}

std::string wire_form(std::string_view content) {
  std::string octets;
  sake::http::wire::encode(octets, sake::http::response::text(200, content));
  return octets;
}

// Length unknown.
std::string opening() {
  return '\0' + number(0) + wire_form("");
}

struct rogue_fixture : test_cluster {
  rogue_fixture()
      : test_cluster([](sake::route_group& to, const std::string& name) {
          to.get("/where", [name](sake::context& ctx) { ctx.string(200, name); }).worker();
        }) {
    run();
    // The second dial has the routes that the first has learned.
    for (int i = 0; i < 2; ++i) {
      net->dial("127.0.0.1:7001", bad.introduce(), shared());
      run();
      if (i == 0) {
        bad.over->cut();
        run();
      }
    }
    bad.is_down = false;
  }

  std::shared_ptr<rogue> shared() { return {std::shared_ptr<void>{}, &bad}; }

  sake::testing::pending_response give() {
    auto asked = front.send({"GET", "/where"});
    CHECK(run_until([&] { return bad.attempt != 0; }));
    return asked;
  }

  rogue bad;
  sake::testing::test_app& front = add("front", {.role = node_role::front});
  std::unique_ptr<sake::actors::nodes::network> net =
      test_cluster::network().join("127.0.0.1:6999", front.runtime().shard().reactor());
};

} // namespace

TEST_CASE("a node that answers behind a response in pieces loses its link", "[nodes][hostile]") {
  const sake::test::captured_log log;
  rogue_fixture nodes;
  auto asked = nodes.give();
  nodes.bad.send(frame_kind::response_open, opening());
  nodes.bad.send(frame_kind::response_octets, "first");
  nodes.run();
  SECTION("with another response") {
    nodes.bad.send(frame_kind::response, wire_form("second"));
  }
  SECTION("with one in pieces") {
    nodes.bad.send(frame_kind::response_begin, number(max_piece + 1));
  }
  SECTION("with one that its handler writes") {
    nodes.bad.send(frame_kind::response_open, opening());
  }
  SECTION("by a refusal") {
    nodes.bad.send(frame_kind::not_begun);
  }
  nodes.run();
  CHECK(nodes.bad.is_down);
  CHECK(log.count("a node breaks the rules") == 1);
  CHECK_FALSE(asked.is_ready()); // cut off
  CHECK(asked.peer().is_closed());
  CHECK(asked.so_far().status() == 200);
}

TEST_CASE("a response that is lost before its first piece is answered 502", "[nodes][streams]") {
  rogue_fixture nodes;
  auto asked = nodes.give();
  nodes.bad.add(frame_kind::response_open, opening());
  nodes.bad.send(frame_kind::response_cut);
  REQUIRE(nodes.run_until([&] { return asked.is_ready(); }));
  CHECK(asked.take().status() == 502);
}

TEST_CASE("a pong with a time that was never sent is ignored", "[nodes][hostile]") {
  rogue_fixture nodes;
  for (const std::uint64_t time :
       {std::uint64_t{1} << 63, ~std::uint64_t{0}, ~std::uint64_t{0} >> 1})
    nodes.bad.send(frame_kind::pong, number(time));
  nodes.run();
  CHECK_FALSE(nodes.bad.is_down);
  for (const auto& each : nodes.front.runtime().cluster()->nodes())
    CHECK(each.round_trip_us == 0);
}

TEST_CASE("a node that refuses a request again and again does not get it for ever",
          "[nodes][hostile]") {
  rogue_fixture nodes;
  auto asked = nodes.give();
  int refused = 0;
  const auto refuse = [&] {
    if (const auto attempt = std::exchange(nodes.bad.attempt, 0); attempt != 0) {
      nodes.bad.attempt = attempt;
      nodes.bad.send(frame_kind::not_begun);
      nodes.bad.attempt = 0;
      ++refused;
    }
    return asked.is_ready() || refused == 100;
  };
  CHECK(nodes.run_until(refuse));
  CHECK(refused < 20);
  REQUIRE(asked.is_ready());
  CHECK(asked.take().status() == 503);
}
