// A client of a simulation.
#pragma once

#include "matchers.hpp"
#include "memory_peer.hpp"
#include "request.hpp"
#include "response.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace sake::testing {

class simulation;

/// A client of a simulation: sends its requests in order, on one connection after the other. The
/// seed decides where its octets are split, how many requests it pipelines, how slowly it reads,
/// and whether it leaves early.
class simulated_client {
public:
  using expectation = std::function<verdict(const response&)>;

  /// The simulation, for its clients.
  class world {
  public:
    /// A number from the seed: 0 to `limit` - 1.
    virtual std::uint64_t below(std::uint64_t limit) noexcept = 0;
    virtual bool chance(unsigned percent) noexcept = 0;
    /// Adds to the trace.
    virtual void note(std::uint64_t who, std::string_view what) noexcept = 0;
    /// Adds a finding unless `holds`.
    virtual void require(bool holds, std::string_view what) = 0;
    /// Opens a connection to the app; `forget` keeps a closed one for the checks at the end.
    [[nodiscard]] virtual memory_peer connect() = 0;
    virtual void forget(memory_peer closed) = 0;

  protected:
    ~world() = default;
  };

  /// Adds a request to send, and the expectation of its response.
  simulated_client& ask(const request& what, expectation expected);
  simulated_client& ask(const request& what, const matcher& expected);
  /// Allows it to leave at any time, even with requests unanswered.
  simulated_client& may_leave() noexcept;

private:
  friend class simulation;

  struct question {
    std::string title;
    std::string octets;
    bool to_head;
    expectation expected;
  };

  simulated_client(world& own, std::size_t number);

  [[nodiscard]] bool is_ready() const;
  void act();
  void hang_up();
  [[nodiscard]] bool is_gone() const { return !peer_ || peer_->is_gone(); }
  /// One sentence that lists its unanswered requests, or empty.
  [[nodiscard]] std::string unanswered() const;

  [[nodiscard]] bool can_connect() const;
  [[nodiscard]] bool can_begin() const;
  void connect();
  void begin_next();
  void send_some();
  void take();
  void take_response(const response& got);
  void connection_closed();

  world& world_;
  std::size_t number_;
  std::deque<question> questions_;
  /// Requests sent, at least in part, and not answered.
  std::deque<question> asked_;
  std::optional<memory_peer> peer_;
  response_reader reader_;
  std::string unsent_;
  std::size_t max_ahead_;
  bool reads_slowly_;
  bool may_leave_ = false;
  bool has_left_ = false;
  bool end_announced_ = false;
};

} // namespace sake::testing
