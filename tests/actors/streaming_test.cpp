// Streamed content between its consumer and its connection.
#include "../support/catch.hpp"
#include "../support/shard_fixture.hpp"
#include "../support/wire.hpp"

#include <sake/actors/reactor/detail/element.hpp>
#include <sake/actors/reactor/messages.hpp>

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <vector>

using sake::http::content_stream;
using sake::http::request;
using sake::http::response;
using sake::test::closes;
using sake::test::get;
using sake::test::post;
using sake::test::post_head;
using sake::test::shard_fixture;
using sake::test::text_on_wire;
using namespace std::chrono_literals;

namespace {

constexpr std::size_t capacity = 1000;

// Replaces the router: keeps every request until the test answers it.
class keeper final : public sake::actors::reactor_actor {
public:
  keeper(caf::actor_config& cfg, sake::actors::reactor& home) : reactor_actor(cfg, home) {}

  struct kept {
    request asked{nullptr};
    caf::strong_actor_ptr by;
    caf::message_id id;
  };
  std::vector<kept> requests;

private:
  void receive(caf::mailbox_element_ptr& message) override {
    requests.push_back({*sake::actors::detail::value_of<request>(*message),
                        std::move(message->sender), message->mid});
  }
};

struct streaming_fixture : shard_fixture {
  streaming_fixture()
      : shard_fixture([] {
          sake::http::settings chosen;
          chosen.limits.buffered_content_bytes = capacity;
          return chosen;
        }()) {
    auto& reactor = shard().reactor();
    keeper_ = sake::actors::spawn_on<keeper>(reactor);
    replace_router(keeper_);
  }

  [[nodiscard]] std::vector<keeper::kept>& requests() {
    return static_cast<keeper*>(caf::actor_cast<caf::abstract_actor*>(keeper_))->requests;
  }
  [[nodiscard]] content_stream& stream(std::size_t i = 0) {
    return *requests().at(i).asked.data().stream;
  }
  // The octets that the consumer takes in a turn of its reactor.
  std::string take() {
    std::string taken;
    shard().reactor().post([&] { taken = stream().take(); });
    run();
    return taken;
  }
  void answer(std::size_t i, std::string_view text) {
    auto& to = requests().at(i);
    to.by->enqueue(nullptr, to.id.response_id(), caf::make_message(response::text(200, text)),
                   nullptr);
    run();
  }

private:
  caf::strong_actor_ptr keeper_;
};

} // namespace

TEST_CASE("a request with large content is dispatched before its content has arrived",
          "[actors][streaming]") {
  streaming_fixture app;
  auto peer = app.connect();
  (void)app.ask(peer, post_head("/", capacity + 1));
  REQUIRE(app.requests().size() == 1);
  CHECK(app.requests()[0].asked.content().empty());
  CHECK(app.take().empty());
  (void)app.ask(peer, "abc");
  CHECK(app.take() == "abc");
  (void)app.ask(peer, std::string(capacity - 2, 'x'));
  CHECK(app.stream().status() == content_stream::state::open);
  CHECK(app.take().size() == capacity - 2);
  CHECK(app.stream().status() == content_stream::state::complete);
  app.answer(0, "thanks");
  CHECK(peer.take() == text_on_wire(200, "thanks"));
  (void)app.ask(peer, get("/"));
  CHECK(app.requests().size() == 2);
}

TEST_CASE("while the content is not taken, the connection does not read", "[actors][streaming]") {
  streaming_fixture app;
  auto peer = app.connect();
  peer.cut_reads(300);
  constexpr std::size_t length = 20 * capacity;
  peer.send(post_head("/", length) + std::string(length, 'x') + get("/next"));
  app.run();
  const auto unread = peer.unread();
  CHECK(unread > length - 2 * capacity); // most of it stays with the peer
  CHECK_FALSE(peer.awaits_input());
  app.advance(5s);
  CHECK(peer.unread() == unread);

  // Each take lets in as many octets as there is room for.
  std::size_t taken = 0;
  std::size_t most = 0;
  while (taken < length) {
    const auto part = app.take();
    REQUIRE_FALSE(part.empty());
    most = std::max(most, part.size());
    taken += part.size();
  }
  CHECK(most < capacity + 300);
  CHECK(app.stream().status() == content_stream::state::complete);
  // The same read has delivered the next request, which waits for the response.
  CHECK(app.requests().size() == 1);
  app.answer(0, "first");
  CHECK(peer.take() == text_on_wire(200, "first"));
  REQUIRE(app.requests().size() == 2);
  CHECK(app.requests()[1].asked.path() == "/next");
  app.answer(1, "second");
  CHECK(peer.take() == text_on_wire(200, "second"));
}

TEST_CASE("a response before the end of the content closes the connection after it",
          "[actors][streaming]") {
  streaming_fixture app;
  auto peer = app.connect();
  (void)app.ask(peer, post_head("/", 100 * capacity) + "some");
  app.answer(0, "enough");
  CHECK(peer.take() == text_on_wire(200, "enough", closes));
  // Further input is read and discarded, so that the client sees the response.
  CHECK(peer.has_shut_down());
  (void)app.ask(peer, std::string(500, 'x'));
  CHECK(peer.unread() == 0);
  peer.finish();
  app.run();
  CHECK(peer.is_closed());
  CHECK(app.stream().status() == content_stream::state::failed);
}

TEST_CASE("the consumer is notified that the content will be incomplete", "[actors][streaming]") {
  int told = 0;
  streaming_fixture app;
  auto peer = app.connect();
  (void)app.ask(peer, "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n600\r\n"
                          + std::string(0x600, 'x') + "\r\n");
  REQUIRE(app.requests().size() == 1);
  CHECK(app.take().size() == 0x600);
  app.stream().on_readable([&] { ++told; });
  SECTION("the client left") {
    peer.finish();
    app.run();
    CHECK(peer.is_closed());
  }
  SECTION("the client broke the framing") {
    CHECK_FALSE(app.ask(peer, "?\r\n").empty());
  }
  SECTION("the client was too slow") {
    app.advance(40s);
    CHECK_FALSE(peer.take().empty());
  }
  SECTION("the shard ended") {
    app.close();
  }
  CHECK(told == 1);
  CHECK(app.stream().status() == content_stream::state::failed);
  // A response is dropped now.
  (void)peer.take();
  if (!peer.is_closed()) {
    app.answer(0, "late");
    CHECK(peer.take().empty());
  }
}

TEST_CASE("refused content does not replace a response that is ready", "[actors][streaming]") {
  streaming_fixture app;
  auto peer = app.connect();
  (void)app.ask(peer, get("/first")
                          + "GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n600\r\n"
                          + std::string(0x600, 'x') + "\r\n");
  REQUIRE(app.requests().size() == 2);
  app.answer(1, "early");
  CHECK(app.ask(peer, "?\r\n").empty());
  app.answer(0, "first");
  // The content is discarded; the refusal is not sent and closes the connection.
  CHECK(peer.take() == text_on_wire(200, "first") + text_on_wire(200, "early"));
  CHECK(peer.has_shut_down());
  peer.finish();
  app.run();
  CHECK(peer.is_closed());
}

TEST_CASE("time in which the content is not taken does not count against the client",
          "[actors][streaming]") {
  streaming_fixture app;
  auto peer = app.connect();
  constexpr std::size_t length = 3 * capacity;
  (void)app.ask(peer, post_head("/", length) + std::string(2 * capacity, 'x'));
  CHECK_FALSE(peer.awaits_input());
  app.advance(29s);
  CHECK(app.take().size() == 2 * capacity);
  CHECK(peer.awaits_input());
  // The remaining time runs on: 30 s, and one second for each 500 octets.
  app.advance(33'999ms);
  CHECK(peer.take().empty());
  (void)app.ask(peer, std::string(capacity, 'x'));
  CHECK(app.take().size() == capacity);
  CHECK(app.stream().status() == content_stream::state::complete);
}

TEST_CASE("a client that stops sending is refused, whatever was taken before",
          "[actors][streaming]") {
  streaming_fixture app;
  auto peer = app.connect();
  (void)app.ask(peer, post_head("/", 3 * capacity));
  app.advance(20s);
  (void)app.ask(peer, std::string(2 * capacity, 'x'));
  app.advance(29s);
  (void)app.take();
  app.advance(13'999ms);
  CHECK(peer.take().empty());
  app.advance(1ms);
  CHECK(peer.take().starts_with("HTTP/1.1 408 "));
}

TEST_CASE("the consumer's time runs while the client cannot send more", "[actors][streaming]") {
  streaming_fixture app;
  auto peer = app.connect();
  (void)app.ask(peer, post_head("/", 5 * capacity) + std::string(capacity, 'x'));
  app.advance(29s);
  CHECK(app.take().size() == capacity);
  app.advance(20s); // time of the client
  CHECK(app.ask(peer, std::string(capacity, 'x')).empty());
  app.advance(29'999ms);
  CHECK(peer.take().empty());
  app.advance(1ms);
  CHECK(peer.take() == sake::test::plain_on_wire(504));
}

TEST_CASE("the consumer's time runs from the end of the content", "[actors][streaming]") {
  streaming_fixture app;
  auto peer = app.connect();
  (void)app.ask(peer, post_head("/", capacity + 1) + std::string(capacity, 'x'));
  CHECK(app.take().size() == capacity);
  app.advance(29s);
  CHECK(app.ask(peer, "x").empty());
  app.advance(29'999ms);
  CHECK(peer.take().empty());
  app.advance(1ms);
  CHECK(peer.take() == sake::test::plain_on_wire(504));
}

TEST_CASE("a response that is ready in the turn of the client's end is sent",
          "[actors][streaming]") {
  streaming_fixture app;
  auto peer = app.connect();
  CHECK(app.ask(peer, get("/")).empty());
  peer.finish();
  {
    auto& reactor = app.shard().reactor();
    const sake::actors::reactor::stay here{reactor};
    const sake::actors::reactor::turn now{reactor};
    auto& to = app.requests().at(0);
    to.by->enqueue(nullptr, to.id.response_id(), caf::make_message(response::text(200, "just")),
                   &reactor);
    CHECK(peer.take().empty()); // sent at the end of the turn
    REQUIRE(app.step_reactors());
  }
  app.run();
  CHECK(peer.take() == text_on_wire(200, "just"));
  CHECK(peer.is_closed());
}
