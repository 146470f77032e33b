#include <sake/routing/group.hpp>

#include <sake/routing/registry.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <stdexcept>

namespace sake {

namespace {

// An actor answers; it cannot pass a request on.
std::shared_ptr<const routing::layer> checked_middleware(const handler& middleware) {
  if (middleware.get()->is_actor())
    throw std::invalid_argument(
        "an actor cannot be middleware: it answers requests and passes none on");
  return middleware.get();
}

// As the program wrote it.
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
    case kind::by_nature:
      break;
  }
  return "";
}

constexpr std::size_t most_restarts = 1000;
constexpr std::chrono::milliseconds longest = std::chrono::hours{24};

// What makes no sense in `bounds`, or null.
const char* find_error(const supervision& bounds) {
  using namespace std::chrono_literals;
  if (bounds.restarts > most_restarts)
    return ".supervised() counts 1000 restarts at most";
  if (bounds.within < 1ms || bounds.quarantine < 1ms)
    return ".supervised() needs times above 0 for within and quarantine";
  if (bounds.backoff < 0ms || bounds.backoff_max < bounds.backoff)
    return ".supervised() needs a backoff of 0 or more, and a backoff_max that is not below it";
  if (std::max({bounds.within, bounds.backoff_max, bounds.quarantine}) > longest)
    return ".supervised() takes times of a day at most";
  return nullptr;
}

} // namespace

// -- route ------------------------------------------------------------------------

void route::add_middleware(const handler& middleware) {
  middleware_.push_back(checked_middleware(middleware));
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
  if (const char* const reason = handler_.get()->immovable_because())
    throw std::invalid_argument("route " + title_ + ": " + written(where) + " cannot be, for "
                                + reason);
  if (placement_.where != routing::placement::kind::by_nature && placement_ != where)
    throw std::invalid_argument("route " + title_ + ": " + written(placement_) + " and "
                                + written(where) + " exclude each other");
  placement_ = std::move(where);
  return *this;
}

void route::check_bounds() const {
  if (bounds_.high_priority && bounds_.has_any())
    throw std::invalid_argument("route " + title_
                                + ": .high_priority() and bounds exclude each other");
}

route& route::max_in_flight(std::size_t n) {
  if (n == 0)
    throw std::invalid_argument("route " + title_ + ": .max_in_flight() needs a bound above 0");
  bounds_.in_flight = n;
  check_bounds();
  return *this;
}

route& route::max_queued(std::size_t n) {
  if (n == 0)
    throw std::invalid_argument("route " + title_ + ": .max_queued() needs a bound above 0");
  if (handler_.get()->is_actor())
    throw std::invalid_argument(
        "route " + title_
        + ": .max_queued() is for functions; what waits for an actor is bounded by "
          ".max_in_flight()");
  bounds_.queued = n;
  check_bounds();
  return *this;
}

route& route::high_priority() {
  bounds_.high_priority = true;
  check_bounds();
  return *this;
}

route& route::streams_content() {
  if (handler_.get()->is_actor())
    throw std::invalid_argument(
        "route " + title_
        + ": an actor takes its content whole, .streams_content() is for functions");
  streams_content_ = true;
  return *this;
}

route& route::limits(const route_limits& bounds) {
  limits_ = bounds;
  return *this;
}

route& route::timeout(std::chrono::milliseconds patience) {
  if (patience.count() < 0 || patience > longest)
    throw std::invalid_argument("route " + title_ + ": .timeout() needs 0 to 24 hours");
  timeout_ = patience;
  return *this;
}

void route::check_spawns(const char* what) const {
  if (!handler_.get()->spawns())
    throw std::invalid_argument("route " + title_ + ": " + what
                                + " is for behavior functions and sake::spawned");
}

route& route::per_request() {
  check_spawns(".per_request()");
  actors_.what = routing::actor_use::kind::per_request;
  check_outlives_requests();
  return *this;
}

void route::check_outlives_requests() const {
  if (is_supervised_ && actors_.what == routing::actor_use::kind::per_request)
    throw std::invalid_argument(
        "route " + title_
        + ": .supervised() is for actors that outlive a request, not for .per_request()");
}

bool route::shares_actors() const noexcept {
  return handler_.get()->spawns() && actors_.what != routing::actor_use::kind::per_request;
}

route& route::supervised(const supervision& bounds) {
  check_spawns(".supervised()");
  if (const char* const error = find_error(bounds))
    throw std::invalid_argument("route " + title_ + ": " + error);
  is_supervised_ = true;
  check_outlives_requests();
  actors_.supervision = bounds;
  return *this;
}

route& route::keyed_by(std::string parameter, std::chrono::milliseconds idle, std::size_t most) {
  check_spawns(".keyed_by()");
  if ((pattern_ + '/').find(":" + parameter + '/') == std::string::npos)
    throw std::invalid_argument("route " + title_ + ": the path has no parameter :" + parameter);
  if (idle.count() < 1 || most < 1)
    throw std::invalid_argument("route " + title_
                                + ": .keyed_by() needs a time and a bound above 0");
  actors_.what = routing::actor_use::kind::keyed;
  actors_.key = std::move(parameter);
  actors_.idle = idle;
  actors_.most = most;
  return *this;
}

route& route::name(std::string name) {
  title_ = std::move(name);
  return *this;
}

// -- group ------------------------------------------------------------------------

route_group::route_group(routing_registry& registry)
    : route_group(registry, registry.groups_.front()) {}

route& route_group::handle(std::string_view method, std::string_view path, handler handler) {
  return registry_->add(*node_, method, path, std::move(handler));
}

void route_group::add_middleware(const handler& middleware) {
  registry_->check_open();
  node_->middleware.push_back(checked_middleware(middleware));
}

route_group route_group::group(std::string_view prefix) {
  registry_->check_open();
  auto& node = registry_->groups_.emplace_back();
  node.prefix = prefix;
  node.parent = node_;
  return {*registry_, node};
}

} // namespace sake
