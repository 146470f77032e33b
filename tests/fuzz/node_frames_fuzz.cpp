// Any frames at all from another node: a lane survives them, gives the request that it has under
// way one outcome at most, and holds nothing afterwards.
#include "check.hpp"

#include <sake/actors/nodes/dispatcher.hpp>
#include <sake/actors/nodes/introduction.hpp>
#include <sake/actors/nodes/lane.hpp>
#include <sake/sake.hpp>
#include <sake/testing/test_runtime.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

using namespace sake::actors;
using namespace sake::actors::nodes;
using sake::test::check;

namespace {

/// A node with a route of each kind. Never destroyed: CAF's own statics may end before it.
sake::testing::test_runtime& node() {
  static auto* const made = [] {
    auto* const runtime = new sake::testing::test_runtime;
    auto& routes = runtime->routes();
    routes.get("/a", [](sake::context& ctx) { ctx.string(200, ctx.body()); }).worker();
    const auto echo = [](sake::context& ctx) -> sake::task<> {
      auto out = ctx.stream(200, "text/plain");
      while (const auto piece = co_await ctx.read())
        co_await out.write(*piece);
    };
    routes.post("/b", echo).worker().streams_content();
    runtime->start();
    return runtime;
  }();
  return *made;
}

/// What it sends must be frames.
struct checked_link final : link {
  void send(envelope what) override {
    frame_reader from{what.frames};
    while (from.next()) {
    }
    check(!from.has_failed(), "an envelope holds whole frames");
  }
  void cut() noexcept override { is_cut = true; }
  bool is_cut = false;
};

struct quiet_listener final : peer_listener {
  void on_up(peer&) override {}
  void on_down(peer&) override {}
};

/// A request that another node has.
struct given_request final : remote_run::caller {
  explicit given_request(const sake::routing::endpoint& of) : route(of) {}
  [[nodiscard]] const sake::routing::endpoint& endpoint() const noexcept override { return route; }
  [[nodiscard]] sake::routing::remote_call remote_work() const override {
    return {0, sake::http::request::make("GET", "/a"), false, std::nullopt, {}};
  }
  [[nodiscard]] std::shared_ptr<sake::http::content_stream> arriving_content()
      const noexcept override {
    return nullptr;
  }
  [[nodiscard]] bool may_travel() const noexcept override { return true; }
  [[nodiscard]] bool is_idempotent() const noexcept override { return false; }
  void add_owner() noexcept override { ++owners; }
  void drop_owner() noexcept override { --owners; }
  void on_remote_outcome() noexcept override { ++outcomes; }

  const sake::routing::endpoint& route;
  int owners = 0;
  int outcomes = 0;
};

struct quiet_placer final : call_client::placer {
  void place_again(remote_run& who) override { who.lose(); }
  void on_refused(remote_run& who, const peer&) override { who.lose(); }
  void on_room() override {}
};

void check_introduction(std::string_view octets) {
  const auto read = decode_introduction(octets);
  if (read)
    check(octets.starts_with(encode(*read)), "an introduction is written as it was read");
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size > 8192)
    return 0;
  const std::vector<char> copy(data, data + size);
  const std::string_view octets{copy.data(), copy.size()};
  check_introduction(octets);

  auto& runtime = node();
  auto& shard = runtime.shard();
  const reactor::stay here{shard.reactor()};
  const std::function<std::uint32_t()> load = [] { return 0U; };
  const std::vector<lane_end> lanes{{&shard.reactor(), nullptr}};
  quiet_listener listener;
  quiet_placer placer;
  const auto other = std::make_shared<peer>(
      introduction{.id = 1, .name = "a", .width = 1, .credit = 4, .routes = {}}, shard.routes(),
      lanes, listener, shard.reactor());
  const auto over = std::make_shared<checked_link>();
  given_request asked{shard.routes().endpoints().front()};
  remote_run run{asked};
  {
    lane own{shard, other, 0, max_piece, 8, load, placer, nullptr};
    own.output().open(over);
    {
      const reactor::turn now{shard.reactor()};
      other->take_work(true);
      check(other->enter(), "the node has room");
      own.client().begin(run, 7, *other);
    }
    // The first octet tells where the input is divided into two envelopes.
    const auto first = octets.empty() ? 0 : static_cast<unsigned char>(octets.front()) * 16;
    const auto rest = octets.substr(octets.empty() ? 0 : 1);
    for (const auto part :
         {rest.substr(0, first), rest.substr(std::min<std::size_t>(first, rest.size()))}) {
      if (over->is_cut)
        break;
      {
        const reactor::turn now{shard.reactor()};
        own.receive(part);
      }
      runtime.run();
      if (const auto content = run.take_content())
        (void)content->take();
    }
    const reactor::turn now{shard.reactor()};
    own.client().on_down();
  }
  runtime.run();
  check(asked.outcomes == 1, "a run has one outcome");
  check(asked.owners == 0, "a request has no owner after the outcome");
  check(other->under_way() == 0, "no place is lost");
  check(runtime.executor().load() == 0, "no task is left");
  return 0;
}
