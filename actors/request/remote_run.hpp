// The run of a handler on another node.
#pragma once

#include "../../http/content_stream.hpp"
#include "../../http/response.hpp"
#include "../../routing/remote_call.hpp"
#include "../../routing/route_map.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <utility>

namespace sake::actors {

/// The run of a handler on another node, between the request that wants it and the dispatcher that
/// has it. One at a time. Belongs to the reactor of the request.
class remote_run {
public:
  /// The request whose handler runs.
  class caller {
  public:
    [[nodiscard]] virtual const routing::endpoint& endpoint() const noexcept = 0;
    /// The work of the handler, as it is now. May throw.
    [[nodiscard]] virtual routing::remote_call remote_work() const = 0;
    /// The content that the handler takes as it arrives; null: there is none, or it is whole.
    [[nodiscard]] virtual std::shared_ptr<http::content_stream> arriving_content()
        const noexcept = 0;
    /// Whether every value that middleware has set can travel.
    [[nodiscard]] virtual bool may_travel() const noexcept = 0;
    /// Whether a second run of the handler does no harm (RFC 9110 §9.2.2).
    [[nodiscard]] virtual bool is_idempotent() const noexcept = 0;
    /// The outcome is here. In another turn than the beginning.
    virtual void on_remote_outcome() noexcept = 0;
    virtual void add_owner() noexcept = 0;
    virtual void drop_owner() noexcept = 0;

  protected:
    ~caller() = default;
  };

  explicit remote_run(caller& by) noexcept : by_(by) {}
  remote_run(const remote_run&) = delete;
  remote_run& operator=(const remote_run&) = delete;

  // -- for the dispatcher, which owns the caller while it has the run ---------------

  [[nodiscard]] const caller& by() const noexcept { return by_; }
  void add_owner() noexcept { by_.add_owner(); }
  void drop_owner() noexcept { by_.drop_owner(); }

  // The outcome, one of these, once; none after `node_dispatcher::call_off`.

  /// Another node has run the handler.
  void answer(http::response response) noexcept {
    response_ = std::move(response);
    end(outcome::answered);
  }
  /// Another node runs the handler, which writes its response piece by piece. No other outcome
  /// follows. `content` fails if the node is lost.
  void open(http::response head, std::optional<std::uint64_t> length,
            std::shared_ptr<http::content_stream> content) noexcept {
    response_ = std::move(head);
    length_ = length;
    content_ = std::move(content);
    end(outcome::opened);
  }
  /// The node that may have begun the handler is lost, and no other may run it.
  void lose() noexcept { end(outcome::lost); }
  /// No other node has begun the handler, and none takes it: it runs here.
  void send_home() noexcept { end(outcome::sent_home); }
  /// The same, where it may not run here.
  void refuse() noexcept { end(outcome::refused); }

  /// The number of the attempt that is under way; 0: none.
  std::uint64_t attempt = 0;
  /// How often nodes have refused it.
  unsigned refusals = 0;

  // -- for the caller ---------------------------------------------------------------

  enum class outcome : std::uint8_t { none, answered, opened, lost, sent_home, refused };

  void begin() noexcept { is_wanted_ = true; }
  /// Whether the dispatcher may still have it: until it is reset.
  [[nodiscard]] bool is_wanted() const noexcept { return is_wanted_; }
  [[nodiscard]] bool has_outcome() const noexcept { return outcome_ != outcome::none; }
  [[nodiscard]] outcome take_outcome() noexcept { return std::exchange(outcome_, outcome::none); }
  [[nodiscard]] http::response take_response() noexcept {
    return std::exchange(response_, http::response{nullptr});
  }
  [[nodiscard]] std::optional<std::uint64_t> length() const noexcept { return length_; }
  [[nodiscard]] std::shared_ptr<http::content_stream> take_content() noexcept {
    return std::move(content_);
  }
  /// Prepares it for the next run.
  void reset() noexcept {
    is_wanted_ = false;
    outcome_ = outcome::none;
    response_ = http::response{nullptr};
    content_.reset();
  }

private:
  void end(outcome how) noexcept {
    outcome_ = how;
    by_.on_remote_outcome();
  }

  caller& by_;
  bool is_wanted_ = false;
  outcome outcome_ = outcome::none;
  http::response response_{nullptr};
  std::optional<std::uint64_t> length_;
  std::shared_ptr<http::content_stream> content_;
};

} // namespace sake::actors
