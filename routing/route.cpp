#include "route.hpp"

#include "../http/quote.hpp"
#include "detail/registration.hpp"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <stdexcept>
#include <string_view>

namespace sake {

namespace {

// The call in the program that sets `place`.
std::string written(const routing::placement& place) {
  using kind = routing::placement::kind;
  switch (place.where) {
    case kind::reactor:
      return ".pinned_to_reactor()";
    case kind::scheduler:
      return ".on_scheduler()";
    case kind::detached:
      return ".detached()";
    case kind::pool:
      return place.pool.empty() ? ".worker()" : ".worker(\"" + place.pool + "\")";
    case kind::automatic:
      break;
  }
  return "";
}

constexpr std::size_t max_restarts = 1000;
constexpr std::chrono::milliseconds longest = std::chrono::hours{24};

// Whether `text` is neither empty nor holds white space or a control octet. So it differs from the
// "GET /users/:id" of a route without a name.
bool is_word(std::string_view text) noexcept {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](unsigned char c) {
    return c > ' ' && c != 0x7f;
  });
}

// The first error in `limits`, or null.
const char* find_error(const supervision& policy) {
  using namespace std::chrono_literals;
  if (policy.restarts > max_restarts)
    return ".supervised() counts 1000 restarts at most";
  if (policy.within < 1ms || policy.quarantine < 1ms)
    return ".supervised() needs times above 0 for within and quarantine";
  if (policy.backoff < 0ms || policy.backoff_max < policy.backoff)
    return ".supervised() needs a backoff of 0 or more, and a backoff_max that is not below it";
  if (std::max({policy.within, policy.backoff_max, policy.quarantine}) > longest)
    return ".supervised() takes times of a day at most";
  return nullptr;
}

} // namespace

const std::shared_ptr<const routing::layer>& routing::detail::checked_layer(
    const handler& given, const std::string& what) {
  if (given.get() == nullptr)
    throw std::invalid_argument(what
                                + " is empty: it is a null function pointer, an empty "
                                  "std::function or actor handle, or was moved from");
  return given.get();
}

std::shared_ptr<const routing::layer> routing::detail::checked_middleware(
    const handler& middleware, const std::string& owner) {
  if (checked_layer(middleware, owner + ": a middleware")->is_actor())
    throw std::invalid_argument(
        owner + ": an actor cannot be middleware: it answers requests and passes none on");
  return middleware.get();
}

route::route(key, std::string title, std::string method, std::string pattern, handler handler,
             const routing::detail::group_node* group, routing::detail::registration& registration)
    : method_(std::move(method)),
      pattern_(std::move(pattern)),
      handler_(std::move(handler)),
      group_(group),
      registration_(&registration) {
  choices_.name = std::move(title);
}

route::choices& route::change() {
  if (!registration_->is_open)
    throw std::logic_error("route " + choices_.name
                           + ": its options are set before the engine starts");
  return choices_;
}

void route::add_middleware(const handler& middleware) {
  change().middleware.push_back(
      routing::detail::checked_middleware(middleware, "route " + choices_.name));
}

route& route::worker(std::string pool) {
  return place({routing::placement::kind::pool, std::move(pool)});
}

route& route::on_scheduler() {
  return place({routing::placement::kind::scheduler, {}});
}

route& route::detached() {
  return place({routing::placement::kind::detached, {}});
}

route& route::pinned_to_reactor() {
  return place({routing::placement::kind::reactor, {}});
}

route& route::place(routing::placement where) {
  auto& to = change();
  if (const char* const reason = handler_.get()->immovable_because())
    throw std::invalid_argument("route " + to.name + ": " + written(where) + " cannot be, for "
                                + reason);
  if (to.placement.where != routing::placement::kind::automatic && to.placement != where)
    throw std::invalid_argument("route " + to.name + ": " + written(to.placement) + " and "
                                + written(where) + " exclude each other");
  to.placement = std::move(where);
  return *this;
}

void route::check_admission() const {
  if (choices_.admission.high_priority && choices_.admission.has_any())
    throw std::invalid_argument("route " + choices_.name
                                + ": .high_priority() and limits exclude each other");
}

route& route::max_in_flight(std::size_t n) {
  auto& to = change();
  if (n == 0)
    throw std::invalid_argument("route " + to.name + ": .max_in_flight() needs a limit above 0");
  to.admission.max_in_flight = n;
  check_admission();
  return *this;
}

route& route::max_queued(std::size_t n) {
  auto& to = change();
  if (n == 0)
    throw std::invalid_argument("route " + to.name + ": .max_queued() needs a limit above 0");
  if (handler_.get()->is_actor())
    throw std::invalid_argument(
        "route " + to.name
        + ": .max_queued() is for functions; what waits for an actor is bounded by "
          ".max_in_flight()");
  to.admission.max_queued = n;
  check_admission();
  return *this;
}

route& route::high_priority() {
  change().admission.high_priority = true;
  check_admission();
  return *this;
}

route& route::streams_content() {
  auto& to = change();
  if (handler_.get()->is_actor())
    throw std::invalid_argument(
        "route " + to.name
        + ": an actor takes its content whole, .streams_content() is for functions");
  to.streams_content = true;
  return *this;
}

route& route::limits(const route_limits& limits) {
  change().limits = limits;
  return *this;
}

route& route::idempotent() {
  change().is_idempotent = true;
  return *this;
}

route& route::version(std::string version) {
  auto& to = change();
  if (std::ranges::any_of(version,
                          [](unsigned char octet) { return octet < 0x20 || octet == 0x7f; }))
    throw std::invalid_argument("route " + to.name + ": .version() takes no control octet");
  to.version = std::move(version);
  return *this;
}

route& route::timeout(std::chrono::milliseconds patience) {
  auto& to = change();
  if (patience.count() < 0 || patience > longest)
    throw std::invalid_argument("route " + to.name + ": .timeout() needs 0 to 24 hours");
  to.timeout = patience;
  return *this;
}

void route::check_spawns(const char* what) const {
  if (!handler_.get()->spawns())
    throw std::invalid_argument("route " + choices_.name + ": " + what
                                + " is for behavior functions and sake::spawned");
}

route& route::per_request() {
  auto& to = change();
  check_spawns(".per_request()");
  to.actors.what = routing::actor_use::kind::per_request;
  check_outlives_requests();
  return *this;
}

void route::check_outlives_requests() const {
  if (choices_.is_supervised && choices_.actors.what == routing::actor_use::kind::per_request)
    throw std::invalid_argument(
        "route " + choices_.name
        + ": .supervised() is for actors that outlive a request, not for .per_request()");
}

bool route::shares_actors() const noexcept {
  return handler_.get()->spawns() && choices_.actors.what != routing::actor_use::kind::per_request;
}

route& route::supervised(const supervision& policy) {
  auto& to = change();
  check_spawns(".supervised()");
  if (const char* const error = find_error(policy))
    throw std::invalid_argument("route " + to.name + ": " + error);
  to.is_supervised = true;
  check_outlives_requests();
  to.actors.supervision = policy;
  return *this;
}

route& route::keyed_by(std::string parameter, std::chrono::milliseconds idle, std::size_t most) {
  auto& to = change();
  check_spawns(".keyed_by()");
  if ((pattern_ + '/').find(":" + parameter + '/') == std::string::npos)
    throw std::invalid_argument("route " + to.name + ": the path has no parameter :" + parameter);
  if (idle.count() < 1 || most < 1)
    throw std::invalid_argument("route " + to.name
                                + ": .keyed_by() needs a time and a limit above 0");
  to.actors.what = routing::actor_use::kind::keyed;
  to.actors.key = std::move(parameter);
  to.actors.idle = idle;
  to.actors.most = most;
  return *this;
}

route& route::name(std::string name) {
  auto& to = change();
  if (name == to.name)
    return *this;
  if (registration_->names.contains(to.name))
    throw std::logic_error("route " + to.name + ": .name() is called twice, now with "
                           + http::quote(name));
  if (!is_word(name))
    throw std::invalid_argument("route " + to.name + ": .name() needs one word, not "
                                + http::quote(name));
  const auto [named, is_new] = registration_->names.try_emplace(name, to.name);
  if (!is_new)
    throw std::invalid_argument("route " + to.name + ": route " + named->second + " has the name "
                                + http::quote(name));
  to.name = std::move(name);
  return *this;
}

} // namespace sake
