// A permit for one of a bounded number of requests: counted once, released once.
#include "../support/catch.hpp"

#include <sake/actors/request/permit.hpp>

#include <thread>

using sake::actors::permit;

TEST_CASE("a permit counts up to the limit and not beyond", "[actors][permit]") {
  permit::count count{0};
  permit first;
  permit second;
  permit third;
  CHECK(first.acquire(count, 2));
  CHECK(second.acquire(count, 2));
  CHECK_FALSE(third.acquire(count, 2));
  CHECK_FALSE(third.is_held());
  CHECK(count == 2);
  first.release();
  CHECK(third.acquire(count, 2));
  CHECK(count == 2);
}

TEST_CASE("a permit is released once, at its end at the latest", "[actors][permit]") {
  permit::count count{0};
  {
    permit held;
    REQUIRE(held.acquire(count, 1));
    held.release();
    held.release();
    CHECK(count == 0);
    REQUIRE(held.acquire(count, 1));
  }
  CHECK(count == 0);
}

TEST_CASE("a caller that takes the count over must release it in place of the permit",
          "[actors][permit]") {
  permit::count count{0};
  permit held;
  CHECK(held.detach() == nullptr);
  REQUIRE(held.acquire(count, 1));
  CHECK(held.detach() == &count);
  CHECK_FALSE(held.is_held());
  held.release();
  CHECK(count == 1);
}

TEST_CASE("two threads that release one permit do so once", "[actors][permit]") {
  permit::count count{0};
  for (int i = 0; i < 1'000; ++i) {
    permit held;
    REQUIRE(held.acquire(count, 1));
    {
      const std::jthread other{[&] { held.release(); }};
      held.release();
    }
    REQUIRE(count == 0);
  }
}
