// The allocations of a chain.
#include "../../support/allocations.hpp"
#include "../../support/catch.hpp"
#include "../../support/test_context.hpp"

#include <array>
#include <cstddef>
#include <functional>

using sake::context;
using sake::task;
using sake::test::allocation_count;
using sake::test::test_context;

namespace {

constexpr std::size_t depth = 32;

// The number of allocations of the second request on `ctx`, and of each later one.
std::size_t allocations_of_a_request(test_context& ctx) {
  const auto request = sake::http::request::make("GET", "/");
  ctx.serve(request);
  const auto before = allocation_count();
  ctx.serve(request);
  return allocation_count() - before;
}

template <class Layer>
void fill(test_context& ctx, Layer layer, sake::handler last) {
  std::vector<sake::handler> layers(depth, sake::handler{layer});
  layers.push_back(std::move(last));
  ctx.set_layers(layers);
}

} // namespace

TEST_CASE("the counter of allocations counts", "[routing][chain]") {
  const auto before = allocation_count();
  const std::function<void()> kept = [room = std::array<char, 256>{}] { (void)room; };
  CHECK(allocation_count() > before);
}

TEST_CASE("a chain of plain functions allocates nothing per layer", "[routing][chain]") {
  test_context ctx;
  int acted = 0;
  SECTION("each layer calls next()") {
    fill(
        ctx,
        [&](context& c) {
          ++acted;
          c.next();
        },
        [](context& c) { c.string(200, "short"); });
  }
  SECTION("each layer gives next() a function to run after the response") {
    // As much as a callback holds without the heap.
    fill(
        ctx,
        [&](context& c) {
          c.next([&acted, room = std::array<char, 40>{}](context&) {
            (void)room;
            ++acted;
          });
        },
        [](context& c) { c.string(200, "short"); });
  }
  CHECK(allocations_of_a_request(ctx) == 0);
  CHECK(acted == 2 * depth);
}

TEST_CASE("a coroutine that does not wait takes its frame from the pool of the thread",
          "[routing][chain]") {
  test_context ctx;
  fill(
      ctx, [](context& c) -> task<> { co_await c.next(); },
      [](context& c) -> task<> {
        c.string(200, "short");
        co_return;
      });
  CHECK(allocations_of_a_request(ctx) == 0);
}

TEST_CASE("a function given to next() that exceeds the room of a callback is allocated once",
          "[routing][chain]") {
  test_context ctx;
  ctx.set_layers(std::vector<sake::handler>{
      [](context& c) { c.next([room = std::array<char, 49>{}](context&) { (void)room; }); },
      [](context& c) { c.string(200, "short"); }});
  CHECK(allocations_of_a_request(ctx) == 1);
}
