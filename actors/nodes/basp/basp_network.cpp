#include "basp_network.hpp"

#include "../../reactor/log.hpp"

#include <exception>
#include <utility>

#include <unistd.h>

namespace sake::actors::nodes {

/// A connection that another node has begun.
class basp_network::arrival final : public link_attempt {
public:
  arrival(basp_network& network, std::string peer)
      : link_attempt(network.reactor_, network.system_, link_side::accepted, std::move(peer)),
        host_(*network.host_) {}

private:
  verdict judge(std::string_view introduction) override {
    auto decided = host_.judge(introduction, peer());
    is_known_ = decided.owner == nullptr;
    return decided;
  }
  std::string introduce() override { return host_.introduce(); }
  void on_made(const std::shared_ptr<basp_link>& made,
               const std::shared_ptr<link_owner>& owner) override {
    host_.on_accepted(made, owner);
  }
  void on_opened(std::shared_ptr<link>) override {}
  void on_not_opened(std::string reason, bool) override {
    // A node with an introduction is no stranger: two that dial at once are usual.
    log_event(is_known_ ? log_level::info : log_level::warning, "refused a connection to this node",
              {{"peer", peer()}, {"reason", std::move(reason)}});
  }

  network_host& host_;
  /// The peer has introduced itself, and was refused for that.
  bool is_known_ = false;
};

/// A connection that this node has begun.
class basp_network::departure final : public link_attempt {
public:
  departure(basp_network& network, std::string peer, std::string introduction,
            std::shared_ptr<dial_listener> by)
      : link_attempt(network.reactor_, network.system_, link_side::dialled, std::move(peer)),
        introduction_(std::move(introduction)),
        by_(std::move(by)) {}

private:
  verdict judge(std::string_view introduction) override { return by_->judge(introduction); }
  std::string introduce() override { return std::move(introduction_); }
  void on_made(const std::shared_ptr<basp_link>&, const std::shared_ptr<link_owner>&) override {}
  void on_opened(std::shared_ptr<link> made) override { by_->on_dialled(std::move(made)); }
  void on_not_opened(std::string reason, bool is_refused) override {
    by_->on_failed(std::move(reason), is_refused);
  }

  std::string introduction_;
  std::shared_ptr<dial_listener> by_;
};

basp_network::basp_network(reactor& home, caf::actor_system& system, node_settings settings)
    : reactor_(home),
      system_(system),
      settings_(std::move(settings)),
      identity_(settings_),
      self_(std::make_shared<basp_network*>(this)) {}

basp_network::~basp_network() {
  self_ = nullptr;
}

std::string basp_network::open() {
  std::string problem;
  if (!settings_.listen.empty())
    listener_ = link_listener::open(reactor_, settings_.listen, !settings_.has_tls(), problem);
  return problem.empty() ? problem
                         : "cannot listen for nodes on " + settings_.listen + ": " + problem;
}

std::string basp_network::where() const {
  return listener_ != nullptr ? listener_->where().to_string() : std::string{};
}

void basp_network::listen(network_host& host) {
  host_ = &host;
  if (listener_ == nullptr)
    if (const auto problem = open(); !problem.empty())
      log_event(log_level::error, problem);
  if (listener_ != nullptr)
    listener_->start([this](int socket, const node_address& from) { welcome(socket, from); },
                     [this] { return arrivals_ < max_arrivals; });
}

void basp_network::stop_listening() noexcept {
  listener_ = nullptr;
}

void basp_network::welcome(int socket, const node_address& from) {
  const auto context = settings_.has_tls() ? identity_.current() : nullptr;
  if (settings_.has_tls() && context == nullptr) {
    ::close(socket);
    return;
  }
  auto made = std::make_unique<arrival>(*this, from.to_string());
  const auto id = prepare(*made, true);
  made->handshake().accept(socket, context.get());
  attempts_.emplace(id, std::move(made));
  ++arrivals_;
}

void basp_network::dial(std::string_view address, std::string introduction,
                        std::shared_ptr<dial_listener> by) {
  const auto to = node_address::parse(address);
  auto made = std::make_unique<departure>(*this, std::string{address}, std::move(introduction),
                                          std::move(by));
  const auto id = prepare(*made, false);
  auto& handshake = made->handshake();
  const auto context = settings_.has_tls() ? identity_.current() : nullptr;
  if (auto problem = why_not(to); !problem.empty())
    handshake.fail_later(std::move(problem));
  else if (settings_.has_tls() && context == nullptr)
    handshake.fail_later("this node has no certificate that it could use");
  else
    handshake.dial(*to, context.get());
  attempts_.emplace(id, std::move(made));
}

std::string basp_network::why_not(const std::optional<node_address>& to) const {
  if (!to)
    return "that is not a numeric address and a port";
  if (!settings_.has_tls() && !to->is_loopback())
    return "without certificates nodes dial loopback addresses only";
  return {};
}

// Returns the number under which the attempt is to be kept.
std::uint64_t basp_network::prepare(link_attempt& made, bool has_arrived) {
  const auto id = ++last_attempt_;
  // An attempt that is gone has no entry, and its number does not come again.
  auto later = [&home = reactor_, network = std::weak_ptr{self_}, id](std::function<void()> call) {
    home.post([network, id, call = std::move(call)] {
      const auto self = network.lock();
      if (self != nullptr && (*self)->attempts_.contains(id))
        call();
    });
  };
  auto forget = [this, id, has_arrived] {
    const auto gone = attempts_.extract(id);
    arrivals_ -= has_arrived ? 1 : 0;
    if (has_arrived && listener_ != nullptr)
      listener_->resume();
  };
  made.set_ways(std::move(later), std::move(forget));
  return id;
}

void basp_network::close() noexcept {
  attempts_.clear();
  arrivals_ = 0;
  if (listener_ != nullptr)
    listener_->resume();
}

} // namespace sake::actors::nodes
