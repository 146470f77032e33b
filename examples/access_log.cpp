// An access log: one line for each response that a client got, whoever made it.
#include <sake/sake.hpp>

#include <chrono>
#include <cstddef>
#include <memory>
#include <new>
#include <string>

// [observer]
/// Logs each response once its last octet is taken. Each reactor has one of its own, so it needs no
/// lock.
class access_log final : public sake::access_observer {
public:
  void on_response(const sake::access_record& of) noexcept override try {
    using std::chrono::duration_cast, std::chrono::microseconds;
    sake::log(sake::log_level::info, "access",
              {{"method", of.method},
               {"target", of.target},
               {"protocol", of.protocol},
               {"status", of.status},
               {"outcome", to_string(of.outcome)},
               {"received", of.received},
               {"sent", of.sent},
               {"us", duration_cast<microseconds>(of.until_end).count()},
               {"route", of.route_pattern},
               {"peer", of.peer.to_string()},
               {"request_id", of.request_id}});
  } catch (const std::bad_alloc&) { // no memory for the line
  }
};
// [/observer]

int main(int argc, char** argv) {
  sake::engine app;
  // [registration]
  app.observe_access([](std::size_t) { return std::make_unique<access_log>(); });
  // [/registration]

  app.get("/hello/:name", [](sake::context& ctx) {
    ctx.string(200, "Hello, " + std::string{ctx.param("name")} + "!\n");
  });

  app.post("/echo", [](sake::context& ctx) { ctx.string(200, ctx.body()); });

  return app.run(argc > 1 ? argv[1] : "127.0.0.1:8080");
}
