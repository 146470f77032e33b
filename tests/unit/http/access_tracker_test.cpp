// The follower of responses: what it tells, and when.
#include "../../support/access_recorder.hpp"
#include "../../support/allocations.hpp"
#include "../../support/catch.hpp"

#include <sake/http/access_tracker.hpp>

#include <chrono>
#include <memory>
#include <string>
#include <vector>

using namespace sake::http;
using namespace std::chrono_literals;

namespace {

struct access_fixture {
  access_fixture() {
    observers.push_back(std::make_unique<sake::test::access_recorder>(records));
    tracker = std::make_unique<access_tracker>(observers, peer{peer::family::local}, 12,
                                               [this] { return time; });
  }

  void begin(std::uint64_t id, const char* target = "/a") {
    tracker->on_head(id, request::make("GET", target), "HTTP/1.1");
  }
  // A response whose octets are encoded, but not taken.
  void respond(std::uint64_t id, int status, std::size_t octets) {
    tracker->on_answer(id);
    encode(id, octets, status);
    tracker->on_end(id, access_outcome::sent);
  }
  void encode(std::uint64_t id, std::size_t octets, int status = 200) {
    ahead += octets;
    tracker->on_encoded(id, status, ahead);
  }
  void take(std::size_t octets) {
    ahead -= octets;
    tracker->on_taken(octets);
  }

  time_point time{1h};
  std::size_t ahead = 0;
  std::vector<sake::test::told_response> records;
  access_observers observers;
  std::unique_ptr<access_tracker> tracker;
};

} // namespace

TEST_CASE("A response is told once its last octet is taken", "[http][access]") {
  access_fixture own;
  own.begin(7);
  own.tracker->on_route(7, "GET /:name", "/:name");
  own.time += 2ms;
  own.respond(7, 200, 100);
  own.time += 3ms;
  own.take(99);
  CHECK(own.records.empty());
  own.time += 4ms;
  own.take(1);
  REQUIRE(own.records.size() == 1);
  const auto& told = own.records[0];
  CHECK(told.request == "GET /a HTTP/1.1");
  CHECK(told.request_id == "12-7");
  CHECK(told.peer == "local");
  CHECK(told.route_name == "GET /:name");
  CHECK(told.route_pattern == "/:name");
  CHECK(told.status == 200);
  CHECK(told.outcome == access_outcome::sent);
  CHECK(told.sent == 100);
  CHECK(told.until_response == 2ms);
  CHECK(told.until_end == 9ms);
}

TEST_CASE("The id of the client is kept if it may stand in a log", "[http][access]") {
  access_fixture own;
  own.tracker->on_head(1, request::make("GET", "/", {{"X-Request-Id", "abc"}}), "HTTP/1.1");
  own.respond(1, 200, 1);
  own.tracker->on_head(2, request::make("GET", "/", {{"X-Request-Id", "a b"}}), "HTTP/1.1");
  own.respond(2, 200, 1);
  own.take(2);
  REQUIRE(own.records.size() == 2);
  CHECK(own.records[0].request_id == "abc");
  CHECK(own.records[1].request_id == "12-2");
}

TEST_CASE("Octets that belong to no response are not counted", "[http][access]") {
  access_fixture own;
  own.begin(1);
  own.tracker->on_content(1, 10);
  own.tracker->on_content(1, 5);
  own.ahead += 25; // an interim response
  own.tracker->on_interim(own.ahead);
  own.respond(1, 200, 100);
  own.take(25);
  own.take(100);
  REQUIRE(own.records.size() == 1);
  CHECK(own.records[0].sent == 100);
  CHECK(own.records[0].received == 15);
}

TEST_CASE("Responses in pieces beside each other are counted apart", "[http][access]") {
  access_fixture own;
  own.begin(1);
  own.begin(3);
  own.encode(1, 10);
  own.encode(3, 20, 201);
  own.encode(1, 30);
  own.tracker->on_end(3, access_outcome::sent);
  own.take(25);
  CHECK(own.records.empty());
  own.take(5);
  REQUIRE(own.records.size() == 1);
  CHECK(own.records[0].status == 201);
  CHECK(own.records[0].sent == 20);
  own.take(30);
  CHECK(own.records.size() == 1);
  own.time += 5ms;
  SECTION("a response that ends without further octets ended with its last one") {
    own.tracker->on_end(1, access_outcome::sent);
    REQUIRE(own.records.size() == 2);
    CHECK(own.records[1].sent == 40);
    CHECK(own.records[1].until_end == 0ms);
  }
  SECTION("a response that the server cuts off has ended") {
    own.tracker->on_end(1, access_outcome::cut_off);
    REQUIRE(own.records.size() == 2);
    CHECK(own.records[1].outcome == access_outcome::cut_off);
    CHECK(own.records[1].status == 200);
  }
}

TEST_CASE("One write may end several responses", "[http][access]") {
  access_fixture own;
  for (std::uint64_t id = 1; id <= 5; ++id)
    own.begin(id);
  for (std::uint64_t id = 1; id <= 5; ++id)
    own.respond(id, 200, id);
  own.take(15);
  REQUIRE(own.records.size() == 5);
  for (std::size_t i = 0; i < 5; ++i)
    CHECK(own.records[i].sent == i + 1);
}

TEST_CASE("A refusal without a head is told with what is known", "[http][access]") {
  access_fixture own;
  own.tracker->on_refused(1, "HTTP/1.1");
  own.respond(1, 400, 60);
  own.take(60);
  REQUIRE(own.records.size() == 1);
  CHECK(own.records[0].request == "  HTTP/1.1");
  CHECK(own.records[0].request_id == "12-1");
  CHECK(own.records[0].route_name.empty());
  CHECK(own.records[0].status == 400);
}

TEST_CASE("The end of the connection ends the responses under way", "[http][access]") {
  access_fixture own;
  own.begin(1);
  own.respond(1, 200, 100);
  own.take(40);
  own.begin(2);
  own.respond(2, 201, 10);
  own.begin(3);
  own.time += 7ms;
  const auto how = GENERATE(access_outcome::client_left, access_outcome::cut_off);
  own.tracker->on_close(how);
  REQUIRE(own.records.size() == 3);
  CHECK(own.records[0].status == 200);
  CHECK(own.records[0].sent == 40);
  CHECK(own.records[1].status == 499);
  CHECK(own.records[1].sent == 0);
  CHECK(own.records[2].status == 499);
  CHECK(own.records[2].until_response == 7ms);
  CHECK(own.records[2].until_end == 7ms);
  for (const auto& each : own.records)
    CHECK(each.outcome == how);
}

TEST_CASE("After the end of the connection nothing is told", "[http][access]") {
  access_fixture own;
  own.begin(1);
  own.tracker->on_close(access_outcome::client_left);
  own.respond(1, 200, 100);
  own.begin(2);
  own.tracker->on_refused(3, "HTTP/1.1");
  own.respond(2, 200, 100);
  own.respond(3, 400, 100);
  own.take(300);
  CHECK(own.records.size() == 1);
}

TEST_CASE("The last answer before the first octet counts", "[http][access]") {
  access_fixture own;
  own.begin(1);
  own.tracker->on_answer(1);
  own.time += 1ms;
  own.tracker->on_answer(1);
  own.time += 1ms;
  own.encode(1, 10, 500);
  own.tracker->on_answer(1);
  own.tracker->on_end(1, access_outcome::sent);
  own.take(10);
  REQUIRE(own.records.size() == 1);
  CHECK(own.records[0].status == 500);
  CHECK(own.records[0].until_response == 1ms);
}

TEST_CASE("A response that the protocol makes is answered when it is encoded", "[http][access]") {
  access_fixture own;
  own.begin(1);
  own.time += 3ms;
  own.encode(1, 10, 504);
  own.tracker->on_end(1, access_outcome::sent);
  own.take(10);
  CHECK(own.records.at(0).until_response == 3ms);
}

TEST_CASE("A record for which there is no memory is dropped", "[http][access]") {
  access_fixture own;
  const auto message = request::make("GET", "/a-target-that-is-too-long-to-be-stored-in-place");
  {
    const sake::test::failing_allocations none{1};
    own.tracker->on_head(1, message, "HTTP/1.1");
  }
  own.respond(1, 200, 10);
  own.begin(2);
  {
    const sake::test::failing_allocations none{1};
    own.encode(2, 10);
  }
  own.tracker->on_end(2, access_outcome::sent);
  own.begin(3);
  own.respond(3, 200, 10);
  own.take(30);
  REQUIRE(own.records.size() == 1);
  CHECK(own.records[0].request_id == "12-3");
}
