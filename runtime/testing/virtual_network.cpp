#include "virtual_network.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace sake::testing {

namespace nodes = actors::nodes;

namespace {

/// Calls of a node happen on its reactor, in a turn.
class on_reactor {
public:
  explicit on_reactor(actors::reactor& home) : here_(home), now_(home) {}

private:
  actors::reactor::stay here_;
  actors::reactor::turn now_;
};

std::pair<std::string, std::string> in_order(const std::string& one, const std::string& other) {
  return std::minmax(one, other);
}

} // namespace

struct virtual_network::dial {
  node* from = nullptr;
  std::string address;
  std::string introduction;
  std::shared_ptr<nodes::dial_listener> by;
};

/// The network of one node.
class virtual_network::node final : public nodes::network {
public:
  node(virtual_network& all, std::string address, actors::reactor& home)
      : all_(all), address_(std::move(address)), home_(home) {
    all_.nodes_[address_] = this;
  }
  ~node() override {
    close();
    if (is_alive())
      all_.nodes_.erase(address_);
  }

  void listen(nodes::network_host& host) override { host_ = &host; }
  void stop_listening() noexcept override { host_ = nullptr; }
  void dial(std::string_view address, std::string introduction,
            std::shared_ptr<nodes::dial_listener> by) override {
    all_.dials_.push_back(std::make_shared<virtual_network::dial>(
        virtual_network::dial{this, std::string{address}, std::move(introduction), std::move(by)}));
  }
  void close() noexcept override {
    host_ = nullptr;
    std::erase_if(all_.dials_, [this](const auto& each) { return each->from == this; });
  }

  [[nodiscard]] bool is_alive() const noexcept {
    const auto at = all_.nodes_.find(address_);
    return at != all_.nodes_.end() && at->second == this;
  }
  [[nodiscard]] nodes::network_host* host() const noexcept { return host_; }
  [[nodiscard]] actors::reactor& home() const noexcept { return home_; }
  [[nodiscard]] const std::string& address() const noexcept { return address_; }

private:
  virtual_network& all_;
  const std::string address_;
  actors::reactor& home_;
  nodes::network_host* host_ = nullptr;
};

/// What one side of a pipe hears next.
struct virtual_network::arrival {
  enum class kind : std::uint8_t { up, envelope, down };
  kind what = kind::up;
  /// Does not come from the other side.
  bool is_own = false;
  nodes::envelope content{};
};

/// A link, with its two sides.
struct virtual_network::pipe {
  struct side {
    std::string address;
    actors::reactor* home = nullptr;
    std::shared_ptr<nodes::link_owner> owner;
    std::deque<arrival> arrivals;
    bool is_down = false;
  };
  std::array<side, 2> sides;
  bool is_cut = false;
};

/// One side of a link, as its node sees it.
class virtual_network::end final : public nodes::link {
public:
  end(virtual_network& all, const std::shared_ptr<pipe>& along, std::size_t side)
      : all_(all), along_(along), side_(side) {}

  void send(nodes::envelope what) override {
    if (const auto along = along_.lock(); along != nullptr && !along->is_cut)
      along->sides[1 - side_].arrivals.push_back({arrival::kind::envelope, false, std::move(what)});
  }
  void cut() noexcept override {
    if (const auto along = along_.lock())
      all_.cut(along, side_);
  }

private:
  virtual_network& all_;
  const std::weak_ptr<pipe> along_;
  const std::size_t side_;
};

virtual_network::~virtual_network() = default;

std::unique_ptr<nodes::network> virtual_network::join(std::string address, actors::reactor& home) {
  return std::make_unique<node>(*this, std::move(address), home);
}

// -- events ---------------------------------------------------------------------------

std::vector<virtual_network::event> virtual_network::events() const {
  std::vector<event> found;
  for (const auto& each : dials_)
    found.push_back({each, nullptr, 0});
  for (const auto& each : pipes_)
    for (std::size_t side = 0; side < 2; ++side) {
      const auto& to = each->sides[side];
      if (!to.arrivals.empty()
          && (to.arrivals.front().is_own || !are_parted(to.address, each->sides[1 - side].address)))
        found.push_back({nullptr, each, side});
    }
  return found;
}

std::size_t virtual_network::ready() const {
  return events().size();
}

void virtual_network::handle(std::size_t i) {
  const auto which = events().at(i);
  if (which.dialling != nullptr)
    go_on(which.dialling);
  else
    arrive(which.along, which.side);
}

void virtual_network::go_on(const std::shared_ptr<dial>& which) {
  std::erase(dials_, which);
  const auto at = nodes_.find(which->address);
  auto& from = *which->from;
  std::string reason;
  if (are_parted(from.address(), which->address))
    reason = "no answer in time";
  else if (at == nodes_.end() || at->second->host() == nullptr)
    reason = "connection refused";
  if (reason.empty()) {
    connect(*which, *at->second);
    return;
  }
  const on_reactor here{from.home()};
  which->by->on_failed(reason, false);
}

void virtual_network::connect(dial& which, node& with) {
  auto& from = *which.from;
  auto& host = *with.host();
  nodes::verdict theirs;
  std::string introduction;
  {
    const on_reactor there{with.home()};
    theirs = host.judge(which.introduction, from.address());
    introduction = host.introduce();
  }
  nodes::verdict ours;
  {
    const on_reactor here{from.home()};
    if (theirs.owner != nullptr)
      ours = which.by->judge(introduction);
    if (ours.owner == nullptr)
      which.by->on_failed(theirs.owner == nullptr ? theirs.reason : ours.reason,
                          theirs.owner == nullptr);
  }
  if (ours.owner == nullptr) {
    if (theirs.owner != nullptr) {
      const on_reactor there{with.home()};
      theirs.owner->on_down();
    }
    return;
  }
  const auto made = std::make_shared<pipe>();
  made->sides[0] = {from.address(), &from.home(), ours.owner, {}, false};
  made->sides[1] = {with.address(), &with.home(), theirs.owner, {}, false};
  for (auto& each : made->sides)
    each.arrivals.push_back({arrival::kind::up, false, {}});
  pipes_.push_back(made);
  {
    const on_reactor there{with.home()};
    host.on_accepted(std::make_shared<end>(*this, made, 1), theirs.owner);
  }
  const on_reactor here{from.home()};
  which.by->on_dialled(std::make_shared<end>(*this, made, 0));
}

void virtual_network::arrive(const std::shared_ptr<pipe>& along, std::size_t side) {
  auto& to = along->sides[side];
  auto next = std::move(to.arrivals.front());
  to.arrivals.pop_front();
  const on_reactor here{*to.home};
  switch (next.what) {
    case arrival::kind::up:
      to.owner->on_up();
      break;
    case arrival::kind::envelope:
      to.owner->on_envelope(std::move(next.content));
      break;
    case arrival::kind::down:
      to.is_down = true;
      to.arrivals.clear();
      to.owner->on_down();
      if (along->sides[1 - side].is_down)
        std::erase(pipes_, along);
      break;
  }
}

// -- faults ---------------------------------------------------------------------------

// The side that cuts hears the end next; the other after the envelopes that were sent before.
void virtual_network::cut(const std::shared_ptr<pipe>& which, std::size_t by) {
  auto& own = which->sides[by];
  if (own.is_down)
    return;
  if (own.arrivals.empty() || !own.arrivals.front().is_own) {
    own.arrivals.clear();
    own.arrivals.push_back({arrival::kind::down, true, {}});
  }
  if (std::exchange(which->is_cut, true))
    return;
  auto& other = which->sides[1 - by];
  if (!other.is_down)
    other.arrivals.push_back({arrival::kind::down, false, {}});
}

bool virtual_network::are_parted(const std::string& one, const std::string& other) const {
  return parted_.contains(in_order(one, other));
}

void virtual_network::part(const std::string& one, const std::string& other) {
  parted_.insert(in_order(one, other));
}

void virtual_network::heal(const std::string& one, const std::string& other) {
  parted_.erase(in_order(one, other));
}

void virtual_network::cut(const std::string& one, const std::string& other) {
  for (const auto& each : std::vector{pipes_})
    if (in_order(each->sides[0].address, each->sides[1].address) == in_order(one, other)) {
      cut(each, 0);
      cut(each, 1);
    }
}

void virtual_network::crash(const std::string& address, bool is_noticed) {
  nodes_.erase(address);
  std::erase_if(dials_, [&](const auto& each) { return each->from->address() == address; });
  for (const auto& each : std::vector{pipes_})
    for (std::size_t side = 0; side < 2; ++side) {
      auto& gone = each->sides[side];
      if (gone.address != address)
        continue;
      gone.is_down = true;
      gone.arrivals.clear();
      each->is_cut = true;
      auto& other = each->sides[1 - side];
      if (other.is_down)
        std::erase(pipes_, each);
      else if (is_noticed)
        other.arrivals.push_back({arrival::kind::down, true, {}});
    }
}

} // namespace sake::testing
