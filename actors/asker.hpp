// Requests from coroutines to actors.
#pragma once

#include <sake/actors/deadline_wheel.hpp>
#include <sake/actors/reactor_actor.hpp>

#include <caf/error.hpp>
#include <caf/message.hpp>

#include <chrono>
#include <cstdint>
#include <unordered_map>

namespace sake::actors {

/// Sends requests to actors on behalf of what has no address of its own, and tells each its
/// answer. One per reactor; used on its thread.
class asker final : public reactor_actor {
public:
  /// A request under way. Whoever asks owns it, and calls it off by destroying it.
  class question : private deadline {
  public:
    question() = default;
    question(const question&) = delete;
    question& operator=(const question&) = delete;
    virtual ~question() { call_off(); }
    /// @returns whether it was under way
    bool call_off() noexcept;

  private:
    friend class asker;
    /// Exactly one of these is called, once, unless the question is called off.
    virtual void answered(caf::message content) = 0;
    virtual void failed(caf::error reason) = 0;
    void expired(time_point now) override;

    asker* asker_ = nullptr;
    std::uint64_t id_ = 0;
  };

  asker(caf::actor_config& cfg, actors::reactor& home) : reactor_actor(cfg, home) {}
  const char* name() const override { return "sake.asker"; }

  /// Sends `message` to `whom` as a request. The answer comes with `question::answered`; an error,
  /// the end of `whom`, or the deadline with `failed`; a null `whom` with `failed` at once.
  ///
  /// @param patience  zero for no deadline
  void ask(question& asking, const caf::strong_actor_ptr& whom, caf::mailbox_element_ptr message,
           std::chrono::milliseconds patience);

private:
  void receive(caf::mailbox_element_ptr& message) override;

  std::unordered_map<std::uint64_t, question*> questions_;
  std::uint64_t last_id_ = 0;
};

} // namespace sake::actors
