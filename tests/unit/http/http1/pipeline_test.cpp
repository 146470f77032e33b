#include "../../../support/catch.hpp"

#include <sake/http/http1/pipeline.hpp>

#include <chrono>
#include <deque>
#include <random>

using sake::http::pipeline;
using sake::http::pipelined_response;
using sake::http::time_point;

namespace {

pipelined_response due_at(int hours) {
  pipelined_response made;
  made.due = time_point{std::chrono::hours{hours}};
  return made;
}

long hours(const pipelined_response& of) {
  return std::chrono::duration_cast<std::chrono::hours>(of.due.time_since_epoch()).count();
}

} // namespace

TEST_CASE("a pipeline gives responses in their order", "[http][pipeline]") {
  pipeline queue;
  CHECK(queue.empty());
  CHECK(queue.at(0) == nullptr);
  for (int i = 1; i <= 3; ++i)
    CHECK(hours(queue.push() = due_at(i)) == i);
  CHECK(queue.size() == 3);
  CHECK(hours(queue.front()) == 1);
  CHECK(hours(queue.back()) == 3);
  CHECK(hours(*queue.at(1)) == 2);
  CHECK(queue.at(3) == nullptr);
  // The position that results for an id that was answered long ago.
  CHECK(queue.at(~std::uint64_t{0}) == nullptr);
  queue.pop();
  CHECK(hours(queue.front()) == 2);
  queue.clear();
  CHECK(queue.empty());
}

TEST_CASE("a pipeline behaves as a deque while it grows and wraps around", "[http][pipeline]") {
  pipeline queue;
  std::deque<int> model;
  std::mt19937 random{4};
  for (int i = 0; i < 20'000; ++i) {
    // Alternates between stretches with more pushes and with more pops.
    const bool grows = i / 500 % 2 == 0;
    if (random() % 8 < (grows ? 5U : 3U)) {
      queue.push() = due_at(i);
      model.push_back(i);
    } else if (!model.empty()) {
      queue.pop();
      model.pop_front();
    }
    REQUIRE(queue.size() == model.size());
    if (!model.empty()) {
      REQUIRE(hours(queue.front()) == model.front());
      REQUIRE(hours(queue.back()) == model.back());
      const auto position = random() % model.size();
      REQUIRE(hours(*queue.at(position)) == model[position]);
    }
  }
}

TEST_CASE("first_waiting() is the oldest entry without a response", "[http][pipeline]") {
  pipeline queue;
  CHECK(queue.first_waiting() == nullptr);
  for (int i = 0; i < 3; ++i)
    queue.push() = due_at(i);
  CHECK(queue.first_waiting() == queue.at(0));
  queue.at(0)->at = pipelined_response::state::whole;
  CHECK(queue.first_waiting() == queue.at(1));
  queue.at(2)->at = pipelined_response::state::whole;
  CHECK(queue.first_waiting() == queue.at(1));
  queue.at(1)->at = pipelined_response::state::whole;
  CHECK(queue.first_waiting() == nullptr);
}

TEST_CASE("popping an entry releases its response", "[http][pipeline]") {
  pipeline queue;
  const sake::http::response kept{200};
  pipelined_response added;
  added.response = kept;
  queue.push() = std::move(added);
  CHECK(kept.data().references == 2);
  queue.pop();
  CHECK(kept.data().references == 1);
  queue.push();
  CHECK(queue.front().at == pipelined_response::state::waiting);
}
