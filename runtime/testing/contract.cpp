#include "contract.hpp"

#include "../../actors/handlers/handler.hpp"

#include <caf/event_based_actor.hpp>

#include <algorithm>
#include <chrono>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>

namespace sake::testing {

namespace {

using responses = std::vector<response>;

bool is_chunked(const response& sent) {
  return sent.has_header("Transfer-Encoding");
}

std::vector<std::pair<std::string, std::string>> unframed(const response& sent) {
  std::vector<std::pair<std::string, std::string>> fields;
  for (const auto& [name, value] : sent.headers())
    if (name != "Transfer-Encoding" && name != "Content-Length")
      fields.emplace_back(name, value);
  return fields;
}

// Compares octet for octet, except for chunked responses, as the transport decides where chunks
// end, and for a relay's own 504, which the middleware behind it does not see.
bool is_same(const response& one, const response& other, bool is_relayed) {
  const bool is_streamed = is_chunked(one) || is_chunked(other);
  if (is_relayed && one.status() == 504)
    return other.status() == 504;
  if (!is_streamed)
    return one.raw() == other.raw();
  return (is_relayed || is_chunked(one) == is_chunked(other)) && one.status() == other.status()
         && unframed(one) == unframed(other) && one.content() == other.content();
}

// Sets the place of every route that allows it.
void place(routing_registry& registry, void (*where)(route&)) {
  for (route& each : registry.routes()) {
    try {
      where(each);
    } catch (const std::invalid_argument&) {
      // An actor that was spawned outside, or a route that says where it runs.
    }
  }
}

// Lets time pass up to the next event of either runtime; false if there is none.
bool pass_to_next_due(test_runtime& one, test_runtime& other) {
  const auto never = actors::time_point::max();
  const auto next = std::min(one.next_due().value_or(never), other.next_due().value_or(never));
  if (next == never)
    return false;
  const auto by = std::max(next - one.clock().now(), std::chrono::nanoseconds{0});
  one.pass(by);
  other.pass(by);
  return true;
}

// `front` asks `back`, so both must be idle before time passes.
response take_from(pending_response pending, test_runtime& front, test_runtime& back) {
  do
    while (front.step() || back.step()) {
    }
  while (!pending.is_ready() && pass_to_next_due(front, back));
  return pending.take(); // throws if no response has come
}

responses ask_each(test_app& app, const std::vector<request>& requests) {
  responses got;
  for (const auto& each : requests)
    got.push_back(app.ask(each));
  return got;
}

// -- the places -------------------------------------------------------------------------

using registration = test_app::registration;

responses run_as_functions(const registration& add_routes, const std::vector<request>& requests,
                           config options) {
  test_app app{add_routes, options.with_worker_pool(false)};
  return ask_each(app, requests);
}

responses run_in(void (*where)(route&), const registration& add_routes,
                 const std::vector<request>& requests, config options) {
  test_app app{add_routes, options.with_worker_pool(true)};
  place(app.runtime().registry(), where);
  return ask_each(app, requests);
}

responses run_on_pool(const registration& add_routes, const std::vector<request>& requests,
                      config options) {
  return run_in([](route& each) { each.worker(); }, add_routes, requests, std::move(options));
}

responses run_on_scheduler(const registration& add_routes, const std::vector<request>& requests,
                           config options) {
  return run_in([](route& each) { each.on_scheduler(); }, add_routes, requests, std::move(options));
}

responses run_detached(const registration& add_routes, const std::vector<request>& requests,
                       config options) {
  return run_in([](route& each) { each.detached(); }, add_routes, requests, std::move(options));
}

responses run_moved(const registration& add_routes, const std::vector<request>& requests,
                    config options) {
  test_app app{add_routes, options.with_worker_pool(true)};
  app.runtime().move_handlers();
  return ask_each(app, requests);
}

// The routes run behind the router of another app; an actor forwards requests to it.
responses run_behind_actor(const registration& add_routes, const std::vector<request>& requests,
                           config options) {
  test_app back{add_routes, options};
  const auto router = caf::actor_cast<caf::actor>(back.runtime().shard().router());
  test_app front{options};
  const auto relay = front.spawn([router](caf::event_based_actor* self) {
    return caf::behavior{
        [self, router](const http::request& passed) { return self->delegate(router, passed); }};
  });
  front.routes().any("/", relay);
  front.routes().any("/*path", relay); // which is never empty
  responses got;
  for (const auto& each : requests)
    got.push_back(take_from(front.send(each), front.runtime(), back.runtime()));
  return got;
}

struct way {
  const char* name;
  responses (*run)(const registration&, const std::vector<request>&, config);
  /// Whether an actor gets the response, and so a streamed one as one message.
  bool is_relayed = false;
};

// The first is the reference for the others.
constexpr way ways[] = {
    {"as functions", run_as_functions},        {"on the worker pool", run_on_pool},
    {"on CAF's scheduler", run_on_scheduler},  {"detached", run_detached},
    {"moved by the adaptive mode", run_moved}, {"behind an actor", run_behind_actor, true},
};

} // namespace

verdict check_contract(const registration& add_routes, const std::vector<request>& requests,
                       const config& options) {
  std::optional<responses> expected;
  for (const auto& each : ways) {
    auto got = each.run(add_routes, requests, options);
    for (std::size_t i = 0; expected && i < got.size(); ++i)
      if (!is_same(got[i], (*expected)[i], each.is_relayed))
        return verdict{requests[i].title() + " is answered otherwise " + each.name + " than "
                       + ways[0].name + "; expected\n" + (*expected)[i].raw() + "\ngot\n"
                       + got[i].raw()};
    if (!expected)
      expected = std::move(got);
  }
  return {};
}

verdict check_contract(std::string_view path, const handler& one,
                       const std::vector<request>& requests, const config& options) {
  const auto add_route = [path, &one](route_group& app) { app.any(path, one); };
  return check_contract(add_route, requests, options);
}

} // namespace sake::testing
