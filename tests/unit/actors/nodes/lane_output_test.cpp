#include "../../../support/catch.hpp"

#include <sake/actors/nodes/lane_output.hpp>
#include <sake/testing/test_runtime.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

using namespace sake::actors::nodes;
using sake::actors::reactor;

namespace {

/// Keeps the envelopes that are sent.
struct kept_link final : link {
  void send(envelope what) override { sent.push_back(std::move(what)); }
  void cut() noexcept override {}
  std::vector<envelope> sent;
};

struct lane_fixture {
  lane_fixture() { out.open(to); }

  /// Calls `add` in a turn, and returns the frames that it sends.
  template <class Add>
  std::vector<frame> frames_of(Add add) {
    to->sent.clear();
    {
      const reactor::stay here{home};
      const reactor::turn now{home};
      add();
    }
    std::vector<frame> all;
    for (const auto& each : to->sent) {
      frame_reader from{each.frames};
      while (const auto next = from.next())
        all.push_back(*next);
      CHECK_FALSE(from.has_failed());
    }
    return all;
  }

  static std::size_t octets_in(const std::vector<frame>& frames, frame_kind kind) {
    std::size_t octets = 0;
    for (const auto& each : frames)
      octets += each.kind == kind ? each.content.size() : 0;
    return octets;
  }

  sake::testing::test_runtime runtime;
  reactor& home = runtime.shard().reactor();
  std::shared_ptr<kept_link> to = std::make_shared<kept_link>();
  std::function<std::uint32_t()> load = [] { return 5U; };
  lane_output out{home, 3, 2 * max_piece, load};
};

constexpr lane_output::message_kinds kinds{frame_kind::request, frame_kind::request_begin,
                                           frame_kind::request_piece};

} // namespace

TEST_CASE("the frames of a turn travel in one envelope", "[nodes]") {
  lane_fixture f;
  const auto frames = f.frames_of([&] {
    f.out.add(frame_kind::ping, 0, "abc");
    f.out.add_message(kinds, 7, "call");
  });
  REQUIRE(f.to->sent.size() == 1);
  CHECK(f.to->sent[0].lane == 3);
  CHECK(f.to->sent[0].load == 5);
  REQUIRE(frames.size() == 2);
  CHECK(frames[1].kind == frame_kind::request);
  CHECK(frames[1].attempt == 7);
  CHECK(frames[1].content == "call");
}

TEST_CASE("frames that do not fit into one envelope travel in several", "[nodes]") {
  lane_fixture f;
  const auto frames = f.frames_of([&] {
    for (int i = 0; i < 10; ++i)
      f.out.add(frame_kind::request, 1, std::string(max_piece, 'x'));
  });
  CHECK(frames.size() == 10);
  CHECK(f.to->sent.size() > 1);
  for (const auto& each : f.to->sent)
    CHECK(each.frames.size() <= max_envelope + max_piece);
}

TEST_CASE("short frames go before the pieces of long messages", "[nodes]") {
  lane_fixture f;
  const auto frames = f.frames_of([&] {
    f.out.add_message(kinds, 7, std::string(max_piece + 1, 'x'));
    f.out.add(frame_kind::response, 8, "short");
  });
  REQUIRE(frames.size() == 4);
  CHECK(frames[0].kind == frame_kind::request_begin);
  CHECK(frames[1].kind == frame_kind::response);
  CHECK(frames[2].kind == frame_kind::request_piece);
}

TEST_CASE("pieces wait until the window is open, and long messages take turns", "[nodes]") {
  lane_fixture f;
  const auto first = f.frames_of([&] {
    f.out.add_message(kinds, 1, std::string(3 * max_piece, 'a'));
    f.out.add_message(kinds, 2, std::string(3 * max_piece, 'b'));
  });
  CHECK(lane_fixture::octets_in(first, frame_kind::request_piece) == 2 * max_piece);
  CHECK(std::ranges::count(first, 1U, &frame::attempt) == 2);
  CHECK(std::ranges::count(first, 2U, &frame::attempt) == 2);
  std::size_t sent = 2 * max_piece;
  while (sent < 6 * max_piece) {
    const auto more = f.frames_of([&] { CHECK(f.out.on_window(max_piece)); });
    CHECK(lane_fixture::octets_in(more, frame_kind::request_piece) == max_piece);
    sent += max_piece;
  }
  CHECK_FALSE(f.out.has_pieces(frame_kind::request_piece, 1));
  CHECK_FALSE(f.out.on_window(2 * max_piece + 1));
}

TEST_CASE("the pieces of a message that is dropped are not sent", "[nodes]") {
  lane_fixture f;
  (void)f.frames_of([&] { f.out.add_message(kinds, 1, std::string(4 * max_piece, 'a')); });
  CHECK(f.out.has_pieces(frame_kind::request_piece, 1));
  f.out.drop_pieces(frame_kind::request_piece, 1);
  const auto more = f.frames_of([&] { CHECK(f.out.on_window(2 * max_piece)); });
  CHECK(more.empty());
}

TEST_CASE("a stream sends no more than its reader has room for", "[nodes]") {
  lane_fixture f;
  const lane_output::stream_id id{frame_kind::response_octets, 9};
  int drained = 0;
  f.out.open_stream(id, 100, [&] { ++drained; });
  auto frames = f.frames_of([&] { CHECK(f.out.write(id, std::string(150, 'x')) == 150); });
  CHECK(lane_fixture::octets_in(frames, frame_kind::response_octets) == 100);
  CHECK(drained == 0);
  CHECK(f.out.write(id, {}) == 50);
  frames = f.frames_of([&] { f.out.add_room(id, 1000); });
  CHECK(lane_fixture::octets_in(frames, frame_kind::response_octets) == 50);
  CHECK(drained == 1);
  frames = f.frames_of([&] {
    f.out.write(id, "last");
    f.out.end_stream(id, frame_kind::response_end);
  });
  REQUIRE(frames.size() == 2);
  CHECK(frames[0].content == "last");
  CHECK(frames[1].kind == frame_kind::response_end);
  CHECK(f.out.write(id, "more") == 0);
}
