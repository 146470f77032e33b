// A listener with transports other than plain sockets.
#include "../support/catch.hpp"
#include "../support/client.hpp"
#include "../support/fitful_transport.hpp"
#include "../support/shard_fixture.hpp"

#include <sake/actors/connection/socket_transport.hpp>
#include <sake/runtime/listener.hpp>
#include <sake/runtime/listening_sockets.hpp>

#include <chrono>
#include <cstdint>
#include <future>
#include <memory>
#include <string>

using namespace sake::test;
namespace actors = sake::actors;

namespace {

// Makes fitful transports over sockets.
class fitful_factory final : public actors::transport_factory {
public:
  explicit fitful_factory(sake::testing::ready_queue& queue) : queue_(queue) {}

  [[nodiscard]] std::unique_ptr<actors::transport> make(actors::reactor& home,
                                                        int socket) const override {
    return std::make_unique<fitful_transport>(
        std::make_unique<actors::socket_transport>(home, socket), queue_,
        std::make_shared<fitful_state>(), ++made);
  }

  mutable std::uint32_t made = 0;

private:
  sake::testing::ready_queue& queue_;
};

} // namespace

TEST_CASE("A listener serves over the transports of its factory", "[e2e][transport]") {
  shard_fixture app;
  const std::string large(200'000, 'x');
  app.get("/", [](sake::context& ctx) { ctx.string(200, "root"); });
  app.get("/large", [&large](sake::context& ctx) { ctx.string(200, large); });
  sake::testing::ready_queue queue{app.shard().reactor()};
  const fitful_factory transports{queue};
  actors::connection_limit limit{10, 0};
  auto sockets = sake::listening_sockets::open(*sake::address::parse("127.0.0.1:0"), 1, {});
  REQUIRE(sockets.has_value());
  const auto port = sockets->port();
  sake::listener listener{app.shard(), sockets->take(0), limit, transports};
  listener.start();

  auto served = std::async(std::launch::async, [port] {
    std::string got;
    for (int i = 0; i < 5; ++i) {
      client on{port};
      on.send(fitful_transport::hello);
      on.send(get("/") + get("/large", "Connection: close\r\n"));
      got = on.read_to_end();
    }
    return got;
  });
  app.run_until([&] {
    while (queue.size() != 0)
      queue.handle(0);
    return served.wait_for(std::chrono::seconds{0}) == std::future_status::ready;
  });
  const auto got = served.get();
  CHECK(got.starts_with(std::string{fitful_transport::welcome} + "HTTP/1.1 200 OK\r\n"));
  CHECK(got.ends_with("\r\n\r\n" + large));
  CHECK(transports.made == 5);
  app.close();
}
