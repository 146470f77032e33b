// One attempt to become a link, from the connection until BASP has begun.
#pragma once

#include "../../reactor/deadline_wheel.hpp"
#include "basp_link.hpp"
#include "link_handshake.hpp"

#include <caf/fwd.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace sake::actors::nodes {

/// One attempt to become a link: a handshake, then the beginning of BASP within 2 s. Belongs to the
/// reactor's thread.
class link_attempt : private link_handshake::events, private deadline {
public:
  static constexpr std::chrono::milliseconds basp_limit{2000};

  /// Runs its argument on the reactor, unless the attempt is gone by then. Safe from any thread.
  using run_later = std::function<void(std::function<void()>)>;
  /// Destroys the attempt.
  using forget = std::function<void()>;

  ~link_attempt() override;

  [[nodiscard]] link_handshake& handshake() noexcept { return handshake_; }
  void set_ways(run_later later, forget end);

protected:
  /// @param peer  address of the other node
  link_attempt(reactor& home, caf::actor_system& system, link_side own, std::string peer);

  [[nodiscard]] const std::string& peer() const noexcept { return peer_; }

  /// There is a link, which does not carry envelopes yet.
  virtual void on_made(const std::shared_ptr<basp_link>& made,
                       const std::shared_ptr<link_owner>& owner) = 0;
  /// The link carries envelopes.
  virtual void on_opened(std::shared_ptr<link> made) = 0;
  virtual void on_not_opened(std::string reason, bool is_refused) = 0;

private:
  void on_done(std::unique_ptr<link_channel> channel, std::shared_ptr<link_owner> owner) override;
  void on_failed(std::string reason, const std::shared_ptr<link_owner>& admitted,
                 bool is_refused) override;
  void expired(time_point now) override;
  void settle(std::string problem);

  reactor& reactor_;
  caf::actor_system& system_;
  const link_side side_;
  const std::string peer_;
  link_handshake handshake_;
  run_later later_;
  forget forget_;
  /// Set while BASP has not begun.
  std::shared_ptr<basp_link> link_;
};

} // namespace sake::actors::nodes
