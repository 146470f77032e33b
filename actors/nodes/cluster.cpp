#include "cluster.hpp"

#include <algorithm>
#include <utility>

namespace sake::actors::nodes {

namespace {

// Enough for requests of microseconds, a round trip apart.
constexpr std::size_t default_credit = 256;

std::size_t credit_of(const cluster_setup& setup) noexcept {
  return setup.settings.credit != 0 ? setup.settings.credit
                                    : std::max(default_credit, 2 * setup.workers());
}

} // namespace

cluster::cluster(cluster_setup setup)
    : setup_(std::move(setup)),
      shared_{.role = setup_.settings.role,
              .reactors = setup_.shards.size(),
              .credit = credit_of(setup_),
              .max_queued = setup_.max_queued,
              .patience = setup_.settings.death,
              .load = setup_.load} {
  for (auto* const each : setup_.shards) {
    auto& made = *dispatchers_.emplace_back(std::make_unique<dispatcher>(*each, shared_));
    lanes_.push_back({&each->reactor(), &made});
    each->use_nodes(made);
  }
  membership_ = std::make_unique<membership>(membership_setup{.settings = setup_.settings,
                                                              .own = introduce_own(),
                                                              .routes = setup_.routes,
                                                              .lanes = lanes_,
                                                              .dispatchers = dispatchers_,
                                                              .net = setup_.net,
                                                              .names = setup_.names,
                                                              .load = setup_.load,
                                                              .workers = setup_.workers,
                                                              .on_event = setup_.on_event});
  shared_.control = membership_.get();
}

cluster::~cluster() = default;

introduction cluster::introduce_own() const {
  introduction own{.min_version = min_version,
                   .max_version = max_version,
                   .id = setup_.id,
                   .name = setup_.settings.name,
                   .address = setup_.settings.listen,
                   .role = setup_.settings.role,
                   .width = static_cast<std::uint32_t>(setup_.workers()),
                   .credit = static_cast<std::uint32_t>(credit_of(setup_)),
                   .reactors = static_cast<std::uint16_t>(setup_.shards.size()),
                   .routes = {}};
  const auto& endpoints = setup_.routes.endpoints();
  for (std::size_t i = 0; i < setup_.routes.route_count(); ++i)
    if (endpoints[i].place.where == routing::placement::kind::pool
        && endpoints[i].may_run_elsewhere())
      own.routes.push_back(setup_.routes.id_of(i));
  return own;
}

void cluster::start() {
  home().post([this] { membership_->start(); });
}

void cluster::drain() {
  home().post([this] { membership_->drain(); });
}

void cluster::leave(std::function<void()> done) {
  home().post([this, done = std::move(done)]() mutable { membership_->leave(std::move(done)); });
}

void cluster::close() noexcept {
  membership_->close();
  for (const auto& each : dispatchers_)
    each->close_all();
}

} // namespace sake::actors::nodes
