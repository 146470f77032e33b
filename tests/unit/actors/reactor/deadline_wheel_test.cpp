#include "../../../support/catch.hpp"

#include <sake/actors/reactor/deadline_wheel.hpp>
#include <sake/http/limits.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

using sake::actors::deadline;
using sake::actors::deadline_wheel;
using time_point = deadline_wheel::time_point;

using namespace std::chrono_literals;

namespace {

// Away from the epoch, and between two ticks.
const time_point start{1h + 123'456'789ns};
// The last tick before the start.
const time_point first_tick{1h + 123ms};

// Counts its expiries and calls `then_` at each.
class probe final : public deadline {
public:
  explicit probe(std::function<void(probe&, time_point)> then = {}) : then_(std::move(then)) {}

  int count = 0;

private:
  void expired(time_point now) override {
    ++count;
    // The call may destroy this object together with `then_`.
    if (auto then = then_)
      then(*this, now);
  }

  std::function<void(probe&, time_point)> then_;
};

class log_entry final : public deadline {
public:
  log_entry(std::string& log, char name) : log_(log), name_(name) {}

private:
  void expired(time_point) override { log_ += name_; }

  std::string& log_;
  char name_;
};

} // namespace

TEST_CASE("a deadline takes at most five words", "[wheel]") {
  CHECK(sizeof(deadline) <= 5 * sizeof(void*));
}

TEST_CASE("a wheel without deadlines has nothing to do", "[wheel]") {
  deadline_wheel wheel(start);
  CHECK(wheel.empty());
  CHECK_FALSE(wheel.next());
  wheel.advance(start + 24h);
  CHECK(wheel.empty());
}

TEST_CASE("a deadline expires once, at its time rounded up to a tick", "[wheel]") {
  deadline_wheel wheel(start);
  probe p;
  CHECK_FALSE(p.is_armed());
  wheel.arm(p, start + 10ms);
  CHECK(p.is_armed());
  CHECK_FALSE(wheel.empty());
  CHECK(wheel.next() == first_tick + 11ms);
  wheel.advance(start + 10ms);
  wheel.advance(first_tick + 11ms - 1ns);
  CHECK(p.count == 0);
  wheel.advance(first_tick + 11ms);
  CHECK(p.count == 1);
  CHECK_FALSE(p.is_armed());
  CHECK(wheel.empty());
  wheel.advance(start + 1h);
  CHECK(p.count == 1);
}

TEST_CASE("a deadline on a tick expires at that tick", "[wheel]") {
  deadline_wheel wheel(start);
  probe p;
  wheel.arm(p, first_tick + 10ms);
  CHECK(wheel.next() == first_tick + 10ms);
  wheel.advance(first_tick + 10ms - 1ns);
  CHECK(p.count == 0);
  wheel.advance(first_tick + 10ms);
  CHECK(p.count == 1);
}

TEST_CASE("a time in the past expires at the next advance", "[wheel]") {
  deadline_wheel wheel(start);
  wheel.advance(start + 1s);
  const auto when = GENERATE(as<time_point>{}, start + 1s, start, start - 1h, time_point{},
                             time_point{} - 1h, time_point::min());
  probe p;
  wheel.arm(p, when - (when == start + 1s ? 1ms : 0ms));
  CHECK(p.count == 0);
  CHECK_FALSE(wheel.empty());
  REQUIRE(wheel.next());
  CHECK(*wheel.next() <= start + 1s);
  wheel.advance(start + 1s);
  CHECK(p.count == 1);
  CHECK(wheel.empty());
}

TEST_CASE("a time before the last one counts as the last one", "[wheel]") {
  deadline_wheel wheel(start);
  probe passed;
  probe soon;
  probe disarmed;
  wheel.advance(start + 1s);
  wheel.arm(soon, start + 2s);
  wheel.arm(disarmed, start + 1050ms);
  wheel.advance(start);
  wheel.advance(time_point::min());
  wheel.disarm(disarmed);
  wheel.arm(passed, start + 500ms);
  wheel.advance(start);
  CHECK(passed.count == 1);
  wheel.advance(start + 1999ms);
  CHECK(soon.count == 0);
  wheel.advance(start + 2001ms);
  CHECK(soon.count == 1);
  CHECK(disarmed.count == 0);
  CHECK(wheel.empty());
}

TEST_CASE("a deadline expires on time at any distance", "[wheel]") {
  // Around each border between two levels, up to the end of the clock.
  const auto shift = GENERATE(range(2, 44));
  const auto offset = GENERATE(-2, -1, 0, 1, 2);
  const auto ahead = GENERATE(0, 1, 63, 64, 4095, 123'456);
  const std::chrono::milliseconds distance{(std::int64_t{1} << shift) + offset};
  const auto now = first_tick + std::chrono::milliseconds{ahead};
  deadline_wheel wheel(start);
  wheel.advance(now);
  probe p;
  wheel.arm(p, now + distance);
  std::size_t steps = 0;
  while (p.count == 0) {
    const auto next = wheel.next();
    REQUIRE(next);
    REQUIRE(*next <= now + distance);
    wheel.advance(*next - 1ns);
    REQUIRE(p.count == 0);
    wheel.advance(*next);
    ++steps;
  }
  CHECK(wheel.empty());
  CHECK(steps <= 8);
}

TEST_CASE("a deadline at the end of the clock is never late and never early", "[wheel]") {
  deadline_wheel wheel(start);
  probe never;
  wheel.arm(never, time_point::max());
  wheel.advance(start + std::chrono::years{200});
  CHECK(never.count == 0);
  REQUIRE(wheel.next());
  CHECK(*wheel.next() > start + std::chrono::years{200});
  while (wheel.next() < time_point::max())
    wheel.advance(*wheel.next());
  CHECK(never.count == 0);
  CHECK(never.is_armed());
}

TEST_CASE("a wheel may start before the clock's epoch", "[wheel]") {
  deadline_wheel wheel(time_point::min());
  probe soon;
  probe late;
  wheel.arm(soon, time_point{} - 1ns);
  wheel.arm(late, time_point::max() - 1s);
  wheel.advance(time_point{} - 1ms);
  CHECK(soon.count == 0);
  wheel.advance(time_point{});
  CHECK(soon.count == 1);
  wheel.advance(time_point::max() - 1001ms);
  CHECK(late.count == 0);
  wheel.advance(time_point::max());
  CHECK(late.count == 1);
}

TEST_CASE("deadlines expire in the order of their ticks, however far the time jumps", "[wheel]") {
  deadline_wheel wheel(start);
  std::string log;
  log_entry a(log, 'a');
  log_entry b(log, 'b');
  log_entry c(log, 'c');
  log_entry d(log, 'd');
  log_entry e(log, 'e');
  wheel.arm(e, start + 30h);
  wheel.arm(c, start + 70ms);
  wheel.arm(d, start + 10min);
  wheel.arm(b, start + 5ms);
  wheel.arm(a, start - 5ms);
  wheel.advance(start + 48h);
  CHECK(log == "abcde");
  CHECK(wheel.empty());
}

TEST_CASE("a deadline that is armed again expires only at its new time", "[wheel]") {
  deadline_wheel wheel(start);
  const auto before = GENERATE(as<std::chrono::milliseconds>{}, -1ms, 5ms, 70ms, 10s, 10h);
  const auto after = GENERATE(as<std::chrono::milliseconds>{}, -1ms, 5ms, 70ms, 10s, 10h);
  probe p;
  wheel.arm(p, first_tick + before);
  wheel.arm(p, first_tick + after);
  if (after > 0ms) {
    wheel.advance(first_tick + after - 1ms);
    CHECK(p.count == 0);
  }
  wheel.advance(first_tick + std::max<std::chrono::milliseconds>(after, 0ms));
  CHECK(p.count == 1);
  CHECK(wheel.empty());
  wheel.advance(start + 20h);
  CHECK(p.count == 1);
}

TEST_CASE("a deadline that is disarmed does not expire", "[wheel]") {
  deadline_wheel wheel(start);
  const auto distance = GENERATE(as<std::chrono::milliseconds>{}, -1ms, 5ms, 70ms, 10s, 10h);
  probe p;
  probe other;
  wheel.disarm(p);
  wheel.arm(p, first_tick + distance);
  wheel.arm(other, first_tick + distance);
  wheel.disarm(p);
  CHECK_FALSE(p.is_armed());
  CHECK_FALSE(wheel.empty());
  wheel.disarm(p);
  wheel.disarm(other);
  CHECK(wheel.empty());
  CHECK_FALSE(wheel.next());
  wheel.advance(start + 20h);
  CHECK(p.count == 0);
}

TEST_CASE("a deadline that is destroyed does not expire", "[wheel]") {
  deadline_wheel wheel(start);
  probe stays;
  wheel.arm(stays, start + 5ms);
  {
    probe goes;
    wheel.arm(goes, start + 5ms);
  }
  {
    probe goes;
    wheel.arm(goes, start + 5h);
  }
  {
    probe goes;
    wheel.arm(goes, start - 5h);
  }
  CHECK(wheel.next() == first_tick + 6ms);
  wheel.advance(start + 10h);
  CHECK(stays.count == 1);
  CHECK(wheel.empty());
}

TEST_CASE("a deadline outlives its wheel and may be armed on another", "[wheel]") {
  probe p;
  probe due;
  probe far;
  {
    deadline_wheel gone(start);
    gone.arm(p, start + 5ms);
    gone.arm(due, start - 5ms);
    gone.arm(far, start + 100h);
  }
  CHECK_FALSE(p.is_armed());
  CHECK_FALSE(due.is_armed());
  CHECK_FALSE(far.is_armed());
  deadline_wheel one(start);
  deadline_wheel other(start);
  one.arm(p, start + 5ms);
  other.arm(p, start + 5ms);
  CHECK(one.empty());
  one.disarm(p);
  CHECK(other.empty());
  other.arm(p, start + 5ms);
  one.advance(start + 1s);
  CHECK(p.count == 0);
  other.advance(start + 1s);
  CHECK(p.count == 1);
}

TEST_CASE("a deadline armed during an expiry waits for the next advance", "[wheel]") {
  deadline_wheel wheel(start);
  probe again([&](probe& self, time_point now) { wheel.arm(self, now); });
  probe later([&](probe& self, time_point now) { wheel.arm(self, now + 10ms); });
  wheel.arm(again, start + 1ms);
  wheel.arm(later, start + 1ms);
  wheel.advance(first_tick + 1h);
  CHECK(again.count == 1);
  CHECK(later.count == 1);
  wheel.advance(first_tick + 1h);
  CHECK(again.count == 2);
  CHECK(later.count == 1);
  wheel.advance(first_tick + 1h + 10ms);
  CHECK(again.count == 3);
  CHECK(later.count == 2);
}

TEST_CASE("a deadline that expires may disarm, rearm and destroy others due at the same time",
          "[wheel]") {
  deadline_wheel wheel(start);
  probe disarmed;
  probe moved;
  auto destroyed = std::make_unique<probe>();
  probe first([&](probe&, time_point now) {
    CHECK(disarmed.is_armed());
    wheel.disarm(disarmed);
    wheel.arm(moved, now + 1s);
    destroyed.reset();
  });
  wheel.arm(first, start + 1ms);
  wheel.arm(disarmed, start + 1ms);
  wheel.arm(moved, start + 2ms);
  wheel.arm(*destroyed, start + 3ms);
  wheel.advance(first_tick + 1s);
  CHECK(first.count == 1);
  CHECK(disarmed.count == 0);
  CHECK(moved.count == 0);
  wheel.advance(first_tick + 2s);
  CHECK(moved.count == 1);
  CHECK(disarmed.count == 0);
}

TEST_CASE("a deadline may destroy itself when it expires", "[wheel]") {
  deadline_wheel wheel(start);
  std::unique_ptr<probe> owner;
  int count = 0;
  owner = std::make_unique<probe>([&](probe& self, time_point now) {
    ++count;
    wheel.arm(self, now + 1ms);
    owner.reset();
  });
  wheel.arm(*owner, start + 1ms);
  wheel.advance(start + 1s);
  CHECK(count == 1);
  CHECK(wheel.empty());
}

TEST_CASE("during an expiry the wheel reports the deadlines that are left", "[wheel]") {
  deadline_wheel wheel(start);
  std::vector<bool> empty;
  const auto look = [&](probe&, time_point now) {
    empty.push_back(wheel.empty());
    CHECK(wheel.next().has_value() != wheel.empty());
    if (wheel.next())
      CHECK(*wheel.next() <= now);
  };
  probe first(look);
  probe second(look);
  wheel.arm(first, start + 1ms);
  wheel.arm(second, start + 1h);
  wheel.advance(start + 2h);
  CHECK(empty == std::vector<bool>{false, true});
}

TEST_CASE("when a deadline throws, the others that are due expire at the next advance", "[wheel]") {
  deadline_wheel wheel(start);
  probe before;
  probe throws([](probe&, time_point) { throw std::runtime_error("no"); });
  probe after;
  probe later;
  wheel.arm(before, start + 1ms);
  wheel.arm(throws, start + 2ms);
  wheel.arm(after, start + 3ms);
  wheel.arm(later, start + 1h);
  CHECK_THROWS_AS(wheel.advance(start + 1s), std::runtime_error);
  CHECK(before.count == 1);
  CHECK(throws.count == 1);
  CHECK_FALSE(throws.is_armed());
  CHECK(after.count == 0);
  REQUIRE(wheel.next());
  CHECK(*wheel.next() <= start + 1s);
  wheel.advance(start + 1s);
  CHECK(after.count == 1);
  CHECK(later.count == 0);
}

TEST_CASE("a wheel destroyed after an exception disarms the deadlines that were due", "[wheel]") {
  probe throws([](probe&, time_point) { throw std::runtime_error("no"); });
  probe after;
  {
    deadline_wheel wheel(start);
    wheel.arm(throws, start + 2ms);
    wheel.arm(after, start + 3ms);
    CHECK_THROWS_AS(wheel.advance(start + 1s), std::runtime_error);
    CHECK(after.is_armed());
    wheel.disarm(throws);
  }
  CHECK_FALSE(after.is_armed());
  CHECK(after.count == 0);
}

TEST_CASE("next() is never late and wakes a deadline at most once per level", "[wheel]") {
  deadline_wheel wheel(start);
  probe p;
  wheel.arm(p, start + 30s);
  int calls = 0;
  for (; p.count == 0; ++calls) {
    REQUIRE(wheel.next());
    REQUIRE(*wheel.next() <= start + 30s + 1ms);
    wheel.advance(*wheel.next());
  }
  CHECK(calls <= 3);
}

// -- against a model ------------------------------------------------------------

namespace {

// A wheel beside a sorted map of the armed deadlines. Each random step goes to both.
class rehearsal {
public:
  explicit rehearsal(unsigned seed) : engine_(seed), now_(start), wheel_(start) {
    for (std::size_t i = 0; i < deadlines_.size(); ++i)
      deadlines_[i] = std::make_unique<actor>(*this, i);
  }

  void step() {
    const auto what = below(10);
    if (what < 5)
      arm(below(deadlines_.size()));
    else if (what == 5)
      disarm(below(deadlines_.size()));
    else if (what == 6)
      replace(below(deadlines_.size()));
    else
      advance();
    check();
  }

  std::size_t expiries = 0;
  std::vector<std::string> mistakes;

private:
  using ticks = std::int64_t;

  class actor final : public deadline {
  public:
    actor(rehearsal& all, std::size_t number) : all_(all), number_(number) {}

  private:
    void expired(time_point now) override { all_.on_expired(number_, now); }

    rehearsal& all_;
    std::size_t number_;
  };

  std::size_t below(std::size_t limit) { return engine_() % limit; }

  // From a nanosecond to weeks; every order of magnitude is equally likely.
  std::chrono::nanoseconds distance() {
    const auto bits = below(51);
    return std::chrono::nanoseconds{
        static_cast<std::int64_t>((std::uint64_t{engine_()} << 20 | engine_() % (1U << 20))
                                  & ((std::uint64_t{1} << bits) - 1))};
  }

  static ticks up(time_point t) {
    return std::chrono::ceil<std::chrono::milliseconds>(t).time_since_epoch().count();
  }
  static ticks down(time_point t) {
    return std::chrono::floor<std::chrono::milliseconds>(t).time_since_epoch().count();
  }

  void arm(std::size_t number) {
    const auto when = below(8) == 0 ? now_ - distance() : now_ + distance();
    wheel_.arm(*deadlines_[number], when);
    forget(number);
    model_.emplace(std::max(up(when), down(now_)), number);
  }

  void disarm(std::size_t number) {
    wheel_.disarm(*deadlines_[number]);
    forget(number);
  }

  void replace(std::size_t number) {
    forget(number);
    deadlines_[number] = std::make_unique<actor>(*this, number);
  }

  void forget(std::size_t number) {
    std::erase_if(model_, [number](const auto& entry) { return entry.second == number; });
    std::erase_if(due_, [number](const auto& entry) { return entry.second == number; });
  }

  void advance() {
    if (below(3) == 0 && wheel_.next())
      now_ = std::max(now_, *wheel_.next() - std::chrono::nanoseconds{below(2)});
    else
      now_ += distance();
    const auto end = model_.upper_bound(down(now_));
    due_.insert(model_.begin(), end);
    model_.erase(model_.begin(), end);
    wheel_.advance(now_);
    if (!due_.empty())
      mistakes.push_back("forgot a deadline");
    due_.clear();
  }

  void on_expired(std::size_t number, time_point now) {
    ++expiries;
    const auto found = std::find_if(due_.begin(), due_.end(),
                                    [number](const auto& entry) { return entry.second == number; });
    if (found == due_.end())
      mistakes.push_back("expired what was not due");
    else if (found->first != due_.begin()->first)
      mistakes.push_back("expired out of order");
    if (now != now_)
      mistakes.push_back("told the wrong time");
    if (deadlines_[number]->is_armed())
      mistakes.push_back("expired and still armed");
    forget(number);
    for (auto actions = below(3); actions != 0; --actions) {
      const auto other = below(2) == 0 ? number : below(deadlines_.size());
      const auto what = below(4);
      if (what < 2)
        arm(other);
      else if (what == 2)
        disarm(other);
      else
        replace(other);
    }
  }

  void check() {
    if (wheel_.empty() != model_.empty())
      mistakes.push_back("does not know whether it is empty");
    if (wheel_.next().has_value() != !model_.empty())
      mistakes.push_back("does not know whether there is a next");
    else if (!model_.empty() && up(*wheel_.next()) > model_.begin()->first)
      mistakes.push_back("would be late");
    for (std::size_t i = 0; i < deadlines_.size(); ++i)
      if (deadlines_[i]->is_armed()
          != std::any_of(model_.begin(), model_.end(), [i](auto& e) { return e.second == i; }))
        mistakes.push_back("does not know what is armed");
  }

  std::mt19937 engine_;
  time_point now_;
  deadline_wheel wheel_;
  std::multimap<ticks, std::size_t> model_;
  // The deadlines that the current advance has still to expire.
  std::multimap<ticks, std::size_t> due_;
  std::array<std::unique_ptr<actor>, 40> deadlines_;
};

} // namespace

TEST_CASE("a wheel behaves as a sorted map of deadlines", "[wheel][property]") {
  const auto seed = GENERATE(range(1U, 21U));
  rehearsal both(seed);
  for (int i = 0; i < 2'500 && both.mistakes.empty(); ++i)
    both.step();
  CAPTURE(seed);
  CHECK(both.mistakes == std::vector<std::string>{});
  CHECK(both.expiries > 500);
}

TEST_CASE("time_after never returns an earlier time", "[actors][deadline]") {
  using namespace std::chrono_literals;
  using sake::http::time_after;
  using sake::http::time_point;
  const time_point now{std::chrono::hours{1}};
  CHECK(time_after(now, 5ms) == now + 5ms);
  CHECK(time_after(now, -5ms) == now);
  CHECK(time_after(now, std::chrono::milliseconds::max()) == time_point::max());
  CHECK(time_after(now, std::chrono::hours{2'600'000}) == time_point::max());
  CHECK(time_after(now, std::chrono::nanoseconds::max()) == time_point::max());
  CHECK(time_after(time_point::max(), 1ms) == time_point::max());
}
