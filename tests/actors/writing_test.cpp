// Responses that the peer does not take at once.
#include "../support/catch.hpp"
#include "../support/shard_fixture.hpp"
#include "../support/wire.hpp"

#include <chrono>
#include <cstddef>
#include <string>

using sake::context;
using sake::test::get;
using sake::test::shard_fixture;
using sake::test::text_on_wire;
using namespace std::chrono_literals;

namespace {

constexpr std::size_t large = 100'000;

struct writing_fixture : shard_fixture {
  writing_fixture() {
    this->get("/small/:name", [this](context& ctx) {
      ++handled;
      ctx.string(200, ctx.param("name"));
    });
    this->get("/large/:letter", [this](context& ctx) {
      ++handled;
      ctx.string(200, std::string(large, ctx.param("letter").front()));
    });
  }

  int handled = 0;
};

std::string large_answer(char letter) {
  return text_on_wire(200, std::string(large, letter));
}

} // namespace

TEST_CASE("a response is sent as the peer makes room", "[actors][writing]") {
  writing_fixture app;
  auto peer = app.connect();
  peer.accept(1);
  auto got = app.ask(peer, get("/small/a"));
  CHECK(got.size() == 1);
  CHECK_FALSE(peer.awaits_input());
  while (got.size() < text_on_wire(200, "a").size()) {
    peer.accept(7);
    app.run();
    const auto part = peer.take();
    REQUIRE_FALSE(part.empty());
    got += part;
  }
  CHECK(got == text_on_wire(200, "a"));
  CHECK(peer.awaits_input());
  peer.accept(10'000);
  CHECK(app.ask(peer, get("/small/b")) == text_on_wire(200, "b"));
}

TEST_CASE("while the peer does not read, no further request is read", "[actors][writing]") {
  writing_fixture app;
  auto peer = app.connect();
  peer.accept(0);
  (void)app.ask(peer, get("/small/a"));
  (void)app.ask(peer, get("/small/b"));
  CHECK(app.handled == 1);
  CHECK(peer.unread() == get("/small/b").size());
  peer.accept(10'000);
  app.run();
  CHECK(peer.take() == text_on_wire(200, "a") + text_on_wire(200, "b"));
}

TEST_CASE("a pipeline that the peer reads slowly is answered whole and in order",
          "[actors][writing]") {
  writing_fixture app;
  auto peer = app.connect();
  peer.accept(1000);
  std::string requests;
  std::string answers;
  for (char letter = 'a'; letter < 'k'; ++letter) {
    requests += get(std::string{"/large/"} + letter);
    answers += large_answer(letter);
  }
  auto got = app.ask(peer, requests);
  for (std::size_t turns = 0; got.size() < answers.size() && turns < 1000; ++turns) {
    peer.accept(30'000);
    app.run();
    got += peer.take();
  }
  CHECK((got == answers)); // in parentheses, so that a failure does not print a megabyte
  CHECK(peer.awaits_input());
}

TEST_CASE("a pipeline larger than one write is answered whole", "[actors][writing]") {
  writing_fixture app;
  auto peer = app.connect();
  std::string requests;
  std::string answers;
  for (char letter = 'a'; letter < 'k'; ++letter) {
    requests += get(std::string{"/large/"} + letter);
    answers += large_answer(letter);
  }
  SECTION("the peer takes everything") {
    CHECK((app.ask(peer, requests) == answers));
  }
  SECTION("the peer makes room for everything later") {
    peer.accept(0);
    (void)app.ask(peer, requests);
    peer.accept(10'000'000);
    app.run();
    CHECK((peer.take() == answers));
  }
  CHECK(peer.awaits_input());
  CHECK((app.ask(peer, get("/small/z")) == text_on_wire(200, "z")));
}

TEST_CASE("a connection is closed when its peer fails during a write", "[actors][writing]") {
  writing_fixture app;
  auto peer = app.connect();
  peer.accept(1);
  (void)app.ask(peer, get("/large/a"));
  peer.reset();
  app.run();
  CHECK(peer.is_gone());
}

TEST_CASE("a peer that has ended its input gets every response, however slowly it reads",
          "[actors][writing]") {
  writing_fixture app;
  auto peer = app.connect();
  peer.accept(1);
  peer.send(get("/large/a") + get("/small/b"));
  peer.finish();
  app.run();
  CHECK_FALSE(peer.is_closed());
  peer.accept(1'000'000);
  app.run();
  CHECK((peer.take() == large_answer('a') + text_on_wire(200, "b")));
  CHECK(peer.is_gone());
}

TEST_CASE("a reactor releases the memory of a large encoded response", "[actors][writing]") {
  writing_fixture app;
  app.get("/huge", [](context& ctx) { ctx.string(200, std::string(1'000'000, 'x')); });
  auto peer = app.connect();
  CHECK(app.ask(peer, get("/huge")).size() > 1'000'000);
  CHECK(app.shard().reactor().output().capacity() <= 256 * 1024);
  CHECK(app.ask(peer, get("/small/a")) == text_on_wire(200, "a"));
  // The memory for small responses is kept.
  CHECK(app.shard().reactor().output().capacity() > 0);
}
