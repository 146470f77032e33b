// Links between two nodes in one process, with TLS and without.
#include "process_size.hpp"
#include "support/catch.hpp"
#include "support/sanitizer.hpp"
#include "two_nodes.hpp"

#include <sake/actors/nodes/network.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <thread>
#include <utility>

using namespace sake;
using namespace sake::test;
using actors::nodes::envelope;

namespace {

envelope frames(std::string octets, std::uint16_t lane = 0) {
  return {lane, 0, std::move(octets)};
}

/// A link between two nodes, as each of them sees it.
struct both_ends {
  std::shared_ptr<sake::test::dial_recorder> dialled;
  sake::test::test_node::accepted accepted;
};

both_ends linked(two_nodes& nodes) {
  auto dialled = nodes.dialler->dial(nodes.address);
  REQUIRE(dialled->has_link());
  return {std::move(dialled), nodes.host->next_accepted()};
}

} // namespace

TEST_CASE("two nodes exchange envelopes in both directions", "[nodes]") {
  const bool has_tls = GENERATE(false, true);
  two_nodes nodes{has_tls};
  const auto dialled = nodes.dialler->dial(nodes.address);
  REQUIRE(dialled->problem().empty());
  REQUIRE(dialled->has_link());
  CHECK(dialled->introduction() == "I am the host");
  auto accepted = nodes.host->next_accepted();
  CHECK(accepted.introduction == "I am the dialler");
  REQUIRE(dialled->owner().await_up());
  REQUIRE(accepted.owner->await_up());

  dialled->link().send({7, 42, "ping"});
  REQUIRE(accepted.owner->await_envelopes(1));
  const auto got = accepted.owner->envelopes()[0];
  CHECK(got.lane == 7);
  CHECK(got.load == 42);
  CHECK(got.frames == "ping");
  accepted.link->send(frames(std::string("po\0ng", 5)));
  REQUIRE(dialled->owner().await_envelopes(1));
  CHECK(dialled->owner().envelopes()[0].frames == std::string("po\0ng", 5));
  CHECK(dialled->owner().is_in_order());
  CHECK(accepted.owner->is_in_order());
}

TEST_CASE("many small envelopes arrive in order", "[nodes]") {
  constexpr std::size_t count = has_thread_sanitizer ? 20'000 : 100'000;
  const bool has_tls = GENERATE(false, true);
  two_nodes nodes{has_tls};
  auto both = linked(nodes);
  const auto& dialled = both.dialled;
  auto& accepted = both.accepted; // lambdas refer to it
  REQUIRE(accepted.owner->await_up());
  std::jthread other{[&] {
    for (std::size_t i = 0; i < count / 10; ++i)
      accepted.link->send(frames(std::to_string(i)));
  }};
  for (std::size_t i = 0; i < count; ++i)
    dialled->link().send(frames(std::to_string(i), static_cast<std::uint16_t>(i % 3)));
  REQUIRE(accepted.owner->await_envelopes(count));
  REQUIRE(dialled->owner().await_envelopes(count / 10));
  const auto there = accepted.owner->envelopes();
  const auto back = dialled->owner().envelopes();
  std::size_t misplaced = 0;
  for (std::size_t i = 0; i < count; ++i)
    misplaced += there[i].frames == std::to_string(i) && there[i].lane == i % 3 ? 0 : 1;
  for (std::size_t i = 0; i < count / 10; ++i)
    misplaced += back[i].frames == std::to_string(i) ? 0 : 1;
  CHECK(misplaced == 0);
}

TEST_CASE("large envelopes arrive whole", "[nodes]") {
  const bool has_tls = GENERATE(false, true);
  two_nodes nodes{has_tls};
  auto [dialled, accepted] = linked(nodes);
  constexpr std::size_t count = 200;
  for (std::size_t i = 0; i < count; ++i)
    dialled->link().send(frames(std::string(64 * 1024, static_cast<char>('a' + i % 26))));
  dialled->link().send(frames(std::string(1000 * 1024, 'z')));
  REQUIRE(accepted.owner->await_envelopes(count + 1));
  const auto got = accepted.owner->envelopes();
  for (std::size_t i = 0; i < count; ++i)
    if (got[i].frames != std::string(64 * 1024, static_cast<char>('a' + i % 26)))
      FAIL("envelope " << i << " has changed");
  CHECK(got[count].frames == std::string(1000 * 1024, 'z'));
}

TEST_CASE("an envelope that is too long cuts its link", "[nodes]") {
  two_nodes nodes{false};
  auto [dialled, accepted] = linked(nodes);
  dialled->link().send(frames(std::string(1024 * 1024, 'z')));
  CHECK(dialled->owner().await_down());
  CHECK(accepted.owner->await_down());
}

TEST_CASE("a link that either side cuts is down once on both sides", "[nodes]") {
  const bool has_tls = GENERATE(false, true);
  const bool dialler_cuts = GENERATE(false, true);
  two_nodes nodes{has_tls};
  auto [dialled, accepted] = linked(nodes);
  REQUIRE(accepted.owner->await_up());
  auto& cutting = dialler_cuts ? dialled->link() : *accepted.link;
  cutting.cut();
  REQUIRE(dialled->owner().await_down());
  REQUIRE(accepted.owner->await_down());
  // Nothing comes of these.
  dialled->link().cut();
  dialled->link().send(frames("late"));
  accepted.link->cut();
  accepted.link->send(frames("late"));

  const auto again = nodes.dialler->dial(nodes.address);
  REQUIRE(again->problem() == "");
  auto accepted_again = nodes.host->next_accepted();
  REQUIRE(accepted_again.owner->await_up());
  CHECK(dialled->owner().is_in_order());
  CHECK(accepted.owner->is_in_order());
  CHECK(dialled->owner().downs() == 1);
  CHECK(accepted.owner->downs() == 1);
}

TEST_CASE("the end of a node takes down its links", "[nodes]") {
  const bool has_tls = GENERATE(false, true);
  two_nodes nodes{has_tls};
  auto [dialled, accepted] = linked(nodes);
  REQUIRE(accepted.owner->await_up());
  accepted.link = nullptr;
  nodes.host->end();
  CHECK(dialled->owner().await_down());
  CHECK(accepted.owner->await_down());
  CHECK(accepted.owner->is_in_order());
}

TEST_CASE("an owner may send and cut in its calls", "[nodes]") {
  two_nodes nodes{false};
  auto [dialled, accepted] = linked(nodes);
  accepted.owner->then = [link = accepted.link.get()](envelope what) {
    if (what.frames == "end")
      link->cut();
    else
      link->send(std::move(what));
  };
  dialled->link().send(frames("echo"));
  REQUIRE(dialled->owner().await_envelopes(1));
  CHECK(dialled->owner().envelopes()[0].frames == "echo");
  dialled->link().send(frames("end"));
  CHECK(dialled->owner().await_down());
  CHECK(accepted.owner->await_down());
}

TEST_CASE("a link lives while only its owner is known", "[nodes]") {
  two_nodes nodes{false};
  auto [dialled, accepted] = linked(nodes);
  accepted.link = nullptr;
  dialled->link().send(frames("still here"));
  CHECK(accepted.owner->await_envelopes(1));
}

TEST_CASE("a second link between two nodes fails with a reason", "[nodes]") {
  two_nodes nodes{false};
  const auto first = nodes.dialler->dial(nodes.address);
  REQUIRE(first->has_link());
  const auto second = nodes.dialler->dial(nodes.address);
  CHECK_FALSE(second->has_link());
  CHECK(second->problem()
        == "BASP has a link to it already, or to another node with the id of its CAF");
  CHECK(second->owner().await_down());
  CHECK(second->owner().ups() == 0);
  auto accepted = nodes.host->next_accepted();
  first->link().send(frames("the first link lives"));
  CHECK(accepted.owner->await_envelopes(1));
}

TEST_CASE("a node that dials itself fails with a reason", "[nodes]") {
  actors::node_settings settings;
  settings.listen = "127.0.0.1:0";
  test_node node{settings};
  const auto dialled = node.dial(node.listen());
  CHECK(dialled->problem() == "it is this node, or its CAF has the id of this one");
  CHECK(dialled->owner().await_down());
}

TEST_CASE("joining and leaving again leaks nothing", "[nodes]") {
  const bool has_tls = GENERATE(false, true);
  two_nodes nodes{has_tls};
  const auto join_and_leave = [&](bool dialler_cuts) {
    const auto dialled = nodes.dialler->dial(nodes.address);
    REQUIRE(dialled->problem() == "");
    auto accepted = nodes.host->next_accepted();
    REQUIRE(accepted.owner->await_up());
    (dialler_cuts ? dialled->link() : *accepted.link).cut();
    REQUIRE(dialled->owner().await_down());
    REQUIRE(accepted.owner->await_down());
  };
  for (int i = 0; i < 50; ++i)
    join_and_leave(i % 2 == 0);
  const auto descriptors = open_descriptors();
  const auto tasks = threads();
  const auto memory = resident_memory();
  constexpr std::size_t rounds = 200;
  for (std::size_t i = 0; i < rounds; ++i)
    join_and_leave(i % 2 == 0);
  CHECK(open_descriptors() == descriptors);
  CHECK(threads() == tasks);
  // A sanitizer keeps freed memory for a while.
  const auto grown = resident_memory() - memory;
  CAPTURE(grown);
  if (!has_address_sanitizer && !has_thread_sanitizer)
    CHECK(static_cast<std::ptrdiff_t>(grown) <= static_cast<std::ptrdiff_t>(rounds * 4));
}
