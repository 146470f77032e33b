// One thread at a time may run a chain, and no completed wait is missed.
#include "../support/catch.hpp"

#include <sake/actors/request/strand.hpp>
#include <sake/routing/task.hpp>

#include <coroutine>
#include <cstddef>
#include <thread>
#include <vector>

using sake::task;
using sake::actors::strand;
using sake::routing::wait;
using sake::routing::waiter_ptr;

namespace {

/// Waits without coroutines: resuming one only counts it.
struct waits {
  waiter_ptr begin() { return all.emplace_back().begin(std::noop_coroutine()); }
  std::vector<wait> all;
};

task<> nothing() {
  co_return;
}

std::size_t resumed_by(strand& of) {
  std::size_t count = 0;
  of.resume_awake([&](std::coroutine_handle<>) { ++count; });
  return count;
}

} // namespace

TEST_CASE("a strand starts taken and cannot be claimed until it is released", "[actors][strand]") {
  strand of;
  CHECK_FALSE(of.claim());
  CHECK_FALSE(of.release()); // because of the claim above
  of.begin_check();
  CHECK(of.release());
  CHECK(of.claim());
  of.begin_check();
  CHECK(of.release());
}

TEST_CASE("a wait that ends while the strand is taken prevents its release", "[actors][strand]") {
  waits own;
  strand of;
  CHECK_FALSE(of.wake(own.begin()));
  CHECK_FALSE(of.release());
  CHECK(resumed_by(of) == 1);
  CHECK(of.release());
}

TEST_CASE("a wait that ends while the strand is free claims it", "[actors][strand]") {
  waits own;
  strand of;
  REQUIRE(of.release());
  CHECK(of.wake(own.begin()));
  CHECK_FALSE(of.wake(own.begin())); // already claimed by the first wait
  CHECK(resumed_by(of) == 2);
  CHECK(of.release());
}

TEST_CASE("coroutines are resumed in the order in which their waits ended", "[actors][strand]") {
  const task<> one = nothing();
  const task<> other = nothing();
  const std::vector<std::coroutine_handle<>> expected{one.frame(), other.frame()};
  wait first;
  wait second;
  strand of;
  of.wake(first.begin(expected[0]));
  of.wake(second.begin(expected[1]));
  std::vector<std::coroutine_handle<>> resumed;
  of.resume_awake([&](std::coroutine_handle<> each) { resumed.push_back(each); });
  CHECK(resumed == expected);
}

TEST_CASE("a destroyed coroutine is skipped", "[actors][strand]") {
  strand of;
  {
    wait gone;
    of.wake(gone.begin(std::noop_coroutine()));
  }
  CHECK(resumed_by(of) == 0);
}

TEST_CASE("a function on the pool is counted until its wait is resumed", "[actors][strand]") {
  waits own;
  strand of;
  auto waiting = own.begin();
  waiting->has_function = true;
  of.add_function();
  CHECK(of.has_functions());
  of.wake(std::move(waiting));
  CHECK(of.has_functions());
  CHECK(resumed_by(of) == 1);
  CHECK_FALSE(of.has_functions());
}

TEST_CASE("a strand that is reset is empty and taken", "[actors][strand]") {
  waits own;
  strand of;
  of.wake(own.begin());
  of.add_function();
  of.reset();
  CHECK_FALSE(of.has_functions());
  CHECK(resumed_by(of) == 0);
  CHECK(of.release());
}

TEST_CASE("threads that end waits run the chain one at a time and miss no wait",
          "[actors][strand]") {
  constexpr std::size_t threads = 4;
  constexpr std::size_t each = 5'000;
  strand of;
  std::size_t resumed = 0; // only the owner writes it: TSan reports a second
  const auto run = [&] {
    do
      of.resume_awake([&](std::coroutine_handle<>) { ++resumed; });
    while (!of.release());
  };
  std::vector<std::vector<wait>> own(threads);
  {
    std::vector<std::jthread> workers;
    for (auto& waits_of_one : own)
      workers.emplace_back([&] {
        waits_of_one.reserve(each);
        for (std::size_t i = 0; i < each; ++i)
          if (of.wake(waits_of_one.emplace_back().begin(std::noop_coroutine())))
            run();
      });
    run();
  }
  CHECK(of.claim());
  CHECK(resumed == threads * each);
}
