#include "../../support/allocations.hpp"
#include "../../support/catch.hpp"
#include "../../support/test_context.hpp"

#include <sake/routing/detail/callback.hpp>

#include <array>
#include <cstddef>
#include <memory>
#include <utility>

using sake::context;
using sake::routing::detail::callback;
using sake::test::allocation_count;

namespace {

// A function with `Extra` octets of captures, and a count of its live copies.
template <std::size_t Extra>
struct counted {
  std::shared_ptr<int> calls;
  std::array<char, Extra> room{};
  void operator()(context&) { ++*calls; }
};

using small = counted<32>;
using large = counted<33>;

} // namespace

TEMPLATE_TEST_CASE("a callback owns its function, wherever it is moved to", "[routing][callback]",
                   small, large) {
  const auto calls = std::make_shared<int>(0);
  sake::test::test_context ctx;
  callback first{TestType{calls}};
  REQUIRE(calls.use_count() == 2);
  REQUIRE(first);
  first(ctx);

  callback second{std::move(first)};
  CHECK_FALSE(first);
  CHECK(calls.use_count() == 2);
  second(ctx);

  const auto others = std::make_shared<int>(0);
  callback third{TestType{others}};
  third = std::move(second);
  CHECK(others.use_count() == 1); // the earlier function is destroyed
  CHECK_FALSE(second);
  third(ctx);
  CHECK(*calls == 3);

  callback& same = third;
  third = std::move(same);
  REQUIRE(third);
  CHECK(calls.use_count() == 2);

  third = callback{};
  CHECK_FALSE(third);
  CHECK(calls.use_count() == 1);
}

TEST_CASE("a callback of up to 48 octets needs no heap", "[routing][callback]") {
  static_assert(sizeof(small) == 48);
  static_assert(sizeof(large) > 48);
  const auto calls = std::make_shared<int>(0);

  auto before = allocation_count();
  callback inside{small{calls}};
  callback moved{std::move(inside)};
  CHECK(allocation_count() == before);

  before = allocation_count();
  callback outside{large{calls}};
  callback moved_too{std::move(outside)};
  CHECK(allocation_count() == before + 1);
}

TEST_CASE("a callback keeps a function whose move may throw on the heap", "[routing][callback]") {
  struct throwing {
    throwing() = default;
    throwing(const throwing&) {} // not noexcept: callback must not move it
    void operator()(context&) {}
  };
  const auto before = allocation_count();
  callback held{throwing{}};
  CHECK(allocation_count() == before + 1);
  callback moved{std::move(held)};
  CHECK(allocation_count() == before + 1);
  CHECK(moved);
}
